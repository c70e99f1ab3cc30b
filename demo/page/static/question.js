// A question before something that cannot be taken back.

import { $, h } from "./dom.js";
import { t } from "./texts.js";

/** Ask, and return whether the answer is yes. */
export function ask(title, more, yes) {
  const dialog = $("question");
  return new Promise((settle) => {
    const answer = (said) => {
      dialog.close();
      settle(said);
    };
    const no = h("button", { type: "button", onclick: () => answer(false) }, t("question.no"));
    dialog.replaceChildren(
      h("h2", { id: "question-title" }, title),
      h("p", {}, more),
      h("div", { class: "question-foot" }, no, h("button", { type: "button", class: "primary", onclick: () => answer(true) }, yes)),
    );
    dialog.oncancel = (event) => {
      event.preventDefault();
      answer(false);
    };
    dialog.showModal();
    no.focus();
  });
}
