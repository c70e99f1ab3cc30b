// The steps of the guided tours, in their order.
//
// `over`: whether the step is behind us, however the visitor got there; a `look` is over when the visitor says so.
// `at`: what to point at. `help`: do it for the visitor, unless they are `here` already. `form`: the form it is about.
// `ends`: the case may have ended by then.

import { write } from "./composer.js";
import { pass } from "./controls.js";
import { post } from "./server.js";
import { complain, direct, go, refresh, state } from "./store.js";
import { t } from "./texts.js";

const ENDED = ["closed", "denied", "refused"];
const told = (screen) => screen.story ?? { state: "", answered: [], proposed: [], nagged: [], confirmed: [], meetings: 0, held: 0, plans: 0 };
const answered = (screen, agency) => told(screen).answered.includes(agency) || told(screen).moved || told(screen).held > 0;

/** Say whether there is a case that still runs. */
export const runs = (screen) => Boolean(screen.story) && !ENDED.includes(screen.story.state);

const inChat = (name) => (screen) => screen.me === name && screen.place?.kind === "im";
const inChannel = (name, channel) => (screen) => screen.me === name && state.place === channel;
const STEP = "[data-action='case.step']";
const BOARD = `:nth-child(1 of .message:has(${STEP})) ${STEP}.primary`; // the board stands before all else that has such a button
const FK = "!fk:fk.exempel.invalid"; // the room of the agency that is on Matrix
const orSwitch = (name, selector) => (screen) => (screen.me === name ? selector : `[data-person=${name}]`);
const inPlace = (name, channel, selector) => (screen) => (inChannel(name, channel)(screen) ? selector : screen.me === name ? `[data-place="${channel}"]` : `[data-person=${name}]`);

/** Return the name of whoever answers for the case after the first meeting. */
const leader = (screen = state.screen) => screen.people.find((person) => person.id === told(screen).lead)?.name ?? "anna";
const atLeader = (screen) => inChat(leader(screen))(screen);
const leadsTo = (selector) => (screen) => orSwitch(leader(screen), selector)(screen);

/** Go to a person's direct messages with the bot, and type a line there. */
async function typeAs(name, line) {
  if (state.person !== name || state.place !== direct()?.id) await toChat(name);
  write(line);
}

/** Go to a person's direct messages with the bot, wherever else something is unread. */
async function toChat(name) {
  await go(name);
  const chat = direct()?.id;
  if (chat && state.place !== chat) await go(name, chat);
}

async function letOthersAnswer() {
  document.body.classList.add("moving");
  try {
    await post("/api/others", {});
  } catch (error) {
    complain(error.message);
  }
  await refresh().catch((error) => complain(error.message));
}

const OPEN = {
  name: "open",
  form: "case.open",
  ends: true,
  over: runs,
  at: orSwitch("anna", ".line"),
  help: () => typeAs("anna", t("play.open")),
};
const CONSENT = {
  name: "consent",
  form: "consent.record",
  here: inChat("anna"),
  over: (screen) => told(screen).state !== "assessed",
  at: orSwitch("anna", BOARD),
  help: () => toChat("anna"),
};
const SUMMON = {
  name: "summon",
  form: "meeting.summon",
  here: inChat("anna"),
  over: (screen) => !["assessed", "preparing"].includes(told(screen).state),
  at: orSwitch("anna", BOARD),
  help: () => toChat("anna"),
};
const JULIA = {
  name: "julia",
  over: (screen) => inChannel("julia", "C0BUP")(screen) || answered(screen, "bup"),
  at: inPlace("julia", "C0BUP", null),
  help: () => go("julia", "C0BUP"),
};
const NAME = {
  name: "name",
  form: "summons.name",
  here: inChannel("julia", "C0BUP"),
  over: (screen) => answered(screen, "bup"),
  at: inPlace("julia", "C0BUP", "[data-action='summons.name']"),
  help: () => go("julia", "C0BUP"),
};
const AGAIN = (name, waits) => ({
  name,
  over: (screen) => told(screen).state !== waits,
  at: () => null,
  help: letOthersAnswer,
});
const MEET = (name, held) => ({
  name,
  over: (screen) => told(screen).over || told(screen).held >= held,
  at: () => null,
  help: () => pass({ type: "meeting_over" }),
});
const look = (name, person, place, selector, more = {}) => ({ name, look: true, at: selector, help: () => go(person, place), ...more });

