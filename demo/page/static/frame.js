// What stands around the chat: the clock, the people and their places.

import { clock, fullDay, shortDay } from "./dates.js";
import { $, h, hidden, icon, refill } from "./dom.js";
import { go, me, state } from "./store.js";
import { counted, t } from "./texts.js";

const initials = (name) => name.split(" ").map((part) => part[0]).slice(0, 2).join("");

export const avatar = (name, agency) =>
  h("span", { class: `avatar of-${agency}`, "aria-hidden": "true" }, agency === "bot" ? "SIP" : initials(name));

let stood = ""; // where the places were last brought into sight
const narrow = matchMedia("(max-width: 820px)");
narrow.addEventListener("change", () => drawClock());
let ahead = 0; // milliseconds by which the demo's clock is ahead of this browser's

export function drawFrame(screen) {
  ahead = new Date(screen.now) - Date.now();
  drawClock();
  document.body.classList.toggle("moving", screen.moving);
  document.body.dataset.look = screen.look;
  for (const button of document.querySelectorAll("[data-pass], [data-feast]")) button.disabled = screen.moving;
  drawPeople(screen);
  drawPlaces(screen);
}

export function drawClock() {
  if (!state.screen) return;
  const now = new Date(Date.now() + ahead);
  put($("now-day"), narrow.matches ? shortDay(now) : fullDay(now));
  put($("now-time"), clock(now));
}

export const now = () => new Date(Date.now() + ahead);

function put(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

const badge = (n) => n > 0 && h("span", { class: "badge" }, h("span", { "aria-hidden": "true" }, String(n)), hidden(`, ${counted("unread", n)}`));

function drawPeople(screen) {
  const drawn = screen.people.map((person) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "person",
          "aria-current": person.name === screen.me ? "true" : null,
          "data-focus": person.name,
          "data-person": person.name,
          title: `${person.real_name}, ${person.title}, ${person.agency_name}`,
          onclick: () => go(person.name),
        },
        avatar(person.real_name, person.agency),
        h("span", { class: "person-name" }, person.real_name.split(" ")[0], hidden(` ${person.real_name.split(" ").slice(1).join(" ")}, ${person.agency_name}`)),
        person.look === "matrix" && h("span", { class: "person-look" }, t("matrix.name")),
        badge(person.unread),
      ),
    ),
  );
  refill($("people"), drawn);
}

function drawPlaces(screen) {
  const person = me();
  put($("me-name"), person.real_name);
  put($("me-title"), [person.title, person.agency_name].filter(Boolean).join(", "));
  put($("me-look"), t(`look.${screen.look}`));
  put($("me-about"), person.about);
  const others = [entry("mail", "mail", t("place.mail"), screen.mails), entry("calendar", "calendar", t("place.calendar"), 0)];
  if (screen.look === "matrix") {
    const alone = screen.places.filter((place) => place.kind === "direct");
    const rooms = screen.places.filter((place) => place.kind === "room");
    refill(
      $("places"),
      group(t("place.people"), alone.map((place) => entry(place.id, "direct", t("bot.name"), place.unread))),
      group(t("place.rooms"), rooms.map((place) => entry(place.id, "room", place.name, place.unread))),
      group(t("place.beside"), others),
    );
    return sighted();
  }
  const chats = screen.places.filter((place) => place.kind === "im");
  const channels = screen.places.filter((place) => place.kind !== "im");
  const bot = chats.length > 0 && [
    entry("home", "home", t("place.home"), 0),
    ...chats.map((place) => entry(place.id, "direct", t("place.direct"), place.unread)),
  ];
  refill(
    $("places"),
    bot && group(t("place.bot"), bot),
    channels.length > 0 && group(t("place.channels"), channels.map((place) => entry(place.id, place.kind, place.name, place.unread))),
    group(t("place.beside"), others),
  );
  sighted();
}

function sighted() {
  const stands = `${state.person}/${state.place}`;
  if (stood !== stands) bringIntoSight();
  stood = stands;
}

const group = (title, entries) => h("section", { class: "group" }, h("h3", {}, title), h("ul", {}, entries));

/** On a narrow screen the places stand in a row: bring the one we are at into sight. */
function bringIntoSight() {
  if (narrow.matches) $("places").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function entry(place, kind, name, unread) {
  const current = place === state.place;
  return h(
    "li",
    {},
    h(
      "a",
      {
        class: unread > 0 ? "place unread" : "place",
        href: `#/${state.person}/${place}`,
        "aria-current": current ? "page" : null,
        "data-focus": place,
        "data-place": kind === "im" || kind === "direct" ? "direct" : place,
      },
      icon(kind),
      h("span", { class: "place-name" }, name),
      badge(unread),
    ),
  );
}
