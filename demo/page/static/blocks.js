// Draws Block Kit: what messages, the home tab and forms are made of. Questions in forms are drawn by fields.js.
//
// `context` tells what can be done: `press(block, element, value)` sends an act, `named(id)` gives a user's name.

import { fresh, h, hidden } from "./dom.js";
import { emoji } from "./emoji.js";
import { field } from "./fields.js";
import { drawn as mrkdwn } from "./mrkdwn.js";
import { t } from "./texts.js";

const SAYING = new Set(["header", "section", "rich_text"]);

/**
 * Return the elements for all blocks. What can be pressed is described by what it is about, so that buttons of the same
 * name are told apart when heard: by the title, or by the words right before where there are several rows of buttons.
 */
export function blocks(list, context) {
  const several = list.filter((block) => block.type === "actions").length > 1;
  let about = null;
  return list.map((block) => {
    const drawn = drawBlock(block, { ...context, about });
    if (SAYING.has(block.type) && (several || about === null)) {
      drawn.id ||= fresh("about");
      about = drawn.id;
    }
    return drawn;
  });
}

const KINDS = {
  header: (block) => h("h3", { class: "b-header" }, text(block.text)),
  divider: () => h("hr"),
  section,
  context: (block, context) =>
    h("div", { class: "b-context" }, block.elements.map((part) => (part.type === "image" ? image(part) : h("p", {}, text(part, context))))),
  actions: (block, context) =>
    h("div", { class: "b-actions" }, block.elements.map((element) => drawElement(element, block, context))),
  rich_text: (block, context) => h("div", { class: "b-rich" }, block.elements.map((part) => richPart(part, context))),
  input: (block, context) => field(block, context),
  image: (block) => h("figure", {}, image(block), block.slack_file && spelled(block)),
};

function drawBlock(block, context) {
  const draw = KINDS[block.type];
  return draw ? draw(block, context) : unknown(block);
}

const unknown = (held) => h("p", { class: "unknown" }, t("block.unknown", { type: held.type }));

/** Return a text object's nodes: plain text as it stands, mrkdwn with its markup. */
export function text(object, context = {}) {
  if (!object) return "";
  if (object.type === "mrkdwn") return mrkdwn(object.text, context.named);
  return lines(object.text);
}

function lines(words) {
  return words.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

function section(block, context) {
  const fields = (block.fields ?? []).map((part) => h("p", {}, text(part, context)));
  const id = fresh("text");
  const words = block.text && h("p", { id }, text(block.text, context));
  const accessory = block.accessory && drawElement(block.accessory, block, { ...context, labelled: id });
  return h(
    "div",
    { class: accessory ? "b-section with-accessory" : "b-section" },
    h("div", { class: "b-text" }, words, fields.length > 0 && h("div", { class: "b-fields" }, fields)),
    accessory,
  );
}

const image = (held) => (held.slack_file ? picture(held) : h("span", { class: "b-image", role: "img", "aria-label": held.alt_text }, held.alt_text));

const picture = (held) => h("img", { class: "b-picture", src: `/files/${held.slack_file.id}/picture`, alt: held.alt_text, onload: shown });

/** Bring a picture into sight that came in where somebody reads the newest: only now it is known how tall it is. */
function shown({ target }) {
  const room = target.closest(".scroll");
  const below = room ? room.scrollHeight - room.scrollTop - room.clientHeight : Infinity;
  if (below < target.offsetHeight + 160) target.scrollIntoView({ block: "nearest" });
}

/** What a screen reader has of a picture, for those who see it. */
const spelled = (block) => h("details", { class: "spelled" }, h("summary", {}, t("block.alt")), h("p", {}, block.alt_text));

// ---- rich text -------------------------------------------------------------------------------------------------

const RICH = {
  rich_text_section: (part, context) => h("p", {}, runs(part, context)),
  rich_text_list: (part, context) =>
    h(part.style === "ordered" ? "ol" : "ul", {}, part.elements.map((item) => h("li", {}, runs(item, context)))),
  rich_text_quote: (part, context) => h("blockquote", {}, runs(part, context)),
  rich_text_preformatted: (part, context) => h("pre", {}, runs(part, context)),
};

const richPart = (part, context) => (RICH[part.type] ? RICH[part.type](part, context) : unknown(part));

const runs = (part, context) => part.elements.flatMap((run) => richRun(run, context));

function richRun(run, context) {
  switch (run.type) {
    case "text":
      return run.text.includes("\n") && !run.style ? lines(run.text) : [inStyle(lines(run.text), run.style)];
    case "link":
      return [h("a", { href: run.url, target: "_blank", rel: "noreferrer" }, run.text ?? run.url)];
    case "user":
      return [h("span", { class: "mention" }, `@${context.named?.(run.user_id) ?? run.user_id}`)];
    case "emoji":
      return [emoji(run.name) ?? `:${run.name}:`];
    default:
      return [unknown(run)];
  }
}

function inStyle(words, style = {}) {
  let made = words;
  for (const [name, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]]) {
    if (style[name]) made = [h(tag, {}, made)];
  }
  return h("span", {}, made);
}

// ---- what can be pressed ---------------------------------------------------------------------------------------

const ELEMENTS = {
  button,
  static_select: chooser,
  image,
};

function drawElement(element, block, context) {
  const draw = ELEMENTS[element.type];
  return draw ? draw(element, block, context) : unknown(element);
}

function button(element, block, context) {
  const style = element.style === "primary" ? "primary" : element.style === "danger" ? "danger" : "plain";
  const press = async (event) => {
    const pressed = event.currentTarget;
    if (pressed.getAttribute("aria-busy") === "true") return;
    pressed.setAttribute("aria-busy", "true");
    try {
      await context.press(block, element);
    } finally {
      pressed.removeAttribute("aria-busy");
    }
  };
  return h(
    "button",
    {
      type: "button",
      class: `b-button ${style}`,
      "data-focus": `${block.block_id}/${element.action_id}`,
      "data-action": element.action_id.replace(/#\d+$/, ""),
      "aria-label": spoken(element),
      "aria-describedby": context.about ?? null,
      onclick: press,
    },
    text(element.text),
  );
}

/** What is read aloud: the app's own words, after what stands on the button if they do not say it themselves. */
function spoken(element) {
  const words = element.accessibility_label;
  const face = element.text.text;
  return !words || words.includes(face) ? words : `${face}, ${words}`;
}

/** A menu on a message acts as soon as something is chosen; here a button sends it, so that a keyboard can look first. */
function chooser(element, block, context) {
  const id = fresh("menu");
  const options = element.options ?? element.option_groups.flatMap((group) => group.options);
  const menu = h(
    "select",
    { id, "aria-labelledby": context.labelled, "data-focus": `${block.block_id}/${element.action_id}` },
    h("option", { value: "" }, element.placeholder?.text ?? t("block.choose")),
    options.map((option) => h("option", { value: option.value }, option.text.text)),
  );
  const send = h("button", { type: "button", class: "b-button plain" }, t("block.choose"), hidden(` ${block.text?.text ?? ""}`));
  send.addEventListener("click", () => menu.value && context.press(block, element, menu.value));
  return h("div", { class: "b-menu" }, menu, send);
}
