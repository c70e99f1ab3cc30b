// What is different where a room is one of Matrix: signs under a message, and a line to answer in its thread.

import { fresh, h, hidden, icon } from "./dom.js";
import { markup, plain } from "./markup.js";
import { act, state } from "./store.js";
import { counted, t } from "./texts.js";

/** Return a message's words; an edit stands in its place. */
export const words = (message) => (message.picture ? picture(message) : h("div", { class: "b-rich words" }, written(message)));

const written = (message) => (message.html ? markup(message.html) : h("p", {}, plain(message.text)));

const picture = ({ picture: held, text }) =>
  h("figure", { class: "words" }, h("img", { src: held.url, width: String(held.width), height: String(held.height), alt: "" }), h("figcaption", {}, plain(text)));

/** The mark that a message came encrypted. */
export const lock = () => h("span", { class: "lock", title: t("matrix.encrypted") }, icon("private"), hidden(t("matrix.encrypted")));

/** The signs under a message: each is put or taken back by pressing it. */
export function signs(message, about) {
  if (!message.signs.length) return null;
  const each = message.signs.map((held) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "sign",
          "aria-pressed": String(held.mine),
          "aria-describedby": about,
          "aria-label": t("matrix.sign", { sign: held.sign, count: counted("matrix.count", held.count) }),
          "data-focus": `${message.event}/${held.sign}`,
          "data-sign": held.sign,
          title: t("matrix.clear"),
          onclick: once(() => act({ type: "react", event: message.event, sign: held.sign })),
        },
        held.sign,
        h("span", { class: "count" }, String(held.count)),
      ),
    ),
  );
  return h("ul", { class: "signs", "aria-label": t("matrix.signs") }, each);
}

/** The lines to answer in a message's thread, sent by Enter (with Shift it begins another line); what stood there half written before it was drawn anew is kept. */
export function answerLine(message, before) {
  const id = fresh("answer");
  const input = h("textarea", { id, rows: 1, autocomplete: "off", spellcheck: "false", placeholder: t("matrix.answer"), "aria-label": t("matrix.answer"), "data-focus": `answer ${message.event}` });
  input.value = before?.querySelector(".answer textarea")?.value ?? "";
  const form = h("form", { class: "answer", novalidate: true }, h("div", { class: "line" }, input, h("button", { type: "submit", class: "send", "aria-label": t("matrix.answer_send") }, icon("send"))));
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(input, message.event);
  });
  return form;
}

async function say(input, root) {
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  const answer = await act({ type: "say", text, room: state.place, root });
  const standing = document.querySelector(`[data-focus="answer ${CSS.escape(root)}"]`) ?? input;
  if (answer.shown && !standing.value) standing.value = text;
  standing.focus({ preventScroll: true });
  standing.closest("form").scrollIntoView({ block: "nearest" });
}

/** What is pinned in a room, above what is said in it. */
export function pinned(screen) {
  const held = screen.pinned?.at(-1);
  if (!held) return null;
  return h("details", { class: "pinned" }, h("summary", {}, icon("pin"), t("matrix.pinned")), words(held));
}

/** Where a room stands, in the words of its head. */
export function about(place) {
  const people = place.kind === "direct" ? t("room.direct") : counted("matrix.members", place.members.length, { names: place.members.join(", ") });
  return [people, t("matrix.sealed")].join(" · ");
}

function once(work) {
  return async (event) => {
    const pressed = event.currentTarget;
    if (pressed.getAttribute("aria-busy") === "true") return;
    pressed.setAttribute("aria-busy", "true");
    try {
      await work();
    } finally {
      pressed.removeAttribute("aria-busy");
    }
  };
}
