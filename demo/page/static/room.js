// A channel or the direct messages with the bot: what was said, and the line to type in.

import { announce } from "./announcer.js";
import { blocks } from "./blocks.js";
import { closeSuggestions, composer, drawCodes } from "./composer.js";
import { clock, isoDay, weekday } from "./dates.js";
import { $, fresh as freshId, h, icon, reconcile } from "./dom.js";
import { avatar } from "./frame.js";
import { drawn as mrkdwn } from "./mrkdwn.js";
import { about, answerLine, lock, pinned, signs, words } from "./rooms.js";
import { act, me, named, state } from "./store.js";
import { counted, t } from "./texts.js";

let shown = null; // the room that stands there: person, place and its parts
let reading = false;

/** Draw a channel into the room. */
export function drawRoom(screen) {
  const key = `${screen.me}/${screen.place.id}`;
  if (shown?.key !== key) begin(key, screen);
  drawHead(screen);
  const before = shown.seen;
  const near = nearEnd();
  const said = screen.messages.flatMap((message) => [message, ...message.replies]);
  const fresh = said.filter((message) => !before.has(message.ts));
  const changed = reconcile(shown.list, withDays(screen.messages), (item) => item.key, (item) => item.version, drawItem);
  for (const node of changed) if (node.classList.contains("message")) blink(node);
  shown.seen = new Set(said.map((message) => message.ts));
  shown.empty.hidden = screen.messages.length > 0;
  drawCodes(screen.codes);
  const pointed = shown.list.querySelector(".pointed"); // the tour wants this seen
  if (shown.first || (near && !pointed) || fresh.some((message) => message.private)) toEnd(shown.first);
  if (!shown.first) tell(fresh, changed);
  shown.first = false;
  markRead();
}

function begin(key, screen) {
  const list = h("ol", { class: "messages", "aria-label": t("room.messages") });
  const empty = h("div", { class: "empty", hidden: true }, ...emptyWords(screen));
  const scroll = h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("room.messages") }, empty, list);
  const head = h("header", { class: "room-head" });
  shown = { key, list, empty, scroll, head, seen: new Set(), first: true, mark: screen.place.read };
  closeSuggestions();
  $("room").replaceChildren(head, scroll, composer(screen, scroll));
}

/** The room is left: draw it anew when it comes back. */
export const leaveRoom = () => (shown = null);

function emptyWords(screen) {
  if (["im", "direct"].includes(screen.place.kind)) {
    const person = me();
    const key = `empty.${person.name}`;
    return [h("p", { class: "empty-title" }, t("empty.direct")), h("p", {}, t(key) === key ? t("empty.others") : t(key))];
  }
  return [h("p", { class: "empty-title" }, t("empty.channel")), h("p", {}, t("empty.channel_more"))];
}

function drawHead(screen) {
  const place = screen.place;
  if (screen.look === "matrix") return drawRoomHead(screen, place);
  const direct = place.kind === "im";
  const name = direct ? t("bot.name") : place.name;
  const members = direct ? t("room.direct") : counted("room.members", place.members.length, { names: place.members.join(", ") });
  const version = `${name}/${members}/${place.shared}`;
  if (shown.head.dataset.version === version) return;
  shown.head.dataset.version = version;
  shown.head.replaceChildren(
    h("h2", {}, direct ? avatar("", "bot") : icon(place.kind), name),
    h("p", {}, members, place.shared && h("span", { class: "chip" }, t("room.shared"))),
  );
}

function drawRoomHead(screen, place) {
  const direct = place.kind === "direct";
  const version = `${place.id}/${place.members}/${screen.pinned.map((held) => held.version)}`;
  if (shown.head.dataset.version === version) return;
  shown.head.dataset.version = version;
  const open = shown.head.querySelector("details")?.open;
  shown.head.replaceChildren(
    h("h2", {}, direct ? avatar("", "bot") : icon("room"), direct ? t("bot.name") : place.name, h("span", { class: "chip" }, t("matrix.name"))),
    h("p", {}, icon("private"), about(place)),
    ...[pinned(screen)].filter(Boolean),
  );
  if (open) shown.head.querySelector("details").open = true;
}

/** Messages with a line for each new day and one before what is new. */
function withDays(messages) {
  const items = [];
  let day = "";
  let fresh = false;
  for (const message of messages) {
    const its = isoDay(message.at);
    if (its !== day) items.push({ key: `day ${its}`, version: its, day: message.at });
    day = its;
    const unread = !fresh && Number(message.ts) > Number(shown.mark) && message.author.id !== me().id;
    if (unread && items.some((item) => item.message)) items.push({ key: "new", version: "new", fresh: true });
    fresh ||= unread;
    items.push({ key: message.ts, version: versionOf(message), message });
  }
  return items;
}

