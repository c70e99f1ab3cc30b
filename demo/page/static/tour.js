// The guided tours: one step at a time, from the opening of a case to its end. Each step can be done for the visitor.
// A tour is left and taken up where it was; it moves on when the visitor has done what it asks, or says so.

import { announce } from "./announcer.js";
import { afresh, remember, remembered } from "./controls.js";
import { $, h } from "./dom.js";
import { runs, TOURS } from "./steps.js";
import { state } from "./store.js";
import { t } from "./texts.js";

const ANSWER = "sip.closed"; // the bot's answer, in the window of the form that was sent
const OTHER = { main: "withdrawal", withdrawal: "main" };
const seen = new Set(); // what the visitor has said they have seen
let on = false;
let tour = "main";
let reached = 0;
let drawn = "";
let pointedAt = ""; // what was brought into sight last: where, and the element itself
let pointed = null;
let welcome = false;

export function beginTour(screen) {
  $("tour-button").addEventListener("click", () => (on ? leave() : takeUp()));
  const kept = remembered("tour");
  if (kept === null) welcome = !screen.story;
  else if (kept.endsWith("/on")) takeUp();
}

const keep = () => remember("tour", `${tour}/${reached}/${on ? "on" : "left"}`);

/** Go on where the tour was left, or begin. */
function takeUp() {
  const [name, step] = (remembered("tour") ?? "main/0").split("/");
  const known = name in TOURS ? name : "main";
  const last = TOURS[known].length - 1;
  start(known, Number(step) < last ? Number(step) || 0 : 0);
}

function start(name, step = 0) {
  on = true;
  welcome = false;
  tour = name;
  reached = step;
  drawn = "";
  seen.clear();
  keep();
  drawTour(state.screen);
}

function leave() {
  on = false;
  welcome = false;
  keep();
  drawTour(state.screen);
  $("tour-button").focus();
}

function goOn() {
  seen.add(TOURS[tour][reached].name);
  drawTour(state.screen);
}

/** What the tour says inside a form, when the form is the one it is about. */
export function hintFor(form) {
  const step = on && TOURS[tour][reached];
  if (!step) return null;
  return step.form === form ? t(`tour.${step.name}.form`) : form === ANSWER ? t(`tour.${step.name}.text`) : null;
}

/** Move on past everything that is behind us, or back to the meeting when it did not take place. */
function follow(screen) {
  const steps = TOURS[tour];
  const before = reached;
  const summon = steps.findIndex((step) => step.name === "summon");
  if (screen.story?.state === "preparing" && reached > summon) reached = summon;
  const behind = (step) => (step.look ? seen.has(step.name) : step.over(screen) || seen.has(step.name));
  while (reached < steps.length - 1 && !ended(screen, steps[reached]) && behind(steps[reached])) reached += 1;
  if (reached !== before) keep();
  return steps[reached];
}

/** Say whether the case has ended before the tour has come to its end. */
const ended = (screen, step) => !step.ends && !runs(screen);

export function drawTour(screen) {
  $("tour-button").setAttribute("aria-pressed", String(on));
  const place = $("tour");
  if (welcome && screen.story) welcome = false;
  if (!on && !welcome) {
    point(null);
    place.hidden = true;
    drawn = "";
    return;
  }
  if (welcome) return drawWelcome(place);
  const step = follow(screen);
  const over = ended(screen, step);
  const stuck = !over && Boolean(step.stuck?.(screen));
  const here = Boolean(step.here?.(screen));
  point(screen.view ? "#form .b-button.primary" : over || stuck || (step.look && here) ? null : step.at(screen));
  const key = `${tour}/${step.name}/${here}/${over}/${stuck}`;
  if (drawn === key && !place.hidden) return;
  drawn = key;
  const name = over ? "ended" : stuck ? "stuck" : step.name;
  const last = reached === TOURS[tour].length - 1;
  show(
    place,
    h("p", { class: "tour-step" }, last ? t("tour.done") : t("tour.step", { n: reached + 1, of: TOURS[tour].length - 1 })),
    h("h2", { id: "tour-title" }, t(`tour.${name}.title`)),
    h("p", {}, t(`tour.${name}.text`)),
    h("div", { class: "tour-foot" }, buttons(step, { over, stuck, here, last }), h("button", { type: "button", class: "quiet", onclick: leave }, last ? t("tour.close") : t("tour.leave"))),
  );
  announce(`${t(`tour.${name}.title`)}. ${t(`tour.${name}.text`)}`);
}

function buttons(step, { over, stuck, here, last }) {
  const button = (words, act, primary) => h("button", { type: "button", class: primary ? "primary" : "plain", onclick: busy(act) }, words);
  if (over) return button(t("tour.again_from_start"), () => start(tour), true);
  if (stuck) return button(t("tour.next"), goOn, true);
  if (last) return [step.help && button(t(`tour.${step.name}.do`), step.help, true), button(t(`tour.other.${OTHER[tour]}`), () => start(OTHER[tour]), !step.help)];
  const help = step.help && !here && button(t(`tour.${step.name}.do`), step.help, !step.look || !here);
  return [help, step.look && button(t("tour.next"), goOn, here)];
}

/** One press at a time: what takes a while is not begun twice. */
function busy(act) {
  return async (event) => {
    const pressed = event.currentTarget;
    if (pressed.getAttribute("aria-busy") === "true") return;
    pressed.setAttribute("aria-busy", "true");
    try {
      await act();
    } finally {
      pressed.removeAttribute("aria-busy");
    }
  };
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
      h("button", { type: "button", class: "primary", id: "tour-start", onclick: () => start("main") }, t("tour.start")),
      h("button", { type: "button", onclick: () => start("withdrawal") }, t("tour.other.withdrawal")),
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

/** Ring what the step is about, and bring it into sight the first time. */
function point(selector) {
  const nodes = selector ? [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility()) : [];
  const found = nodes.find((node) => node.id === "pass-working-day") ?? nodes.at(-1);
  for (const node of document.querySelectorAll(".pointed")) if (node !== found) node.classList.remove("pointed");
  if (!found) return;
  found.classList.add("pointed");
  const mark = `${selector}/${reached}/${state.person}/${state.place}`;
  if (mark !== pointedAt || found !== pointed) found.scrollIntoView({ block: "nearest", inline: "nearest" });
  pointedAt = mark;
  pointed = found;
}
