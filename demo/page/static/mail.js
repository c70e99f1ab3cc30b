// A person's mails: the inbox, and one mail with its invite as a card and its source a click away.

import { clock, fullDay, shortDay } from "./dates.js";
import { $, h, hidden, icon, refill } from "./dom.js";
import { get, post } from "./server.js";
import { complain, state } from "./store.js";
import { t } from "./texts.js";

let chosen = null; // the mail that is open: whose, and its number
let latest = 0;

export async function drawMail(screen) {
  const number = (latest += 1);
  const box = await get("/api/inbox", { person: screen.me });
  if (number !== latest || state.place !== "mail" || state.person !== screen.me) return;
  const open = chosen?.person === screen.me ? chosen : null;
  const known = [...box.mails, ...box.others];
  const list = h("div", { class: "mail-list" }, group(null, box.mails), box.others.length > 0 && group(t("mail.others"), box.others));
  const empty = h("div", { class: "empty" }, h("p", { class: "empty-title" }, t("mail.empty")), h("p", {}, t("mail.empty_more")));
  const reader = h("div", { class: "mail-reader", id: "mail-reader" });
  const head = h("header", { class: "room-head" }, h("h2", {}, icon("mail"), t("place.mail")), h("p", {}, box.address));
  const scroll = h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("place.mail") }, known.length ? h("div", { class: "mails" }, list, reader) : empty);
  const version = JSON.stringify([screen.me, box]);
  const room = $("room");
  if (room.dataset.mails !== version || !room.querySelector(".mails, .empty")) {
    room.dataset.mails = version;
    refill(room, head, scroll);
    if (open) await read(open.number);
    else if (box.mails.length && matchMedia("(min-width: 900px)").matches) await read(box.mails[0].number, false);
  }
}

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
        onclick: () => read(mail.number, true),
      },
      h("span", { class: "mail-from" }, mail.opened ? null : hidden(`${t("mail.unread")} `), mail.from, h("time", { datetime: mail.at }, shortDay(mail.at))),
      h("span", { class: "mail-subject" }, mail.subject),
      mail.invite && h("span", { class: "chip" }, t("mail.invite")),
    ),
  );
}

async function read(number, focus = false) {
  chosen = { person: state.person, number };
  let mail;
  try {
    mail = await get("/api/mail", { number });
  } catch (error) {
    complain(error.message);
    return;
  }
  for (const button of document.querySelectorAll(".mail-line")) {
    const its = button.dataset.mail === String(number);
    if (its) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  const reader = $("mail-reader");
  if (!reader) return;
  reader.replaceChildren(
    h(
      "article",
      { "aria-labelledby": "mail-title" },
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
    ),
  );
  if (focus) {
    $("mail-title").focus({ preventScroll: true });
    reader.scrollIntoView({ block: "nearest" });
  }
}

const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));

function card(mail) {
  const invite = mail.invite;
  const what = invite.cancelled ? "cancelled" : invite.sequence > 0 ? "changed" : "fresh";
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
  delete $("room").dataset.mails;
}

