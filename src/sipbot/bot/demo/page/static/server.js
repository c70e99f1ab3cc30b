// The demo's server: questions and acts as JSON.

import { t } from "./texts.js";

async function asked(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error(t("page.gone"));
  }
  const body = await answer.json().catch(() => ({}));
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
