// The page's words, which the server puts into the page in the language of the demo.

const held = JSON.parse(document.getElementById("texts").textContent);

export const language = document.documentElement.lang;

/** Return a text with its placeholders filled. */
export function t(key, params = {}) {
  const text = held[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/** Return whether there is a text. */
export const has = (key) => key in held;

/** Return the text for one or for several. */
export const counted = (key, n, params = {}) => t(`${key}.${n === 1 ? "one" : "many"}`, { n, ...params });
