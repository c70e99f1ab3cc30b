// Letting time pass, and the settings: language, light or dark, a fresh start.

import { announce } from "./announcer.js";
import { clock, fullDay } from "./dates.js";
import { $ } from "./dom.js";
import { ask } from "./question.js";
import { get, post } from "./server.js";
import { complain, refresh, state } from "./store.js";
import { counted, language, t } from "./texts.js";

const STEPS = {
  hour: { type: "hours", count: 1 },
  day: { type: "hours", count: 24 },
  working_day: { type: "working_day" },
};

export function beginControls() {
  for (const button of document.querySelectorAll("[data-pass]")) button.addEventListener("click", () => pass(STEPS[button.dataset.pass]));
  for (const button of document.querySelectorAll("[data-feast]")) button.addEventListener("click", () => pass({ type: "feast", feast: button.dataset.feast }));
  $("jump-form").addEventListener("submit", jumpToDay);
  for (const radio of document.querySelectorAll("[name=language]")) radio.addEventListener("change", () => changeLanguage(radio.value));
  for (const radio of document.querySelectorAll("[name=theme]")) radio.addEventListener("change", () => wear(radio.value));
  $("restart-button").addEventListener("click", restart);
  wear(remembered("theme") ?? "system");
}

// ---- time ------------------------------------------------------------------------------------------------------

/** Let time pass, and tell what came meanwhile. */
export async function pass(step) {
  hideError();
  $("jump").hidePopover();
  document.body.classList.add("moving");
  const before = await counts();
  try {
    await post("/api/time", step);
  } catch (error) {
    if (step.type === "until") showError(error.message);
    else complain(error.message);
  }
  await refresh();
  tell(before, await counts());
}

async function counts() {
  const screen = await get("/api/screen", { person: state.person, place: state.place });
  return new Map(screen.people.map((person) => [person.name, { name: person.real_name, unread: person.unread }]));
}

function tell(before, after) {
  const news = [...after.entries()]
    .map(([name, { name: real, unread }]) => ({ real, more: unread - (before.get(name)?.unread ?? 0) }))
    .filter((held) => held.more > 0)
    .map((held) => counted("time.news", held.more, { name: held.real.split(" ")[0] }));
  const now = state.screen.now;
  const words = t("time.is_now", { day: fullDay(now), clock: clock(now) });
  say(news.length ? `${words} ${t("time.came", { list: news.join(", ") })}` : `${words} ${t("time.nothing")}`);
}

let fading = 0;
/** Say something above the conversation for a while, covering nothing, and once to screen readers. */
export function say(words) {
  announce(words);
  const place = $("said");
  place.textContent = words;
  place.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (place.hidden = true), 12_000);
}

async function jumpToDay(event) {
  event.preventDefault();
  const day = $("jump-day").value;
  if (!day) return showError(t("time.choose_day"));
  if (day <= state.screen.now.slice(0, 10)) return showError(t("time.only_ahead"));
  await pass({ type: "until", day });
}

function showError(words) {
  if (!$("jump").matches(":popover-open")) $("jump").showPopover();
  const error = $("jump-error");
  error.textContent = words;
  error.hidden = false;
  $("jump-day").setAttribute("aria-invalid", "true");
  $("jump-day").setAttribute("aria-describedby", "jump-error");
}

function hideError() {
  $("jump-error").hidden = true;
  $("jump-day").removeAttribute("aria-invalid");
}

// ---- settings --------------------------------------------------------------------------------------------------

async function changeLanguage(wanted) {
  $("settings").hidePopover();
  const something = Boolean(state.screen.story);
  if (something && !(await ask(t("question.language"), t("question.language_more"), t("question.language_yes")))) {
    document.querySelector(`[name=language][value=${language}]`).checked = true;
    return;
  }
  await afresh(wanted);
}

async function restart() {
  $("settings").hidePopover();
  if (await ask(t("question.restart"), t("question.restart_more"), t("question.restart_yes"))) await afresh(language);
}

/** Begin the demo afresh, in a language. */
export async function afresh(wanted) {
  document.body.classList.add("moving");
  try {
    await post("/api/restart", { language: wanted });
  } catch (error) {
    complain(error.message);
    return;
  }
  forget("tour");
  location.hash = "";
  location.reload();
}

function wear(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelector(`[name=theme][value=${theme}]`).checked = true;
  remember("theme", theme);
}

// ---- what the browser remembers, where it may ---------------------------------------------------------------------

export function remembered(name) {
  try {
    return sessionStorage.getItem(`sipbot-demo-${name}`);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    sessionStorage.setItem(`sipbot-demo-${name}`, value);
  } catch {
    // A browser that keeps nothing shows the page as it comes.
  }
}

export function forget(name) {
  try {
    sessionStorage.removeItem(`sipbot-demo-${name}`);
  } catch {
    // As above.
  }
}