const versionOf = (message) => [message, ...message.replies].map((held) => held.version + held.files.length).join(" ");

function drawItem(item, before) {
  if (item.day) return h("li", { class: "day" }, h("span", {}, weekday(item.day)));
  if (item.fresh) return h("li", { class: "new" }, h("span", {}, t("room.new")));
  return drawMessage(item.message, before);
}

function drawMessage(message, before) {
  const opened = before?.querySelector("details")?.open ?? true;
  if (message.event) return drawOfRoom(message, before, opened);
  return h(
    "li",
    { class: message.private ? "message private" : "message" },
    single(message),
    message.replies.length > 0 && thread(message, opened),
  );
}

/** A message of Matrix: in an agency's room it is answered in its thread, alone with the bot below all others. */
function drawOfRoom(message, before, opened) {
  const answered = message.author.bot && state.screen.place.kind === "room" && answerLine(message, before);
  const replies = message.replies.length > 0 && [
    h("summary", {}, counted("room.replies", message.replies.length)),
    h("ol", { class: "replies" }, message.replies.map((reply) => h("li", { class: "reply" }, single(reply)))),
  ];
  const thread = replies ? h("details", { class: "thread", open: opened }, replies, answered) : answered && h("div", { class: "thread" }, answered);
  return h("li", { class: "message", "data-event": message.event }, single(message), thread);
}

function single(message) {
  const context = {
    named,
    press: (block, element, value = null) =>
      act({ type: "press", action: element.action_id, block: block.block_id, value, channel: message.channel, ts: message.ts }),
  };
  const author = message.author;
  const id = freshId("words");
  return h(
    "article",
    { class: "said", "aria-label": t("room.said", { name: author.name, time: clock(message.at) }) },
    avatar(author.name, author.agency),
    h(
      "div",
      { class: "said-body" },
      message.private && h("p", { class: "only-you" }, icon("eye"), t("room.only_you")),
      h(
        "p",
        { class: "who" },
        h("strong", {}, author.name),
        author.bot && h("span", { class: "app" }, t("room.app")),
        h("time", { datetime: message.at }, clock(message.at)),
        message.event && lock(),
        message.edited && h("span", { class: "edited", title: clock(message.edited) }, t("room.edited")),
      ),
      message.event ? h("div", { id, class: message.quiet ? "quiet-words" : null }, !message.files.length && words(message)) : message.blocks.length ? h("div", { class: "blocks" }, blocks(message.blocks, context)) : h("p", { class: "plain-text" }, mrkdwn(message.text, named)),
      message.files.map(drawFile),
      message.event && signs(message, id),
    ),
  );
}

const drawFile = (file) =>
  h(
    "a",
    { class: "file", href: file.url, download: file.name },
    icon("file"),
    h("span", { class: "file-name" }, h("strong", {}, file.title || file.name), h("span", {}, t("room.file", { name: file.name, size: file.size }))),
    icon("download"),
  );

function thread(message, open) {
  return h(
    "details",
    { class: "thread", open },
    h("summary", {}, counted("room.replies", message.replies.length)),
    h("ol", { class: "replies" }, message.replies.map((reply) => h("li", { class: reply.private ? "reply private" : "reply" }, single(reply)))),
  );
}

function blink(node) {
  node.classList.add("changed");
  node.addEventListener("animationend", () => node.classList.remove("changed"), { once: true });
}

// ---- reading ---------------------------------------------------------------------------------------------------

const nearEnd = () => shown.scroll.scrollHeight - shown.scroll.scrollTop - shown.scroll.clientHeight < 160;

function toEnd(atOnce) {
  const fresh = shown.list.querySelector(":scope > .new");
  if (atOnce && fresh) fresh.scrollIntoView({ block: "start" });
  else shown.scroll.scrollTo({ top: shown.scroll.scrollHeight, behavior: atOnce ? "instant" : "auto" });
}

function tell(fresh, changed) {
  const others = fresh.filter((message) => message.author.id !== me().id);
  const words = others.map((message) => t("room.announce", { name: message.author.name, text: message.text }));
  if (!words.length && changed.length) words.push(t("room.changed"));
  if (words.length) announce(words.join(". "));
}

/** What stands on a screen that somebody looks at has been read. */
async function markRead() {
  if (reading) return;
  reading = true;
  try {
    // Something may come while the last is being marked; an act brings the screen up to date.
    for (let tries = 5; tries > 0 && shown && !document.hidden && state.screen?.place?.unread; tries -= 1) {
      await act({ type: "read", channel: state.screen.place.id });
    }
  } finally {
    reading = false;
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) markRead();
});
