// Behind the scenes: what the bot keeps, requests to it, its calls, and Slack's bad days.

import { clock, shortDay } from "./dates.js";
import { $, h, icon, reconcile } from "./dom.js";
import { drawLedger } from "./ledger.js";
import { get, post } from "./server.js";
import { complain, refresh, state } from "./store.js";
import { t } from "./texts.js";

const TABS = ["journal", "reminders", "outbox", "requests", "calls", "troubles"];
const panel = $("behind");
const toggle = $("behind-button");
let tab = "journal";
let latest = 0;

export function beginBehind() {
  toggle.addEventListener("click", () => (panel.hidden ? show() : hide()));
}

const narrow = matchMedia("(max-width: 820px)");
narrow.addEventListener("change", coverRest);

/** On a narrow screen the panel covers everything else, so nothing else can be reached meanwhile. */
function coverRest() {
  for (const part of document.querySelectorAll(".top, .people, .places, main")) part.inert = narrow.matches && !panel.hidden;
}

export function show(which = tab) {
  tab = which;
  panel.hidden = false;
  coverRest();
  document.body.classList.add("with-behind");
  toggle.setAttribute("aria-expanded", "true");
  frame();
  update();
  panel.querySelector(`#tab-${tab}`).focus();
}

function hide() {
  panel.hidden = true;
  coverRest();
  document.body.classList.remove("with-behind");
  toggle.setAttribute("aria-expanded", "false");
  toggle.focus();
}

function frame() {
  const tabs = TABS.map((name) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": "behind-content",
        "aria-selected": String(name === tab),
        tabIndex: name === tab ? 0 : -1,
        onclick: () => choose(name),
        onkeydown: turn,
      },
      t(`behind.${name}`),
    ),
  );
  panel.replaceChildren(
    h("header", { class: "behind-head" }, h("h2", {}, t("behind.title")), h("button", { type: "button", class: "quiet", "aria-label": t("behind.close"), onclick: hide }, icon("close"))),
    h("div", { class: "tabs", role: "tablist", "aria-label": t("behind.title") }, tabs),
    h("div", { id: "behind-content", class: "behind-content", role: "tabpanel", "aria-labelledby": `tab-${tab}`, tabIndex: 0 }, h("p", { class: "about" }, t(`behind.${tab}.about`)), h("div", { id: "behind-body" })),
  );
}

function turn(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  choose(TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]);
  panel.querySelector(`#tab-${tab}`).focus();
}

function choose(name) {
  tab = name;
  frame();
  update();
  panel.querySelector(`#tab-${tab}`).focus();
}

/** Bring what stands there up to date. */
export async function update(screen = state.screen) {
  if (panel.hidden) return;
  if (tab === "troubles") return drawTroubles(screen);
  const order = (latest += 1);
  const found = await get("/api/behind");
  if (order !== latest || panel.hidden || tab === "troubles") return;
  DRAW[tab]($("behind-body"), found);
}

const DRAW = {
  requests: (body, found) => entries(body, found.requests, (held) => `${held.at} ${held.signature} ${held.what}`, request),
  calls: (body, found) => entries(body, found.calls, (held, index) => `${held.at} ${held.method} ${held.number ?? found.calls.length - index}`, call),
  journal: (body, found) => drawLedger(body, found, "journal"),
  outbox: (body, found) => drawLedger(body, found, "outbox"),
  reminders: (body, found) => drawLedger(body, found, "reminders"),
};

const when = (at) => h("time", { datetime: at }, `${shortDay(at)} ${clock(at)}`);
const json = (held) => h("pre", { tabIndex: 0 }, typeof held === "string" ? held : JSON.stringify(held, null, 2));
const mark = (good, words) => h("span", { class: good ? "mark-good" : "mark-bad" }, words);

function listIn(body) {
  const list = body.querySelector(":scope > ul.entries");
  if (list) return list;
  const made = h("ul", { class: "entries" });
  body.replaceChildren(made);
  return made;
}

function entries(body, items, key, draw) {
  if (!items.length) return body.replaceChildren(h("p", { class: "quiet-line" }, t("behind.nothing")));
  const keyed = items.map((item, index) => ({ item, key: key(item, index) }));
  reconcile(listIn(body), keyed, (held) => held.key, (held) => held.key, (held) => h("li", {}, draw(held.item)));
}

