// Markup as it arrives in a room: of what somebody's program wrote, only plain text structure is drawn.

import { h } from "./dom.js";

const TAGS = { H1: "h3", H2: "h3", H3: "h3", H4: "h3", P: "p", UL: "ul", OL: "ol", LI: "li", STRONG: "strong", B: "strong", EM: "em", I: "em", CODE: "code", PRE: "pre", BLOCKQUOTE: "blockquote", BR: "br" };
const ADDRESS = /https:\/\/[^\s<>"]+/g;

/** Return nodes for a message's HTML; tags that are not known leave their text, and no attribute is taken over. */
export function markup(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes].map(node);
}

function node(held) {
  if (held.nodeType === Node.TEXT_NODE) return linked(held.textContent);
  if (held.nodeType !== Node.ELEMENT_NODE) return null;
  const children = [...held.childNodes].map(node);
  const tag = TAGS[held.tagName];
  if (tag) return h(tag, {}, children);
  return ["SCRIPT", "STYLE"].includes(held.tagName) ? null : children;
}

/** Return plain text with its lines, and its addresses as links. */
export const plain = (text) => text.split("\n").flatMap((line, index) => (index ? [h("br"), linked(line)] : [linked(line)]));

function linked(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    found.push(text.slice(from, match.index), h("a", { href: match[0], target: "_blank", rel: "noreferrer" }, match[0]));
    from = match.index + match[0].length;
  }
  return [...found, text.slice(from)];
}
