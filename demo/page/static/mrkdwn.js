// Slack's own markup. What must not be styled is taken out first: code, links, mentions, emoji. Only the rest can be
// bold, italic or struck, so that "09:00" stays a time and ":white_check_mark:" an emoji.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";

const TOKENS = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]+):/g;

/** Split a text into tokens: {kind: "text" | "code" | "pre" | "link" | "mention" | "emoji", text, url?}. */
export function tokens(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(TOKENS)) {
    const token = tokenOf(match);
    if (!token) continue;
    if (match.index > from) found.push({ kind: "text", text: unescaped(text.slice(from, match.index)) });
    found.push(token);
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ kind: "text", text: unescaped(text.slice(from)) });
  return found;
}

function tokenOf([, pre, code, angled, name]) {
  if (pre !== undefined) return { kind: "pre", text: unescaped(pre) };
  if (code !== undefined) return { kind: "code", text: unescaped(code) };
  if (name !== undefined) return emoji(name) ? { kind: "emoji", text: emoji(name), name } : null;
  const [target, label] = angled.split("|", 2);
  if (/^[@#!]/.test(target)) return { kind: "mention", text: unescaped(label ?? target), id: target.slice(1) };
  if (!/^(https?|mailto):/.test(target)) return null;
  return { kind: "link", url: unescaped(target), text: unescaped(label ?? target) };
}

const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const STYLES = [
  ["*", "strong"],
  ["_", "em"],
  ["~", "s"],
];
const BEFORE = /[\s("'[{—–-]/;
const AFTER = /[\s)"'\]}.,:;!?—–-]/;

/** Return nodes for a mrkdwn text; `named` gives the name behind an id. */
export function drawn(text, named = (id) => id) {
  const list = tokens(text);
  const nodes = list.map((token) => nodeOf(token, named));
  return styled(list, nodes);
}

function nodeOf(token, named) {
  switch (token.kind) {
    case "pre":
      return h("pre", {}, token.text.replace(/^\n/, ""));
    case "code":
      return h("code", {}, token.text);
    case "emoji":
      return h("span", { class: "emoji", title: `:${token.name}:` }, token.text);
    case "link":
      return h("a", { href: token.url, target: "_blank", rel: "noreferrer" }, token.text);
    case "mention":
      return h("span", { class: "mention" }, `@${named(token.id) ?? token.text}`);
    default:
      return token.text;
  }
}

/** Style what stands between markers. A marker opens after a space and closes before one, on the same line. */
function styled(list, nodes) {
  // Every text becomes single characters; every other token one opaque piece that no marker looks into.
  const pieces = [];
  list.forEach((token, index) => {
    if (token.kind === "text") for (const letter of token.text) pieces.push(letter);
    else pieces.push(nodes[index]);
  });
  return spans(pieces);
}

function spans(pieces) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(plain);
    plain = "";
  };
  for (let at = 0; at < pieces.length; at += 1) {
    const style = STYLES.find(([marker]) => pieces[at] === marker);
    const end = style ? closing(pieces, at, style[0]) : -1;
    if (end > 0) {
      flush();
      out.push(h(style[1], {}, ...spans(pieces.slice(at + 1, end))));
      at = end;
    } else if (pieces[at] === "\n") {
      flush();
      out.push(h("br"));
    } else if (typeof pieces[at] === "string") plain += pieces[at];
    else {
      flush();
      out.push(pieces[at]);
    }
  }
  flush();
  return out;
}

function closing(pieces, at, marker) {
  const before = pieces[at - 1];
  if (typeof before === "string" && !BEFORE.test(before)) return -1;
  if (pieces[at + 1] === undefined || pieces[at + 1] === marker || /\s/.test(pieces[at + 1])) return -1;
  for (let end = at + 1; end < pieces.length && pieces[end] !== "\n"; end += 1) {
    const after = pieces[end + 1];
    const ends = after === undefined || typeof after !== "string" || AFTER.test(after);
    if (pieces[end] === marker && end > at + 1 && ends && !/\s/.test(pieces[end - 1])) return end;
  }
  return -1;
}
