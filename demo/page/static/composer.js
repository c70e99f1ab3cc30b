// The line to type in, with suggestions for the slash command: a combobox with a list of choices.

import { h, hidden, icon } from "./dom.js";
import { act, state } from "./store.js";
import { t } from "./texts.js";

const COMMANDS = { slack: "/sip", matrix: "!sip" };
const spoken = () => COMMANDS[state.screen.look];
let codes = [];
let open = null; // the composer that stands there

/** Note the case codes that this person has seen, for the suggestions. */
export const drawCodes = (known) => (codes = known ?? []);

export function composer(screen, scroll) {
  const input = h("input", {
    id: "line",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: screen.place.with_bot ? t("composer.placeholder", { command: spoken() }) : t("composer.placeholder_plain"),
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "suggestions",
    "aria-autocomplete": "list",
    "aria-label": t("composer.label"),
    "data-focus": "line",
  });
  const list = h("ul", { id: "suggestions", class: "suggestions", role: "listbox", "aria-label": t("composer.suggestions"), hidden: true });
  const send = h("button", { type: "submit", class: "send", "aria-label": t("composer.send") }, icon("send"));
  const form = h("form", { class: "composer", novalidate: true }, list, h("div", { class: "line" }, input, send));
  open = { input, list, chosen: -1, shown: [] };
  input.addEventListener("input", suggest);
  input.addEventListener("focus", suggest);
  input.addEventListener("blur", () => setTimeout(closeSuggestions, 120));
  input.addEventListener("keydown", keyed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendLine(scroll);
  });
  return form;
}

/** Put words into the line, as if they had been typed. */
export function write(words) {
  if (!open) return;
  open.input.value = words;
  open.input.focus();
  suggest();
}

async function sendLine(scroll) {
  const words = open.input.value.trim();
  if (!words) return;
  const { input } = open;
  input.value = "";
  closeSuggestions();
  const room = state.place;
  const answer = await act(state.screen.look === "matrix" ? { type: "say", text: words, room } : { type: "type", text: words, channel: room });
  if (answer.shown && !input.value) input.value = words;
  scroll.scrollTo({ top: scroll.scrollHeight });
}

// ---- suggestions -----------------------------------------------------------------------------------------------

const words = () => t("slash.words").split(" ");
const needsCode = () => new Set(t("slash.with_code").split(" "));

function found(typed) {
  const COMMAND = spoken();
  if (!typed.startsWith(COMMAND[0])) return [];
  const [command, word = "", ...rest] = typed.split(/ +/);
  if (!COMMAND.startsWith(command) && command !== COMMAND) return [];
  const space = typed.includes(" ");
  if (rest.length > 0 && needsCode().has(word)) {
    const begun = rest.join("").toUpperCase();
    return codes
      .filter((code) => code.includes(begun) && code !== begun)
      .slice(0, 5)
      .map((code) => ({ line: `${COMMAND} ${word} ${code}`, name: `${COMMAND} ${word} ${code}`, about: t("slash.code") }));
  }
  if (rest.length > 0) return [];
  const fitting = words().filter((name) => !space || fold(name).startsWith(fold(word)));
  if (space && fitting.length === 1 && fold(fitting[0]) === fold(word) && !typed.endsWith(" ")) return [];
  return fitting.map((name) => ({
    line: needsCode().has(name) ? `${COMMAND} ${name} ` : `${COMMAND} ${name}`,
    name: `${COMMAND} ${name}${needsCode().has(name) ? ` ${t("slash.code_name")}` : ""}`,
    about: t(`slash.${name}`),
  }));
}

const fold = (word) => word.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");

function suggest() {
  const typed = open.input.value;
  open.shown = document.activeElement === open.input ? found(typed) : [];
  open.chosen = -1;
  draw();
}

function draw() {
  const { input, list, shown, chosen } = open;
  list.replaceChildren(
    ...shown.map((held, index) =>
      h(
        "li",
        {
          id: `suggestion-${index}`,
          role: "option",
          "aria-selected": String(index === chosen),
          onmousedown: (event) => event.preventDefault(),
          onclick: () => take(index),
        },
        h("span", { class: "suggestion-name" }, held.name),
        hidden(": "),
        h("span", { class: "suggestion-about" }, held.about),
      ),
    ),
  );
  list.hidden = shown.length === 0;
  input.setAttribute("aria-expanded", String(shown.length > 0));
  if (chosen >= 0) {
    input.setAttribute("aria-activedescendant", `suggestion-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

export function closeSuggestions() {
  if (!open) return;
  open.shown = [];
  open.chosen = -1;
  draw();
}

function take(index) {
  open.input.value = open.shown[index].line;
  open.input.focus();
  suggest();
}

function keyed(event) {
  const { shown, chosen } = open;
  if (!shown.length) return;
  const turns = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in turns) {
    event.preventDefault();
    open.chosen = (chosen + turns[event.key] + shown.length) % shown.length;
    draw();
  } else if (event.key === "Escape") {
    event.preventDefault();
    closeSuggestions();
  } else if (event.key === "Tab" && !event.shiftKey && chosen >= 0) {
    event.preventDefault();
    take(chosen);
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    take(chosen);
  }
}
