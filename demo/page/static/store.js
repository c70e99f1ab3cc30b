// What is on the screen: who looks, at which place, and the last the server told of it.

import { get, post } from "./server.js";

export const state = { person: "anna", place: "", detail: "", screen: null };

const drawers = [];
/** Have something drawn whenever the screen has changed. */
export const onScreen = (draw) => drawers.push(draw);

/** Return the person who looks. */
export const me = () => state.screen.people.find((person) => person.name === state.person);

/** Return a user's name by id. */
export const named = (id) => state.screen.people.find((person) => person.id === id)?.real_name;

/** Return the direct messages with the bot, if this person has them. */
export const direct = () => state.screen.places.find((place) => ["im", "direct"].includes(place.kind));

/** Look at a place as a person. The address keeps both, so that the browser's way back works. */
export function go(person, place = "") {
  const address = `#/${person}${place ? `/${place}` : ""}`;
  if (location.hash === address) return settled(refresh());
  location.hash = address;
  return settled(refresh());
}

export function readAddress() {
  const [person, place, detail] = location.hash.replace(/^#\/?/, "").split("/");
  if (person) state.person = person;
  state.place = place ?? "";
  state.detail = detail ?? "";
}

const settled = (promise) => promise.catch((error) => complain(error.message));

let under_way = null;
let again = false;
/** Ask for the screen and draw it; while one question is under way, the next waits and stands for all others. */
export function refresh() {
  if (under_way) {
    again = true;
    return under_way;
  }
  under_way = (async () => {
    do {
      again = false;
      const screen = await look();
      if (screen) {
        state.screen = screen;
        for (const draw of drawers) draw(screen);
      } else {
        again = true;
      }
    } while (again);
  })().finally(() => (under_way = null));
  return under_way;
}

const BESIDE = new Set(["home", "mail", "calendar"]);

/** Return the screen of the address, or null if the visitor has gone elsewhere before the answer came. */
async function look() {
  readAddress();
  const asked = location.hash;
  let screen;
  try {
    screen = await get("/api/screen", { person: state.person, place: state.place });
  } catch (error) {
    if (location.hash !== asked) return null;
    if (error.status !== 409 || state.person === "anna") throw error;
    history.replaceState(null, "", "#/anna");
    return look();
  }
  if (location.hash !== asked) return null;
  if (state.place && (screen.place || BESIDE.has(state.place))) return screen;
  const first = firstPlace(screen);
  if (!first) return screen;
  history.replaceState(null, "", `#/${state.person}/${first}`);
  return look();
}

/** Return where to look when nobody said, or the place is gone: what is unread, else the chat with the bot. */
function firstPlace(screen) {
  const unread = screen.places.find((place) => place.unread > 0);
  if (!unread && screen.mails > 0) return "mail";
  return (unread ?? screen.places.find((place) => ["im", "direct"].includes(place.kind)) ?? screen.places[0])?.id;
}

let complaining = () => {};
/** Say who tells the visitor that something did not work. */
export const onComplaint = (tell) => (complaining = tell);
export const complain = (words) => complaining(words);

/** Do something as the person who looks; what Slack's client says about it is shown. */
export async function act(what) {
  try {
    const answer = await post("/api/act", { person: state.person, act: what });
    if (answer.shown) complain(answer.shown);
    await refresh();
    return answer;
  } catch (error) {
    complain(error.message);
    await refresh().catch(() => {});
    return { shown: error.message, errors: {}, action: null };
  }
}