const MAIN = [
  OPEN,
  CONSENT,
  SUMMON,
  JULIA,
  NAME,
  look("mail", "julia", "mail", orSwitch("julia", "[data-place=mail]"), { here: (screen) => screen.me === "julia" && state.place === "mail" }),
  look("matrix", "leif", FK, inPlace("leif", FK, "[data-sign='❌']"), { here: inChannel("leif", FK) }),
  {
    name: "time",
    over: (screen) => told(screen).nagged.includes("skola") || told(screen).proposed.includes("skola") || answered(screen, "skola"),
    at: () => "#pass-working-day, #jump-button",
    help: () => pass({ type: "working_day" }),
  },
  {
    name: "propose",
    form: "summons.propose",
    here: inChannel("omar", "C0SKOLA"),
    over: (screen) => told(screen).proposed.includes("skola") || answered(screen, "skola"),
    at: inPlace("omar", "C0SKOLA", "[data-action='summons.propose']"),
    help: () => go("omar", "C0SKOLA"),
  },
  {
    name: "move",
    form: "meeting.move",
    here: inChat("anna"),
    over: (screen) => told(screen).moved || told(screen).held > 0 || !told(screen).proposed.includes("skola"),
    at: orSwitch("anna", STEP),
    help: () => toChat("anna"),
  },
  AGAIN("again", "summoned"),
  MEET("meet", 1),
  {
    name: "held",
    form: "meeting.held",
    over: (screen) => told(screen).held >= 1,
    at: orSwitch("anna", ".line"),
    help: () => typeAs("anna", t("play.held", { code: told(state.screen).code })),
  },
  {
    name: "measure",
    form: "plan.measure",
    over: (screen) => told(screen).measures >= 1 || told(screen).plans >= 1,
    at: orSwitch("anna", ".line"),
    help: () => typeAs("anna", t("play.measure", { code: told(state.screen).code })),
  },
  {
    name: "plan",
    form: "plan.send",
    over: (screen) => told(screen).plans >= 1,
    at: orSwitch("anna", ".line"),
    help: () => typeAs("anna", t("play.plan", { code: told(state.screen).code })),
  },
  {
    name: "wait",
    over: (screen) => told(screen).follow_up_due || told(screen).meetings >= 2,
    at: () => null,
    help: () => pass({ type: "follow_up_due" }),
  },
  {
    name: "follow",
    form: "meeting.summon",
    here: atLeader,
    over: (screen) => told(screen).meetings >= 2,
    at: leadsTo(BOARD),
    help: () => toChat(leader()),
  },
  AGAIN("again2", "followup_summoned"),
  MEET("meet2", 2),
  {
    name: "review",
    form: "plan.review",
    over: (screen) => told(screen).reviews >= 1 || told(screen).held >= 2,
    at: leadsTo(".line"),
    help: () => typeAs(leader(), t("play.review", { code: told(state.screen).code })),
  },
  {
    name: "held2",
    form: "meeting.held",
    over: (screen) => told(screen).held >= 2,
    at: leadsTo(".line"),
    help: () => typeAs(leader(), t("play.held", { code: told(state.screen).code })),
  },
  {
    name: "close",
    form: "case.close",
    ends: true,
    here: atLeader,
    over: (screen) => told(screen).state === "closed",
    stuck: (screen) => told(screen).state !== "closing", // the need remains, so the case goes on
    at: leadsTo(BOARD),
    help: () => toChat(leader()),
  },
  {
    name: "confirm",
    ends: true,
    here: inChannel("omar", "C0SKOLA"),
    over: (screen) => told(screen).confirmed.includes("skola"),
    stuck: (screen) => told(screen).state !== "closed",
    at: inPlace("omar", "C0SKOLA", "[data-action='closing.confirm']"),
    help: () => go("omar", "C0SKOLA"),
  },
  { name: "end", ends: true, over: () => false, at: () => null, help: () => typeAs("anna", t("play.statistics")) },
];

const WITHDRAWAL = [
  OPEN,
  CONSENT,
  SUMMON,
  AGAIN("again", "summoned"),
  {
    name: "withdraw",
    form: "consent.withdraw",
    ends: true,
    over: (screen) => !runs(screen),
    at: orSwitch("anna", ".line"),
    help: () => typeAs("anna", t("play.withdraw", { code: told(state.screen).code })),
  },
  look("told", "omar", "C0SKOLA", inPlace("omar", "C0SKOLA", null), { ends: true, here: inChannel("omar", "C0SKOLA") }),
  look("gone", "julia", "mail", orSwitch("julia", "[data-place=mail]"), { ends: true, here: (screen) => screen.me === "julia" && state.place === "mail" }),
  { name: "wend", ends: true, over: () => false, at: () => null },
];

export const TOURS = { main: MAIN, withdrawal: WITHDRAWAL };
