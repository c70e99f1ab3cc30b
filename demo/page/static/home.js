// The app's home tab.

import { blocks } from "./blocks.js";
import { $, h, refocus, focusMark } from "./dom.js";
import { avatar } from "./frame.js";
import { act, named } from "./store.js";
import { t } from "./texts.js";

let shown = "";
let asked = "";

export function drawHome(screen) {
  if (asked !== screen.me) {
    asked = screen.me;
    shown = "";
    act({ type: "home" });
  }
  const home = screen.home;
  const version = `${screen.me}/${home ? home.hash : ""}`;
  if (version === shown) return;
  shown = version;
  const context = {
    named,
    press: (block, element, value = null) => act({ type: "press", action: element.action_id, block: block.block_id, value, view: home.id }),
  };
  const head = h("header", { class: "room-head" }, h("h2", {}, avatar("", "bot"), t("place.home")), h("p", {}, t("home.about")));
  const content = home ? h("div", { class: "blocks" }, blocks(home.blocks, context)) : h("p", { class: "waiting" }, t("home.waiting"));
  const room = $("room");
  const mark = focusMark(room);
  room.replaceChildren(head, h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("place.home") }, h("div", { class: "sheet home" }, content)));
  refocus(room, mark);
}

/** The home tab is left: it is asked for again when it comes back. */
export function leaveHome() {
  asked = "";
  shown = "";
}
