// A month with working days, holidays by name and the meetings that have come by mail.

import { clock, fullDay, monthName, weekdays } from "./dates.js";
import { $, h, hidden, icon, refill } from "./dom.js";
import { get } from "./server.js";
import { complain, readAddress, state } from "./store.js";
import { t } from "./texts.js";

let latest = 0;

export async function drawMonth(screen) {
  const [year, number] = (state.detail || screen.now.slice(0, 7)).split("-").map(Number); // the address names a month that was turned to
  const order = (latest += 1);
  const month = await get("/api/month", { person: screen.me, year, month: number });
  if (order !== latest || state.place !== "calendar" || state.person !== screen.me) return;
  const room = $("room");
  const version = JSON.stringify([screen.me, month]);
  if (room.dataset.month === version && room.querySelector(".month")) return;
  room.dataset.month = version;
  refill(
    room,
    h("header", { class: "room-head" }, h("h2", {}, icon("calendar"), t("place.calendar")), h("p", {}, t("calendar.about"))),
    h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("place.calendar") }, h("div", { class: "sheet" }, head(screen, year, number), table(month), list(month))),
  );
}

function head(screen, year, number) {
  const turn = (by) => () => {
    const months = year * 12 + number - 1 + by;
    const month = String((months % 12) + 1).padStart(2, "0");
    history.replaceState(null, "", `#/${screen.me}/calendar/${Math.floor(months / 12)}-${month}`);
    readAddress();
    drawMonth(state.screen).catch((error) => complain(error.message));
  };
  return h(
    "div",
    { class: "month-head" },
    h("button", { type: "button", class: "quiet", "aria-label": t("calendar.before"), "data-focus": "before", onclick: turn(-1) }, icon("left")),
    h("h3", { id: "month-name", "aria-live": "polite" }, monthName(year, number)),
    h("button", { type: "button", class: "quiet", "aria-label": t("calendar.after"), "data-focus": "after", onclick: turn(1) }, icon("right")),
  );
}

function table(month) {
  const heads = weekdays().map((day) => h("th", { scope: "col", abbr: day.long }, day.short));
  return h(
    "table",
    { class: "month", "aria-labelledby": "month-name" },
    h("thead", {}, h("tr", {}, heads)),
    h("tbody", {}, month.weeks.map((week) => h("tr", {}, week.map(cell)))),
  );
}

function cell(day) {
  const kinds = [day.inside ? "" : "outside", day.working ? "" : "off", day.today ? "today" : ""].filter(Boolean).join(" ");
  return h(
    "td",
    { class: kinds, "aria-current": day.today ? "date" : null },
    h("span", { class: "number" }, String(Number(day.date.slice(8))), day.today && hidden(`, ${t("calendar.today")}`)),
    day.holiday && h("span", { class: "holiday" }, day.holiday),
    day.meetings.map((meeting) => h("span", { class: "meeting" }, h("span", { class: "meeting-time" }, clock(meeting.start)), h("span", { class: "meeting-what" }, ` ${meeting.summary}`))),
  );
}

function list(month) {
  const meetings = month.weeks.flat().filter((day) => day.inside).flatMap((day) => day.meetings);
  if (!meetings.length) return h("p", { class: "quiet-line" }, t("calendar.none"));
  return h(
    "ul",
    { class: "month-list" },
    meetings.map((meeting) =>
      h("li", {}, h("strong", {}, meeting.summary), h("span", {}, t("mail.when", { day: fullDay(meeting.start), from: clock(meeting.start), to: clock(meeting.end) })), meeting.location && h("span", {}, t("mail.where", { place: meeting.location }))),
    ),
  );
}

export function leaveMonth() {
  latest += 1;
  delete $("room").dataset.month;
}
