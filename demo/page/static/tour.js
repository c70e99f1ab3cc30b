// The guided tour: one step at a time through the main job. A step is over when the demo has come that far, however
// the visitor got there; each can be done for them, and the tour can be left at any moment.

import { write } from "./composer.js";
import { afresh, pass, remember, remembered } from "./controls.js";
import { $, h } from "./dom.js";
import { direct, go, state } from "./store.js";
import { t } from "./texts.js";

const person = (name) => () => go(name);
const past = (screen, ...states) => states.includes(screen.story?.state);
const atTheBoard = (screen) => screen.me === "anna" && screen.place?.kind === "im";
const BEFORE_SUMMONS = ["assessed", "preparing"];

// `over`: whether the step is behind us. `at`: what to point at. `help`: do it for the visitor, unless they are `here`
// already. `form`: the form it is about.
const STEPS = [
  {
    name: "open",
    form: "case.open",
    over: (screen) => Boolean(screen.story),
    at: (screen) => (screen.me === "anna" ? ".line" : "[data-person=anna]"),
    async help() {
      if (state.person !== "anna" || state.place !== direct()?.id) await go("anna");
      write(t("tour.open.line"));
    },
  },
  {
    name: "consent",
    form: "consent.record",
    here: atTheBoard,
    over: (screen) => screen.story && !past(screen, "assessed"),
    at: () => "[data-action='case.step'].primary",
    help: person("anna"),
  },
  {
    name: "summon",
    form: "meeting.summon",
    here: atTheBoard,
    over: (screen) => screen.story && !past(screen, ...BEFORE_SUMMONS),
    at: () => "[data-action='case.step'].primary",
    help: person("anna"),
  },
  {
    name: "julia",
    over: (screen) => (screen.me === "julia" && screen.place?.name === t("channel.C0BUP")) || screen.story?.answered.includes("bup"),
    at: (screen) => (screen.me === "julia" ? "[data-place=C0BUP]" : "[data-person=julia]"),
    help: () => go("julia", "C0BUP"),
  },
  {
    name: "name",
    form: "summons.name",
    over: (screen) => screen.story?.answered.includes("bup"),
    at: () => "[data-action='summons.name']",
  },
  {
    name: "mail",
    over: () => (state.person === "julia" && state.place === "mail") || seen.has("mail"),
    at: () => "[data-place=mail]",
    help: () => go("julia", "mail"),
  },
  {
    name: "time",
    over: (screen) => screen.story?.nagged.includes("skola"),
    at: () => "#pass-working-day",
    help: () => pass({ type: "working_day" }),
  },
  {
    name: "omar",
    over: () => (state.person === "omar" && state.place === "C0SKOLA") || seen.has("omar"),
    at: (screen) => (screen.me === "omar" ? "[data-place=C0SKOLA]" : "[data-person=omar]"),
    help: () => go("omar", "C0SKOLA"),
  },
  {
    name: "board",
    over: () => seen.has("board"),
    at: (screen) => (screen.me === "anna" ? "[data-place=direct]" : "[data-person=anna]"),
    help: () => go("anna"),
    next: true,
  },
  { name: "end", over: () => false, at: () => null },
];

const ANSWER = "sip.closed"; // the bot's answer, in the window of the form that was sent
const seen = new Set();
let on = false;
let reached = 0;
let drawn = "";
let welcome = null;

export function beginTour(screen) {
  $("tour-button").addEventListener("click", () => (on ? leave() : start()));
  const kept = remembered("tour");
  if (kept === null && !screen.story) welcome = true;
  else if (kept !== null && kept !== "left") start(Number(kept));
}

function start(step = 0) {
  on = true;
  welcome = null;
  reached = Number.isInteger(step) ? step : 0;
  seen.clear();
  for (const passed of STEPS.slice(0, reached)) seen.add(passed.name);
  remember("tour", String(reached));
  drawTour(state.screen);
}

function leave() {
  leaveQuietly();
  $("tour-button").focus();
}

function leaveQuietly() {
  on = false;
  welcome = null;
  remember("tour", "left");
  drawTour(state.screen);
}

/** What the tour says inside a form, when the form is the one it is about. */
export function hintFor(form) {
  const step = on && STEPS[reached];
  if (!step) return null;
  return step.form === form ? t(`tour.${step.name}.form`) : form === ANSWER ? t(`tour.${step.name}.text`) : null;
}

export function drawTour(screen) {
  $("tour-button").setAttribute("aria-pressed", String(on));
  point(null);
  const place = $("tour");
  if (!on && !welcome) {
    place.hidden = true;
    drawn = "";
    return;
  }
  if (welcome && screen.story) return leaveQuietly();
  if (welcome) return drawWelcome(place);
  while (reached < STEPS.length - 1 && STEPS[reached].over(screen)) {
    seen.add(STEPS[reached].name);
    reached += 1;
    remember("tour", String(reached));
  }
  const step = STEPS[reached];
  point(screen.view ? "#form .b-button.primary" : step.at(screen));
  const here = Boolean(step.here?.(screen));
  const key = `${step.name}/${here}`;
  if (drawn === key && !place.hidden) return;
  drawn = key;
  const help = step.help && !step.next && !here && h("button", { type: "button", class: "primary", onclick: () => step.help() }, t(`tour.${step.name}.do`));
  const next = step.next && [
    h("button", { type: "button", onclick: () => step.help() }, t(`tour.${step.name}.do`)),
    h("button", { type: "button", class: "primary", onclick: () => (seen.add(step.name), drawTour(state.screen)) }, t("tour.next")),
  ];
  const last = reached === STEPS.length - 1;
  show(
    place,
    h("p", { class: "tour-step" }, last ? t("tour.done") : t("tour.step", { n: reached + 1, of: STEPS.length - 1 })),
    h("h2", { id: "tour-title" }, t(`tour.${step.name}.title`)),
    h("p", {}, t(`tour.${step.name}.text`)),
    h("div", { class: "tour-foot" }, help, next, h("button", { type: "button", class: "quiet", onclick: leave }, last ? t("tour.close") : t("tour.leave"))),
  );
  $("announcer").textContent = `${t(`tour.${step.name}.title`)}. ${t(`tour.${step.name}.text`)}`;
}

function drawWelcome(place) {
  if (drawn === "welcome") return;
  drawn = "welcome";
  const other = t("tour.language_code");
  show(
    place,
    h("h2", { id: "tour-title" }, t("tour.welcome.title")),
    h("p", {}, t("tour.welcome.text")),
    h(
      "div",
      { class: "tour-foot" },
      h("button", { type: "button", class: "primary", id: "tour-start", onclick: () => start() }, t("tour.start")),
      h("button", { type: "button", class: "quiet", onclick: leave }, t("tour.alone")),
      h("button", { type: "button", class: "quiet", lang: other, onclick: () => afresh(other) }, t("tour.language")),
    ),
  );
}

function show(place, ...content) {
  const had = place.contains(document.activeElement);
  place.replaceChildren(h("section", { "aria-labelledby": "tour-title" }, content));
  place.hidden = false;
  if (had) place.querySelector("button")?.focus({ preventScroll: true });
}

/** Ring what the step is about. */
function point(selector) {
  for (const node of document.querySelectorAll(".pointed")) node.classList.remove("pointed");
  if (!selector) return;
  const found = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility()).at(-1);
  found?.classList.add("pointed");
}

