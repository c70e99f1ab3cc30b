// The few emoji that can appear, by Slack's names; what is not here stays as it was written.

const KNOWN = {
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  x: "❌",
  warning: "⚠️",
  calendar: "📅",
  spiral_calendar_pad: "🗓️",
  bell: "🔔",
  eyes: "👀",
  wave: "👋",
  tada: "🎉",
  "+1": "👍",
  hourglass_flowing_sand: "⏳",
  lock: "🔒",
  memo: "📝",
};

export const emoji = (name) => KNOWN[name] ?? null;
