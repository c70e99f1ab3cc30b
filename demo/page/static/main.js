// Puts the page together: whenever the server tells of a change, the screen is asked for and drawn.

import { beginBehind, drawOutage, update as updateBehind } from "./behind.js";
import { beginControls } from "./controls.js";
import { $, h, icon } from "./dom.js";
import { drawForm } from "./form.js";
import { drawClock, drawFrame } from "./frame.js";
import { drawHome, leaveHome } from "./home.js";
import { drawMail, leaveMail } from "./mail.js";
import { drawMonth, leaveMonth } from "./month.js";
import { drawRoom, leaveRoom } from "./room.js";
import { watch } from "./server.js";
import { complain, onComplaint, onScreen, readAddress, refresh, state } from "./store.js";
import { t } from "./texts.js";
import { beginTour, drawTour } from "./tour.js";

const ROOMS = {
  home: [drawHome, leaveHome],
  mail: [drawMail, leaveMail],
  calendar: [drawMonth, leaveMonth],
};
const CHANNEL = [drawRoom, leaveRoom];

let standing = "";

function draw(screen) {
  drawFrame(screen);
  const kind = state.place in ROOMS ? state.place : "channel";
  if (kind !== standing) {
    for (const [, leave] of [...Object.values(ROOMS), CHANNEL]) leave();
    standing = kind;
  }
  if (kind !== "channel") Promise.resolve(ROOMS[kind][0](screen)).catch((error) => complain(error.message));
  else if (screen.place) drawRoom(screen);
  else nowhere();
  document.title = `${screen.people.find((person) => person.name === screen.me).real_name} · ${t("page.title")}`;
  drawOutage(screen);
  drawForm(screen);
  drawTour(screen);
  updateBehind(screen).catch(() => {});
}

function nowhere() {
  leaveRoom();
  $("room").replaceChildren(
    h("div", { class: "scroll" }, h("div", { class: "empty" }, h("p", { class: "empty-title" }, t("empty.nowhere")), h("p", {}, t("empty.nowhere_more")))),
  );
}

let quieted = 0;
function showComplaint(words) {
  const notice = $("notice");
  notice.replaceChildren(h("p", {}, words), h("button", { type: "button", class: "quiet", "aria-label": t("notice.close"), onclick: () => (notice.hidden = true) }, icon("close")));
  notice.hidden = false;
  clearTimeout(quieted);
  quieted = setTimeout(() => (notice.hidden = true), 12_000);
}

onScreen(draw);
onComplaint(showComplaint);
beginControls();
beginBehind();
addEventListener("hashchange", () => {
  readAddress();
  refresh().catch((error) => complain(error.message));
});
setInterval(drawClock, 1000);

/** Wait for a demo that cannot be reached yet. */
async function firstScreen() {
  for (;;) {
    try {
      return await refresh();
    } catch (error) {
      complain(error.message);
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

let round = null;
await firstScreen();
beginTour(state.screen);
drawTour(state.screen);
$("notice").hidden = true;
for (const part of document.querySelectorAll("[inert]")) part.inert = false; // a press would have done nothing before
document.body.classList.add("ready");
watch(
  (told) => {
    if (told !== null && round !== null && told !== round) location.reload(); // somebody began afresh
    round = told ?? round;
    document.body.classList.remove("lost");
    refresh().catch(() => {});
  },
  () => {
    document.body.classList.add("lost");
    complain(t("page.gone"));
  },
);
