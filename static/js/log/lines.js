// The lines on the page. Each step has its place (.log-lines); lines lie there in blocks of 500, and the browser skips
// the layout of blocks that are out of sight while its own search still finds their text.
import { Painter } from "./ansi.js";

const BLOCK = 500;
const PER_FRAME = 1500;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false });

export class Lines {
  rows = []; // rows[n] is the element of line n
  #queue = [];
  #frame = 0;
  #steps = new Map(); // number of a step → { place, block, painter, last }

  // added(steps): called after lines appeared, with the numbers of the steps that they belong to.
  constructor(section, added) {
    Object.assign(this, { section, added });
    this.link = section.dataset.link;
  }

  get waiting() { return this.#queue.length > 0; }

  add(lines) {
    this.#queue.push(...lines);
    this.#frame ||= requestAnimationFrame(() => this.#flush());
  }

  stop() { cancelAnimationFrame(this.#frame); }

  lastOf(step) { return this.#steps.get(step)?.last; }

  text(n) { return this.rows[n].lastChild.textContent; }

  stamp(n) {
    const row = this.rows[n];
    const mode = this.section.dataset.times;
    const moment = new Date(row.dataset.at);
    if (mode === "clock") row.dataset.t = clock.format(moment);
    else if (mode === "since") row.dataset.t = since(moment - new Date(this.section.dataset.started));
    else delete row.dataset.t;
  }

  stampAll() { for (let n = 1; n < this.rows.length; n += 1) this.stamp(n); }

  #flush() {
    const batch = this.#queue.splice(0, PER_FRAME);
    const touched = new Set();
    for (const line of batch) {
      touched.add(line.step);
      this.#append(line);
    }
    this.#frame = this.#queue.length > 0 ? requestAnimationFrame(() => this.#flush()) : 0;
    this.added(touched, batch.length);
  }

  #append(line) {
    const step = this.#step(line.step);
    if (step.block.childElementCount >= BLOCK) {
      step.block.classList.add("is-full");
      step.block = step.place.appendChild(block());
    }
    const row = document.createElement("div");
    row.className = "ll";
    row.dataset.at = line.t;
    const number = document.createElement("a");
    number.href = `${this.link}#L${line.n}`;
    number.textContent = line.n;
    const text = document.createElement("span");
    text.append(step.painter.paint(line.text));
    row.append(number, text);
    step.block.append(row);
    step.last = line.n;
    this.rows[line.n] = row;
    if (this.section.dataset.times !== "none") this.stamp(line.n);
  }

  #step(number) {
    let step = this.#steps.get(number);
    if (!step) {
      const place = this.section.querySelector(`.log-lines[data-step="${number}"]`) ?? [...this.section.querySelectorAll(".log-lines")].at(-1);
      step = { place, block: place.appendChild(block()), painter: new Painter(), last: 0 };
      this.#steps.set(number, step);
    }
    return step;
  }
}

function block() {
  const element = document.createElement("div");
  element.className = "log-block";
  return element;
}

function since(ms) {
  const seconds = Math.max(0, ms) / 1000;
  const minutes = Math.floor(seconds / 60);
  return `+${minutes}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
}
