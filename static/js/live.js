// Keeps a page true without reloading it. Elements say what they show ([data-topic], a list of topics) and where their
// present form is to be had ([data-src]). One socket per page brings nudges, "what you show as <topic> has changed";
// they carry no data, so after a gap it is enough to fetch everything once.
import { Idiomorph } from "../vendor/idiomorph.js";

const SETTLE = 100; // ms in which several nudges become one fetch
const RETRY = [500, 1000, 2000, 5000, 10000];
const path = document.body.dataset.live;

let socket = null;
let failures = 0;
let missed = false;
let timer = 0;

const shown = () => [...document.querySelectorAll("[data-topic]")];
const topics = () => [...new Set(shown().flatMap((element) => element.dataset.topic.split(/\s+/).filter(Boolean)))];
const fragments = () => shown().filter((element) => element.dataset.src);

// --- fragments --------------------------------------------------------------------------------------------------------

const waiting = new Map(); // id of an element → its timer
const busy = new Set();
const again = new Set();

function refreshSoon(element) {
  const { id } = element;
  if (busy.has(id)) { again.add(id); return; }
  if (waiting.has(id)) return;
  waiting.set(id, setTimeout(() => { waiting.delete(id); refresh(id); }, Number(element.dataset.settle) || SETTLE));
}

async function refresh(id) {
  if (document.hidden) { missed = true; return; }
  const element = document.getElementById(id);
  if (!element) return;
  busy.add(id);
  try {
    const answer = await fetch(element.dataset.src, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    // Signed out, or no longer a member: what stands here is no longer theirs to see.
    if (answer.redirected || [401, 403, 404].includes(answer.status)) {
      if (element.hasAttribute("data-load")) element.remove(); else location.reload();
      return;
    }
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    morph(element, await answer.text());
  } catch {
    missed = true; // the next connection fetches it again
  } finally {
    busy.delete(id);
    if (again.delete(id)) { const now = document.getElementById(id); if (now) refreshSoon(now); }
  }
}

export function morph(element, html) {
  const { id } = element;
  Idiomorph.morph(element, html, {
    morphStyle: "outerHTML",
    callbacks: {
      // What is filled otherwise, as the lines of a log or a fragment in a fragment, stays as it is.
      beforeNodeMorphed: (old) => old === element || !(old instanceof Element && old.hasAttribute("data-keep")),
      // What the reader opened stays open, and what they typed stays typed; [data-own] lists what else is theirs.
      beforeAttributeUpdated: (name, node) =>
        !(name === "open" && node.localName === "details") &&
        !(name === "value" && node === document.activeElement) &&
        !node.dataset?.own?.split(" ").includes(name),
    },
  });
  showState();
  const now = document.getElementById(id);
  now?.dispatchEvent(new CustomEvent("keelway:updated", { bubbles: true }));
  watch();
}

function refreshAll() {
  missed = false;
  fragments().forEach(refreshSoon);
}

// Fragments that are not on the page yet: their place fetches them when it is there.
for (const element of document.querySelectorAll("[data-src][data-load]")) refresh(element.id);

// --- title and icon ---------------------------------------------------------------------------------------------------

function showState() {
  const state = document.getElementById("page-state");
  if (!state) return;
  if (document.title !== state.dataset.title) document.title = state.dataset.title;
  const icon = document.querySelector("link[rel=icon]");
  const wanted = icon.getAttribute("href").replace(/favicon(-\w+)?\.svg/, state.dataset.state ? `favicon-${state.dataset.state}.svg` : "favicon.svg");
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

// --- the socket -------------------------------------------------------------------------------------------------------

let watched = "";

function watch() {
  const list = topics();
  if (socket?.readyState !== WebSocket.OPEN || list.join(" ") === watched) return;
  watched = list.join(" ");
  socket.send(JSON.stringify({ watch: list }));
}

function connect() {
  if (!path || socket || document.hidden || topics().length === 0) return;
  clearTimeout(timer);
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.onopen = () => {
    watched = "";
    watch();
    // What changed between the page's rendering, or the last connection, and this moment was seen by nobody. Fetched a
    // little later, for the server to have begun watching.
    setTimeout(refreshAll, 250);
    failures = 0;
    tell("");
  };
  socket.onmessage = ({ data }) => {
    const { topic } = JSON.parse(data);
    if (!topic) return;
    document.dispatchEvent(new CustomEvent("keelway:nudge", { detail: topic }));
    for (const element of fragments()) if (element.dataset.topic.split(/\s+/).includes(topic)) refreshSoon(element);
  };
  socket.onclose = () => {
    socket = null;
    if (document.hidden) return;
    const wait = RETRY[Math.min(failures, RETRY.length - 1)];
    failures += 1;
    if (failures > 1) tell("Not live: reconnecting…");
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2)); // spread, so that a restart is not met by all at once
  };
}

function tell(text) {
  const place = document.getElementById("offline");
  if (place && place.textContent !== text) place.textContent = text;
}

let sleep = 0;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    // Someone who only looks at another tab for a moment should not pay a new connection.
    sleep = setTimeout(() => { missed = true; socket?.close(); }, 60000);
    return;
  }
  clearTimeout(sleep);
  if (!socket) { failures = 0; connect(); } else if (missed) refreshAll();
});
addEventListener("online", () => { failures = 0; connect(); });
addEventListener("pagehide", () => socket?.close());
addEventListener("pageshow", (event) => { if (event.persisted) { missed = true; connect(); } });

connect();
