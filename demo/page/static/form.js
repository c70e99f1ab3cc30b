// Forms (Slack's modals): a dialog with questions, errors at the fields, and the bot's answer in the same window.

import { blocks, text } from "./blocks.js";
import { announce } from "./announcer.js";
import { $, focusMark, h, icon, refocus } from "./dom.js";
import { answers, fillIn, showErrors } from "./fields.js";
import { get } from "./server.js";
import { act, complain, named, state } from "./store.js";
import { counted, t } from "./texts.js";
import { hintFor } from "./tour.js";

const dialog = $("form");
let shown = null;
let back = null; // what had the focus before the form came

export function drawForm(screen) {
  const view = screen.view?.id === closing ? null : screen.view;
  if (!view) return close();
  const key = `${screen.me}/${view.id}/${view.hash}`;
  if (shown !== key) draw(view, screen, key);
  drawHint();
  if (!dialog.open) {
    back = document.activeElement;
    dialog.showModal();
    focusFirst();
  }
}

function close() {
  shown = null;
  if (!dialog.open) return;
  dialog.close();
  dialog.replaceChildren();
  const goal = back?.isConnected ? back : $("line") ?? $("main");
  goal.focus({ preventScroll: true });
}

function draw(view, screen, key) {
  const again = shown !== null && dialog.open;
  const before = dialog.querySelector("form");
  const same = again && before?.dataset.id === view.id && before.dataset.view === view.name;
  const kept = same ? { values: answers(before), mark: focusMark(before), top: before.querySelector(".form-body").scrollTop } : null;
  shown = key;
  const context = {
    named,
    people: screen.people,
    values: view.values,
    press: (block, element, value = null) => act({ type: "press", action: element.action_id, block: block.block_id, value, view: view.id }),
  };
  const asks = view.blocks.some((block) => block.type === "input");
  const content = h("div", { class: "form-body", tabIndex: -1 }, blocks(view.blocks, context));
  const foot = h(
    "footer",
    { class: "form-foot" },
    h("button", { type: "button", onclick: () => cancel(view) }, text(view.close) || t("form.close")),
    view.submit && h("button", { type: "submit", class: "primary" }, text(view.submit)),
  );
  const form = h(
    "form",
    { method: "dialog", novalidate: true, "data-view": view.name, "data-id": view.id },
    h(
      "header",
      { class: "form-head" },
      h("span", { class: "mark small", "aria-hidden": "true" }, "SIP"),
      h("h2", { id: "form-title" }, text(view.title)),
      h("button", { type: "button", class: "quiet close", "aria-label": t("form.close"), onclick: () => cancel(view) }, icon("close")),
    ),
    h("div", { class: "form-demo" }, h("p", { id: "form-hint" }), asks && h("button", { type: "button", class: "quiet", id: "form-example", onclick: () => example(form) }, t("form.example"))),
    content,
    foot,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, view);
  });
  const asking = new Set(view.blocks.filter((block) => block.dispatch_action).map((block) => block.block_id));
  form.addEventListener("change", (event) => {
    if (asking.has(event.target.closest("[data-field]")?.dataset.field)) tell(form, view);
  });
  dialog.replaceChildren(form);
  if (kept) keepOn(form, kept, before);
  else if (again) focusFirst();
}

/** The form asks something else now: what was typed stays, and so does the place where the visitor is. */
function keepOn(form, kept, before) {
  fillIn(form, kept.values);
  form.querySelector(".form-body").scrollTop = kept.top;
  refocus(form, kept.mark);
  const known = new Set([...before.querySelectorAll("[data-field]")].map((place) => place.dataset.field));
  const more = [...form.querySelectorAll("[data-field]")].filter((place) => !known.has(place.dataset.field));
  if (more.length) announce(counted("form.more", more.length));
}

/** Tell the bot of a changed answer, so that the form can ask what follows from it. */
const tell = (form, view) => act({ type: "answer", view: view.id, values: answers(form) });

function drawHint() {
  const hint = $("form-hint");
  if (!hint) return;
  const words = hintFor(dialog.querySelector("form").dataset.view);
  const strip = hint.parentElement;
  strip.hidden = !words && strip.children.length === 1;
  if (hint.textContent !== (words ?? t("form.demo"))) hint.textContent = words ?? t("form.demo");
}

/** Begin where there is something to do: the first question, or the answer itself. */
function focusFirst() {
  const body = dialog.querySelector(".form-body");
  body.scrollTop = 0;
  const first = body.querySelector("input, select, textarea");
  const field = first?.closest("fieldset") ?? first ?? body.querySelector("button") ?? body;
  field.focus({ preventScroll: true });
}

async function submit(form, view) {
  const button = form.querySelector("button[type=submit]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const answer = await act({ type: "submit", view: view.id, values: answers(form) });
  button.removeAttribute("aria-busy");
  if (form.isConnected) showErrors(form, answer.errors);
}

let closing = ""; // the form that is being closed: a second Escape or click must not close the one below

async function cancel(view) {
  if (closing === view.id) return;
  closing = view.id;
  close();
  await act({ type: "cancel", view: view.id });
  closing = "";
  drawForm(state.screen); // if it could not be closed, it comes back
}

/** Fill in an example; where an answer makes the form ask more, that too. */
async function example(form) {
  const fields = (drawn) => [...drawn.querySelectorAll("[data-field]")].map((place) => place.dataset.field).join();
  try {
    for (let asked = ""; asked !== fields(form); form = dialog.querySelector("form")) {
      asked = fields(form);
      fillIn(form, await get("/api/example", { person: state.person }));
      await tell(form, state.screen.view);
    }
    form.querySelector("button[type=submit]")?.focus({ preventScroll: true });
  } catch (error) {
    complain(error.message);
  }
}

// Escape closes by way of the bot's Slack, as the button does; some browsers close the dialog themselves.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  if (state.screen?.view) cancel(state.screen.view);
});
dialog.addEventListener("close", () => {
  if (shown && state.screen?.view) cancel(state.screen.view);
});
