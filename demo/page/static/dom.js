// Small tools for making and keeping elements.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. `on…` are listeners, `class`, `data-…`, `aria-…` and the rest attributes; false and null leave them out. */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== "string" && name !== "list") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const $ = (id) => document.getElementById(id);

export const hidden = (text) => h("span", { class: "hidden-text" }, text);

let count = 0;
/** Return an id that no other element has. */
export const fresh = (name) => `${name}-${(count += 1)}`;

/** Where the focus is inside `root`, by what stays the same when it is drawn anew. */
export function focusMark(root) {
  const held = document.activeElement;
  if (!held || !root.contains(held) || held === root) return null;
  return held.dataset.focus ?? held.id ?? "";
}

export function refocus(root, mark) {
  if (mark === null) return;
  const found = mark && (root.querySelector(`[data-focus="${CSS.escape(mark)}"]`) ?? root.querySelector(`#${CSS.escape(mark)}`));
  if (found) found.focus({ preventScroll: true });
  else {
    root.tabIndex = -1;
    root.focus({ preventScroll: true });
  }
}

/** Put fresh content into an element, and the focus back to where it was. */
export function refill(root, ...children) {
  const mark = focusMark(root);
  root.replaceChildren(...children.flat(Infinity).filter(Boolean));
  refocus(root, mark);
}

/** Make the children of a list those of `items`, drawing only what is new or has another version. */
export function reconcile(list, items, key, version, draw) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const changed = [];
  let cursor = list.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const was = old.get(name);
    old.delete(name);
    let node = was;
    if (!was || was.dataset.version !== version(item)) {
      node = draw(item, was);
      node.dataset.key = name;
      node.dataset.version = version(item);
      if (was) {
        const mark = focusMark(was);
        if (cursor === was) cursor = node;
        was.replaceWith(node);
        refocus(node, mark);
        changed.push(node);
      }
    }
    if (node === cursor) cursor = cursor.nextElementSibling;
    else list.insertBefore(node, cursor);
  }
  for (const node of old.values()) node.remove();
  return changed;
}
