// The demo's server: questions and acts as JSON.

import { t } from "./texts.js";

let pending = 0;
/** Mark the page while something is asked, for whoever waits for it to come to rest. */
function mark(by) {
  pending += by;
  document.documentElement.dataset.pending = String(pending);
}

async function answered(path, options) {
  mark(1);
  try {
    const answer = await fetch(path, options);
    return { ok: answer.ok, status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    throw new Error(t("page.gone"));
  } finally {
    setTimeout(() => mark(-1)); // whoever asked goes on first
  }
}

async function asked(path, options) {
  const { body, ...answer } = await answered(path, options);
  if (!answer.ok) throw Object.assign(new Error(body.error || t("page.failed")), { status: answer.status });
  return body;
}

export const get = (path, params = {}) => asked(`${path}?${new URLSearchParams(params)}`);

export const post = (path, body) =>
  asked(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Call `told` whenever something has changed in the demo, and `lost` when it can no longer be reached. */
export function watch(told, lost) {
  const source = new EventSource("/api/events");
  source.onmessage = (event) => told(event.data);
  source.onerror = () => lost();
  source.onopen = () => told(null);
}
