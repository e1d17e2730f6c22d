// The log of the job that the page shows: <section id="log">, whose steps the server renders and keeps up to date.
import { Follow } from "./follow.js";
import { Lines } from "./lines.js";
import { Places, Search } from "./places.js";
import { Room } from "./room.js";
import { Source } from "./source.js";

const TIMES = ["none", "clock", "since"];
const remembered = (key, otherwise) => { try { return localStorage.getItem(key) ?? otherwise; } catch { return otherwise; } };
const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* for this page only */ } };

class Viewer {
  #touched = new Set();
  #opened = new Set();
  #shown = false;

  constructor(section) {
    this.section = section;
    this.job = section.dataset.job;
    this.live = section.dataset.ended !== "true";
    this.signal = new AbortController();
    const find = (selector) => section.querySelector(selector);
    this.scroll = find(".log-scroll");
    this.state = find(".log-state");
    section.dataset.times = TIMES.includes(remembered("log.times")) ? remembered("log.times") : "none";
    section.dataset.wrap = remembered("log.wrap", "yes");

    this.lines = new Lines(section, (steps, count) => this.#added(steps, count));
    this.follow = new Follow(this.scroll, find("[data-log=toggle]"), find("[data-log=more]"));
    this.room = new Room(section, this.scroll, this.follow);
    this.places = new Places(section, this.lines, this.follow);
    new Search(find("[data-log=search]"), find(".log-found"), this.lines, this.places);
    this.source = new Source({
      api: section.dataset.api,
      socket: section.dataset.socket,
      ended: !this.live,
      take: (lines) => this.lines.add(lines),
      say: (state) => this.#say(state),
    });
    this.#listen();
    this.#pressed();
    if (this.live && !this.places.asked) this.follow.set(true);
  }

  stop() {
    this.source.stop();
    this.lines.stop();
    this.places.stop();
    this.room.stop();
    this.signal.abort();
  }

  #listen() {
    const { section } = this;
    const on = (name, act) => section.addEventListener(name, act, { signal: this.signal.signal });
    on("click", (event) => {
      const action = event.target.closest("[data-log]")?.dataset.log;
      if (action && this[action]) this[action](event);
      const summary = event.target.closest("summary");
      if (summary) this.#touched.add(Number(summary.parentElement.dataset.step));
    });
    on("keelway:failure", (event) => {
      const step = event.target.closest("details[data-step]");
      if (step) this.places.fail(Number(step.dataset.step));
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-line]");
      if (!link || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      location.hash = `L${link.dataset.line}`;
      section.scrollIntoView({ block: "start" });
    }, { signal: this.signal.signal });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && section.classList.contains("is-full")) this.full();
    }, { signal: this.signal.signal });
  }

  // --- what the buttons do ----------------------------------------------------------------------------------------

  toggle() { this.follow.set(!this.follow.on); }

  more() { this.follow.set(true); }

  jump(event) { this.places.fail(Number(event.target.closest("[data-log]").dataset.step)); }

  times() {
    const next = TIMES[(TIMES.indexOf(this.section.dataset.times) + 1) % TIMES.length];
    this.section.dataset.times = next;
    remember("log.times", next);
    this.lines.stampAll();
    this.#pressed();
  }

  wrap() {
    this.section.dataset.wrap = this.section.dataset.wrap === "yes" ? "no" : "yes";
    remember("log.wrap", this.section.dataset.wrap);
    this.#pressed();
  }

  full() {
    const full = this.section.classList.toggle("is-full");
    document.documentElement.classList.toggle("is-covered", full);
    this.#pressed();
    this.room.fit();
  }

  #pressed() {
    const press = (name, on) => this.section.querySelector(`[data-log=${name}]`).setAttribute("aria-pressed", String(on));
    press("times", this.section.dataset.times !== "none");
    press("wrap", this.section.dataset.wrap === "yes");
    press("full", this.section.classList.contains("is-full"));
  }

  // --- what arrives -----------------------------------------------------------------------------------------------

  #added(steps, count) {
    // A step that begins while one watches opens by itself, once, unless the reader has folded it.
    if (this.live) {
      for (const number of steps) {
        if (this.#opened.has(number) || this.#touched.has(number)) continue;
        this.#opened.add(number);
        const details = this.section.querySelector(`details[data-step="${number}"]`);
        if (details) details.open = true;
      }
    }
    this.places.arrive();
    this.follow.grew(this.live ? count : 0);
    this.#atError();
  }

  // A log that ended badly is opened at its error, once all of it is there.
  #atError() {
    const failed = this.section.dataset.failed;
    if (this.live || !failed || this.#shown || this.lines.waiting || this.section.dataset.source !== "complete") return;
    this.#shown = true;
    if (!location.hash) this.places.showEnd(Number(failed));
  }

  #say(state) {
    this.section.dataset.source = state;
    this.#atError();
    this.state.textContent = state === "waiting" ? "Connection lost; reconnecting…" : "";
  }

  // The server's part was rendered anew: attributes that are ours went with it.
  updated() {
    this.#pressed();
    this.room.fit();
  }
}

let viewer = null;

function look() {
  const section = document.getElementById("log");
  if (viewer && viewer.section === section && viewer.job === section?.dataset.job) { viewer.updated(); return; }
  viewer?.stop();
  viewer = section ? new Viewer(section) : null;
}

document.addEventListener("keelway:updated", look);
look();