function request(held) {
  const good = held.status === 200 && !held.failure;
  return h(
    "details",
    {},
    h("summary", {}, h("span", { class: "entry-what" }, held.what), h("span", { class: "entry-who" }, `${held.who}, `, when(held.at)), h("span", { class: "entry-marks" }, mark(Boolean(held.signature), held.signature ? t("behind.signed") : t("behind.unsigned")), mark(good, t("behind.acked", { ms: held.ack_ms, status: held.status ?? held.failure })))),
    h("dl", { class: "entry-facts" }, pair("X-Slack-Signature", held.signature), pair("X-Slack-Request-Timestamp", held.timestamp), pair(t("behind.size"), t("behind.bytes", { n: held.size }))),
    h("h4", {}, t("behind.payload")),
    json(held.payload),
    h("h4", {}, t("behind.answer")),
    json(Object.keys(held.answer || {}).length ? held.answer : t("behind.empty_answer")),
  );
}

const pair = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, h("code", {}, value)));

/** What the bot did in a room on Matrix: what its server sees, and what only the people in the room read. */
function sending(held) {
  return h(
    "details",
    {},
    h("summary", {}, h("span", { class: "entry-what" }, held.method), h("span", { class: "entry-who" }, when(held.at)), h("span", { class: "entry-marks" }, mark(held.sealed, t(held.sealed ? "behind.sealed" : "behind.clear")))),
    h("h4", {}, t("behind.server_sees")),
    json(held.seen),
    held.sealed && h("h4", {}, t("behind.people_read")),
    held.sealed && json(held.read),
  );
}

function call(held) {
  if (held.matrix) return sending(held);
  const checked = held.violations.length === 0;
  const outcome = held.fault ? t("behind.fault", { fault: held.fault, status: held.status || "–" }) : held.ok ? "ok" : held.error;
  return h(
    "details",
    {},
    h("summary", {}, h("span", { class: "entry-what" }, held.method), h("span", { class: "entry-who" }, when(held.at)), h("span", { class: "entry-marks" }, mark(held.ok, outcome), mark(checked, checked ? t("behind.checked") : t("behind.broken", { n: held.violations.length })))),
    held.violations.length > 0 && h("ul", {}, held.violations.map((broken) => h("li", {}, `${broken.where}: ${broken.text}`))),
    h("h4", {}, t("behind.args")),
    json(readable(held.args)),
    h("h4", {}, t("behind.answer")),
    json(held.result),
  );
}

/** Blocks and views travel as strings of JSON; they are easier to read as what they are. */
function readable(args) {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      try {
        return [name, typeof value === "string" && /^[[{]/.test(value) ? JSON.parse(value) : value];
      } catch {
        return [name, value];
      }
    }),
  );
}

// ---- bad days --------------------------------------------------------------------------------------------------

const turning = new Set(); // the switches that were just turned and are not answered yet
const TROUBLES = ["limited", "erring", "outage", "outsider"];

/** While nothing gets through, say so where people wait for an answer. */
export function drawOutage(screen) {
  const notice = $("outage");
  const out = screen.troubles.outage;
  const now = screen.look === "matrix" ? "trouble.elsewhere" : "trouble.now";
  const version = out ? now : "";
  if ((notice.dataset.version ?? "") === version) return;
  notice.dataset.version = version;
  notice.hidden = !out;
  const end = h("button", { type: "button", class: "quiet", onclick: () => turnTrouble("outage", false) }, t("trouble.end"));
  notice.replaceChildren(...(out ? [h("p", {}, t(now)), end] : []));
}

async function turnTrouble(kind, on) {
  turning.add(kind);
  try {
    await post("/api/trouble", { kind, on });
  } catch (error) {
    complain(error.message);
  }
  turning.delete(kind);
  await refresh();
}

function drawTroubles(screen) {
  const body = $("behind-body");
  if (!body.querySelector(".troubles")) body.replaceChildren(h("div", { class: "troubles" }, TROUBLES.map(toggleOf)));
  for (const kind of TROUBLES) if (!turning.has(kind)) $(`trouble-${kind}`).checked = screen.troubles[kind];
}

function toggleOf(kind) {
  const box = h("input", { type: "checkbox", role: "switch", id: `trouble-${kind}`, "aria-describedby": `trouble-${kind}-about` });
  box.addEventListener("change", () => turnTrouble(kind, box.checked));
  return h("div", { class: "trouble" }, box, h("label", { for: box.id }, t(`trouble.${kind}`)), h("p", { id: `trouble-${kind}-about` }, t(`trouble.${kind}.about`)));
}
