// A person's mails: the inbox, and one mail with its invite as a card and its source a click away.

import { clock, fullDay, shortDay } from "./dates.js";
import { $, h, hidden, icon, refill } from "./dom.js";
import { get, post } from "./server.js";
import { complain, state } from "./store.js";
import { t } from "./texts.js";

let shown = null; // what stands in the room: whose mails, which is open, and its text as it was drawn
let latest = 0;

/** Draw the mails; the address names the one that is open. On a wide screen the newest is open unless another is. */
export async function drawMail(screen) {
  const number = (latest += 1);
  const box = await get("/api/inbox", { person: screen.me });
  if (number !== latest || state.place !== "mail" || state.person !== screen.me) return;
  if (shown?.person !== screen.me) begin(screen.me, box);
  const known = [...box.mails, ...box.others];
  const version = JSON.stringify(box);
  if (shown.version !== version) {
    shown.version = version;
    refill(shown.list, group(null, box.mails), box.others.length > 0 && group(t("mail.others"), box.others));
  }
  shown.empty.hidden = known.length > 0;
  shown.mails.hidden = known.length === 0;
  const asked = known.find((mail) => String(mail.number) === state.detail);
  await open(asked ?? (wide.matches ? box.mails[0] : undefined), Boolean(asked));
}

const wide = matchMedia("(min-width: 900px)");
wide.addEventListener("change", () => state.place === "mail" && drawMail(state.screen).catch((error) => complain(error.message)));

function begin(person, box) {
  const list = h("div", { class: "mail-list" });
  const reader = h("div", { class: "mail-reader", id: "mail-reader" });
  const mails = h("div", { class: "mails" }, list, reader);
  const empty = h("div", { class: "empty" }, h("p", { class: "empty-title" }, t("mail.empty")), h("p", {}, t("mail.empty_more")));
  const head = h("header", { class: "room-head" }, h("h2", {}, icon("mail"), t("place.mail")), h("p", {}, box.address));
  const scroll = h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("place.mail") }, mails, empty);
  shown = { person, list, reader, mails, empty, scroll, version: "", open: null, text: "" };
  $("room").replaceChildren(head, scroll);
}

const addressOf = (number) => `#/${state.person}/mail${number === null ? "" : `/${number}`}`;

function group(title, mails) {
  return h(
    "section",
    {},
    title && h("h3", {}, title),
    h("ul", {}, mails.map(line)),
  );
}

function line(mail) {
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: mail.opened ? "mail-line" : "mail-line unread",
        "data-focus": `mail-${mail.number}`,
        "data-mail": String(mail.number),
        onclick: () => (location.hash = addressOf(mail.number)),
      },
      h("span", { class: "mail-from" }, mail.opened ? null : hidden(`${t("mail.unread")} `), mail.from, h("time", { datetime: mail.at }, shortDay(mail.at))),
      h("span", { class: "mail-subject" }, mail.subject),
      mail.invite && h("span", { class: mail.invite === "cancelled" ? "chip gone" : "chip" }, t(`mail.kind.${mail.invite}`)),
    ),
  );
}

/** Open a mail, or none. Who asked for it by its line is taken to its text. */
async function open(line, asked) {
  const stands = shown;
  const before = stands.open;
  stands.open = line?.number ?? null;
  stands.mails.classList.toggle("reading", asked);
  for (const button of stands.list.querySelectorAll(".mail-line")) {
    if (button.dataset.mail === String(stands.open)) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (!line) {
    stands.text = "";
    stands.reader.replaceChildren();
    if (before !== null && !document.activeElement?.closest("main, nav")) stands.list.querySelector(`[data-mail="${before}"]`)?.focus();
    return;
  }
  const mail = await get("/api/mail", { number: line.number });
  if (stands !== shown || stands.open !== line.number) return;
  const text = JSON.stringify(mail);
  const other = before !== line.number || stands.text === "";
  if (stands.text !== text) refill(stands.reader, article(mail));
  stands.text = text;
  if (!asked || !other) return;
  stands.scroll.scrollTop = 0;
  $("mail-title").focus({ preventScroll: true });
}

function article(mail) {
  return h(
    "article",
    { "aria-labelledby": "mail-title" },
    h("a", { class: "button mail-back", href: addressOf(null), "data-focus": "mail-back" }, icon("left"), t("mail.back")),
    h("h3", { id: "mail-title", tabIndex: -1 }, mail.subject),
    h(
      "dl",
      { class: "mail-facts" },
      fact(t("mail.from"), `${mail.from} <${mail.address}>`),
      fact(t("mail.to"), mail.to),
      fact(t("mail.sent"), `${fullDay(mail.at)} ${clock(mail.at)}`),
    ),
    mail.invite && card(mail),
    h("div", { class: "mail-text" }, mail.text.trim()),
    h("details", { class: "source" }, h("summary", {}, t("mail.source")), h("pre", { tabIndex: 0 }, mail.raw)),
    mail.calendar && h("details", { class: "source" }, h("summary", {}, t("mail.calendar_source")), h("pre", { tabIndex: 0 }, mail.calendar)),
  );
}

const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));

function card(mail) {
  const invite = mail.invite;
  const what = invite.kind;
  return h(
    "section",
    { class: `invite ${what}`, "aria-label": t("mail.invite") },
    h("p", { class: "invite-date", "aria-hidden": "true" }, h("span", {}, new Date(invite.start).getDate()), h("span", {}, shortDay(invite.start).split(" ").at(-1))),
    h(
      "div",
      { class: "invite-body" },
      h("p", { class: "invite-kind" }, t(`mail.kind.${what}`)),
      h("p", { class: "invite-title" }, invite.summary),
      h("p", {}, t("mail.when", { day: fullDay(invite.start), from: clock(invite.start), to: clock(invite.end) })),
      invite.location && h("p", {}, t("mail.where", { place: invite.location })),
      !invite.cancelled && answers(mail),
      h("p", { class: "invite-actions" }, h("a", { class: "button", href: `/invites/${mail.number}/invite.ics`, download: "invite.ics" }, icon("download"), t("mail.download")), h("a", { class: "button", href: `#/${state.person}/calendar/${invite.start.slice(0, 7)}` }, icon("calendar"), t("mail.show_calendar"))),
    ),
  );
}

const replied = new Map(); // what was answered, by the mail's number
const ANSWERS = ["ACCEPTED", "TENTATIVE", "DECLINED"];

/** Yes, maybe or no from the calendar: it goes to the bot as a mail of its own. */
function answers(mail) {
  const before = replied.get(mail.number);
  const told = h("p", { class: "invite-told", role: "status" }, before && t(`mail.replied.${before}`));
  const send = async (answer) => {
    try {
      await post("/api/reply", { number: mail.number, answer });
      replied.set(mail.number, answer);
      $("mail-reader").querySelector(".invite-told").textContent = t(`mail.replied.${answer}`);
    } catch (error) {
      complain(error.message);
    }
  };
  const buttons = ANSWERS.map((answer) => h("button", { type: "button", "data-focus": answer, onclick: () => send(answer) }, t(`mail.reply.${answer}`)));
  return h("div", { role: "group", "aria-label": t("mail.reply"), class: "invite-answers" }, buttons, told);
}

export function leaveMail() {
  latest += 1;
  shown = null;
}

