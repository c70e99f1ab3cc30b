// Behind the scenes, for an auditor: journal, reminders and outbox in words, by case, person and day; and the seal.

import { clock, isoDay, shortDay, weekday } from "./dates.js";
import { h, reconcile } from "./dom.js";
import { post } from "./server.js";
import { complain } from "./store.js";
import { counted, t } from "./texts.js";

const ROWS = { journal: "journal", reminders: "reminders", outbox: "letters" };
const chosen = { code: "", who: "", day: "" }; // what is looked for, in all three alike
let checked = null; // what the last check of the seal found

/** Draw one of the three into a body that is kept while it stands. */
export function drawLedger(body, found, name) {
  const rows = found[ROWS[name]];
  let place = body.querySelector(":scope > .ledger");
  if (place?.dataset.of !== name) {
    place = h("div", { class: "ledger", "data-of": name }, name === "journal" && seal(), filters(body), h("p", { class: "counts" }), h("ol", { class: "rows" }));
    body.replaceChildren(place);
  }
  body.redraw = () => drawLedger(body, found, name);
  offer(place, found, rows);
  const shown = rows.filter((row) => matches(row));
  place.querySelector(".counts").textContent = told(found, rows, shown, name);
  reconcile(place.querySelector(".rows"), withDays(shown), (item) => item.key, (item) => item.key, (item) => (item.day ? dayLine(item) : h("li", {}, DRAW[name](item))));
}

const matches = (row) => (!chosen.code || row.code === chosen.code) && (!chosen.who || row.who === chosen.who) && (!chosen.day || isoDay(row.at) === chosen.day);

function told(found, rows, shown, name) {
  if (!rows.length) return t("behind.nothing");
  const words = counted("behind.rows", shown.length, { of: rows.length });
  const held = found.cases.find((one) => one.code === chosen.code);
  const about = held && (held.due_at ? t("behind.due", { state: held.state, owner: held.owner, day: `${shortDay(held.due_at)} ${clock(held.due_at)}` }) : t("behind.no_due", { state: held.state, owner: held.owner }));
  return [words, name === "outbox" && t("behind.counts", found.counts), about].filter(Boolean).join(" ");
}

/** Rows with a line before each new day. */
function withDays(rows) {
  let day = "";
  return rows.flatMap((row) => {
    const its = isoDay(row.at);
    const line = its === day ? [] : [{ key: `day ${its}`, day: row.at }];
    day = its;
    return [...line, row];
  });
}

const dayLine = (item) => h("li", { class: "row-day" }, weekday(item.day));

// ---- looking for something -----------------------------------------------------------------------------------------

function filters(body) {
  const pick = (name) => {
    const id = `look-${name}`;
    const select = h("select", { id, "data-look": name, "data-focus": id });
    select.addEventListener("change", () => {
      chosen[name] = select.value;
      body.redraw();
    });
    return h("div", {}, h("label", { for: id }, t(`behind.look.${name}`)), select);
  };
  return h("div", { class: "look", role: "group", "aria-label": t("behind.look") }, pick("code"), pick("who"), pick("day"));
}

/** Offer what there is to be chosen, and keep what is chosen. */
function offer(place, found, rows) {
  const days = new Map(rows.map((row) => [isoDay(row.at), shortDay(row.at)]));
  const names = [...new Set(rows.map((row) => row.who))].sort((one, other) => one.localeCompare(other));
  const offered = { code: found.cases.map((held) => [held.code, held.code]), who: names.map((name) => [name, name]), day: [...days] };
  for (const select of place.querySelectorAll("[data-look]")) {
    const name = select.dataset.look;
    if (chosen[name] && !offered[name].some(([value]) => value === chosen[name])) chosen[name] = "";
    const version = JSON.stringify(offered[name]);
    if (select.dataset.version !== version) {
      select.dataset.version = version;
      select.replaceChildren(h("option", { value: "" }, t(`behind.look.${name}.all`)), ...offered[name].map(([value, words]) => h("option", { value }, words)));
    }
    select.value = chosen[name];
  }
}

// ---- rows ----------------------------------------------------------------------------------------------------------

const when = (at) => h("time", { datetime: at }, clock(at));
const mark = (kind, words) => h("span", { class: `mark-${kind}` }, words);
const caseOf = (row) => (row.code ? h("span", { class: "row-code" }, row.code) : t("behind.system"));

const DRAW = { journal: journalRow, reminders: reminderRow, outbox: letterRow };

function journalRow(row) {
  return [
    h("p", { class: "row-what" }, h("strong", {}, row.what), row.agency && h("span", {}, row.agency)),
    h("p", { class: "row-who" }, when(row.at), ` · ${row.who} · `, caseOf(row)),
    row.more.length > 0 && h("p", { class: "row-details" }, row.more.join(" · ")),
    h("details", { class: "source" }, h("summary", {}, t("behind.raw", { row: row.seq })), h("pre", { tabIndex: 0 }, JSON.stringify(row.raw, null, 2))),
  ];
}

const REMINDER = { done: "good", open: "bad", snoozed: "quiet" };

function reminderRow(row) {
  const until = row.until && `${shortDay(row.until)} ${clock(row.until)}`;
  return [
    h("p", { class: "row-what" }, h("strong", {}, row.what), mark(REMINDER[row.state], t(`reminder.state.${row.state}`, { until }))),
    h("p", { class: "row-who" }, when(row.at), ` · ${t("behind.to", { who: row.who })} · `, caseOf(row)),
  ];
}

const LETTER = { sent: "good", dropped: "quiet" };

function letterRow(row) {
  const why = row.why ? `: ${row.why}` : "";
  return [
    h("p", { class: "row-what" }, h("strong", {}, row.what), mark(LETTER[row.state] ?? "bad", `${t(`letter.${row.state}`)}${why}`)),
    h("p", { class: "row-who" }, when(row.at), ` · ${t("behind.to", { who: row.who })} · `, caseOf(row), row.attempts > 1 ? ` · ${t("behind.attempts", { n: row.attempts })}` : ""),
  ];
}

// ---- the seal ------------------------------------------------------------------------------------------------------

function seal() {
  const result = h("div", { class: "seal-result", role: "status" });
  const tell = () => {
    result.className = checked ? `seal-result ${checked.whole ? "good" : "broken"}` : "seal-result";
    result.replaceChildren(...(checked?.words ?? []).map((words) => h("p", {}, words)));
  };
  const check = async () => {
    try {
      checked = await post("/api/seal", {});
      tell();
    } catch (error) {
      complain(error.message);
    }
  };
  tell();
  return h("div", { class: "seal" }, h("button", { type: "button", id: "check-seal", onclick: check }, t("seal.check")), result);
}
