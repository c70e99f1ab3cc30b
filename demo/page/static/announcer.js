// What screen readers are told of, each thing once: words that come at the same moment are said together.

import { $ } from "./dom.js";

let waiting = [];
let timer = 0;

export function announce(words) {
  if (!waiting.includes(words)) waiting.push(words);
  clearTimeout(timer);
  timer = setTimeout(() => {
    $("announcer").textContent = waiting.join(" ");
    waiting = [];
  }, 120);
}
