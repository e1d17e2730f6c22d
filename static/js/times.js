// Relative times that stay true, with the exact time in the reader's own zone on hover or tap; durations that tick.

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

export function duration(seconds) {
  const s = Math.max(0, seconds);
  if (s < 9.95) return `${s.toFixed(1)} s`;
  const whole = Math.round(s);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} m`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

export function ago(seconds) {
  if (seconds < 45) return "just now";
  for (const [limit, size, word] of [[5400, 60, "minute"], [129600, 3600, "hour"], [3888000, 86400, "day"]]) {
    if (seconds >= limit) continue;
    const count = Math.max(1, Math.round(seconds / size));
    return `${count} ${word}${count === 1 ? "" : "s"} ago`;
  }
  const months = Math.round(seconds / 2592000);
  return months < 18 ? `${months} months ago` : `${Math.round(months / 12)} years ago`;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function relative() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const moment = new Date(time.dateTime);
    const full = exact.format(moment);
    if (time.title !== full) time.title = full;
    say(time, time.dataset.exact ? full : ago((Date.now() - moment) / 1000));
  }
}

function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-since]")) {
    say(element, duration(Math.floor((Date.now() - new Date(element.dataset.since)) / 1000 * 10) / 10));
  }
}

document.addEventListener("click", (event) => {
  const time = event.target.closest?.("time[data-ago]");
  if (!time || time.closest("a, button, summary")) return;
  if (time.dataset.exact) delete time.dataset.exact; else time.dataset.exact = "1";
  relative();
});
document.addEventListener("keelway:updated", () => { relative(); tick(); });

relative();
setInterval(relative, 15000);
setInterval(tick, 1000);
