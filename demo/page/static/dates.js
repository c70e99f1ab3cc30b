// Days and times as people read them. The server gives instants with the region's own offset.

import { language } from "./texts.js";

const zone = "Europe/Stockholm";
const locale = language === "sv" ? "sv-SE" : "en-GB";
const made = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
const formats = {
  day: made({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  weekday: made({ weekday: "long", day: "numeric", month: "long" }),
  short: made({ weekday: "short", day: "numeric", month: "short" }),
  time: made({ hour: "2-digit", minute: "2-digit" }),
  month: made({ month: "long", year: "numeric" }),
  iso: new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }),
};

const instant = (value) => (value instanceof Date ? value : new Date(value));

export const fullDay = (value) => formats.day.format(instant(value));
export const weekday = (value) => formats.weekday.format(instant(value));
export const shortDay = (value) => formats.short.format(instant(value));
export const monthName = (year, month) => formats.month.format(new Date(Date.UTC(year, month - 1, 15)));
export const isoDay = (value) => formats.iso.format(instant(value));

/** Return "13.00" in Swedish, "13:00" in English. */
export function clock(value) {
  const text = formats.time.format(instant(value));
  return language === "sv" ? text.replace(":", ".") : text;
}

/** Return the short names of the weekdays, Monday first. */
export function weekdays() {
  const name = made({ weekday: "short" });
  const long = made({ weekday: "long" });
  return [...Array(7).keys()].map((index) => {
    const day = new Date(Date.UTC(2026, 5, 1 + index, 12)); // the first of June 2026 is a Monday
    return { short: name.format(day), long: long.format(day) };
  });
}
