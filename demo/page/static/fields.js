// Draws the questions of a form, each with its label, hint and place for an error, and reads the answers.

import { fresh, h } from "./dom.js";
import { t } from "./texts.js";

/** Draw an input block. `context.values` holds what was filled in before, `context.people` who can be chosen. */
export function field(block, context) {
  const element = block.element;
  const draw = KINDS[element.type];
  if (!draw) return h("p", { class: "unknown" }, t("block.unknown", { type: element.type }));
  const id = fresh("field");
  const hint = block.hint && h("p", { class: "hint", id: `${id}-hint` }, block.hint.text);
  const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
  const told = {
    id,
    name: block.block_id,
    required: !block.optional,
    described: [hint && hint.id, error.id].filter(Boolean).join(" "),
    given: context.values?.[block.block_id]?.[element.action_id],
  };
  const optional = block.optional ? h("span", { class: "optional" }, ` ${t("form.optional")}`) : null;
  const label = [block.label.text, optional];
  const made = draw(element, told, label, context);
  return h("div", { class: "field", "data-field": block.block_id, "data-kind": element.type }, made, hint, error);
}

const attributes = (told) => ({
  id: told.id,
  name: told.name,
  "aria-describedby": told.described,
  "aria-required": told.required ? "true" : null,
  "data-focus": told.name,
});

const labelled = (told, label, control) => [h("label", { for: told.id }, label), control];

function line(type) {
  return (element, told, label) => {
    const value = told.given?.value ?? element.initial_value ?? "";
    const common = { ...attributes(told), maxLength: element.max_length, placeholder: element.placeholder?.text };
    const control = element.multiline ? h("textarea", { ...common, rows: 3 }, value) : h("input", { ...common, type, autocomplete: "off" });
    control.value = value;
    return labelled(told, label, control);
  };
}

function picker(type, answer, initial) {
  return (element, told, label) => {
    const control = h("input", { ...attributes(told), type });
    control.value = told.given?.[answer] ?? element[initial] ?? "";
    return labelled(told, label, control);
  };
}

const offered = (element) => element.options ?? element.option_groups?.flatMap((group) => group.options) ?? [];

function menu(element, told, label) {
  const chosen = told.given?.selected_option?.value ?? element.initial_option?.value ?? "";
  const option = (held) => h("option", { value: held.value, selected: held.value === chosen }, held.text.text);
  const groups = element.option_groups?.map((group) => h("optgroup", { label: group.label.text }, group.options.map(option)));
  const first = h("option", { value: "" }, element.placeholder?.text ?? t("block.choose"));
  return labelled(told, label, h("select", attributes(told), first, groups ?? element.options.map(option)));
}

function people(element, told, label, context) {
  const chosen = told.given?.selected_user ?? element.initial_user ?? "";
  const first = h("option", { value: "" }, element.placeholder?.text ?? t("form.choose_person"));
  const options = context.people.map((person) =>
    h("option", { value: person.id, selected: person.id === chosen }, `${person.real_name}, ${person.agency_name}`),
  );
  return labelled(told, label, h("select", attributes(told), first, options));
}

/** Several of a few: one box each, under a legend. */
function boxes(told, label, choices, chosen, type = "checkbox") {
  const drawn = choices.map((choice) => {
    const id = fresh("box");
    const note = choice.note && h("span", { class: "note" }, choice.note);
    const box = h("input", { type, id, name: told.name, value: choice.value, checked: chosen.includes(choice.value) });
    return h("div", { class: "box" }, box, h("label", { for: id }, choice.label, note));
  });
  const legend = h("legend", {}, label);
  const group = { id: told.id, "aria-describedby": told.described, tabIndex: -1, "data-focus": told.name };
  return h("fieldset", { ...group, class: choices.length > 12 ? "boxes many" : "boxes" }, legend, drawn);
}

const choice = (option) => ({ value: option.value, label: option.text.text, note: option.description?.text });

function several(element, told, label) {
  const before = told.given?.selected_options ?? element.initial_options ?? [];
  return boxes(told, label, offered(element).map(choice), before.map((option) => option.value));
}

function radios(element, told, label) {
  const before = told.given?.selected_option ?? element.initial_option;
  return boxes(told, label, offered(element).map(choice), before ? [before.value] : [], "radio");
}

function severalPeople(element, told, label, context) {
  const before = told.given?.selected_users ?? element.initial_users ?? [];
  const choices = context.people.map((person) => ({ value: person.id, label: person.real_name, note: person.agency_name }));
  return boxes(told, label, choices, before);
}

const KINDS = {
  plain_text_input: line("text"),
  url_text_input: line("url"),
  email_text_input: line("email"),
  number_input: line("number"),
  datepicker: picker("date", "selected_date", "initial_date"),
  timepicker: picker("time", "selected_time", "initial_time"),
  static_select: menu,
  multi_static_select: several,
  checkboxes: several,
  radio_buttons: radios,
  users_select: people,
  multi_users_select: severalPeople,
};

const LISTS = new Set(["multi_static_select", "checkboxes", "multi_users_select"]);

/** Return what is filled in, by field: a string or nothing, or a list. */
export function answers(form) {
  const found = {};
  for (const place of form.querySelectorAll("[data-field]")) {
    const kind = place.dataset.kind;
    const boxes = [...place.querySelectorAll("input[type=checkbox], input[type=radio]")];
    const checked = boxes.filter((box) => box.checked).map((box) => box.value);
    if (LISTS.has(kind)) found[place.dataset.field] = checked;
    else if (kind === "radio_buttons") found[place.dataset.field] = checked[0] ?? null;
    else found[place.dataset.field] = place.querySelector("input, select, textarea").value || null;
  }
  return found;
}

/** Fill in values by field. */
export function fillIn(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const place = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
    if (!place) continue;
    const boxes = [...place.querySelectorAll("input[type=checkbox], input[type=radio]")];
    if (boxes.length) for (const box of boxes) box.checked = [value].flat().includes(box.value);
    else place.querySelector("input, select, textarea").value = value ?? "";
  }
}

/** Show errors at their fields, take away the others, and go to the first. */
export function showErrors(form, errors) {
  let first = null;
  for (const place of form.querySelectorAll("[data-field]")) {
    const words = errors[place.dataset.field] ?? "";
    const control = place.querySelector("fieldset, input, select, textarea");
    const error = place.querySelector(".error");
    error.textContent = words;
    error.hidden = !words;
    if (words && control.tagName !== "FIELDSET") control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    place.classList.toggle("wrong", Boolean(words));
    if (words && !first) first = control;
  }
  if (first) {
    first.focus();
    first.scrollIntoView({ block: "center" });
  }
}
