// Places in a log: links to lines (#L12) and ranges (#L10-L20), the failure, and what a search finds.

export class Places {
  #wanted = null;
  #marked = [];
  #from = 0;

  constructor(section, lines, follow) {
    Object.assign(this, { section, lines, follow });
    this.#want();
    this.onHash = () => { this.#want(); this.arrive(); };
    addEventListener("hashchange", this.onHash);
    section.addEventListener("click", (event) => this.#clicked(event));
  }

  stop() { removeEventListener("hashchange", this.onHash); }

  get asked() { return this.#wanted !== null; }

  // Goes to the lines that the address names as soon as they are there.
  arrive() {
    if (!this.#wanted || !this.lines.rows[this.#wanted[1]]) return;
    const [first, last] = this.#wanted;
    this.#wanted = null;
    this.#mark(first, last);
    this.go(first);
  }

  go(n, block = "center") {
    const row = this.lines.rows[n];
    if (!row) return;
    this.follow.set(false);
    row.closest("details").open = true;
    row.scrollIntoView({ block });
    // Blocks out of sight have a guessed height until they are shown, so the first jump may fall short.
    requestAnimationFrame(() => row.scrollIntoView({ block }));
  }

  // As `fail`, in the log's own window: the page stays where it is.
  showEnd(step) {
    const row = this.lines.rows[this.lines.lastOf(step)];
    if (!row) return;
    const { scroll } = this.follow;
    const move = () => { scroll.scrollTop += row.getBoundingClientRect().bottom - scroll.getBoundingClientRect().bottom + 12; };
    move();
    requestAnimationFrame(move);
  }

  // The end of a failed step: its last lines say why.
  fail(step) {
    const last = this.lines.lastOf(step);
    const details = this.section.querySelector(`details[data-step="${step}"]`);
    if (details) details.open = true;
    if (last) this.go(last, "end"); else details?.scrollIntoView({ block: "center" });
  }

  #want() {
    const found = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
    if (!found) return;
    const a = Number(found[1]);
    const b = Number(found[2] ?? a);
    this.#wanted = [Math.min(a, b), Math.max(a, b)];
    this.#from = a;
  }

  #mark(first, last) {
    for (const row of this.#marked) row.classList.remove("is-marked");
    this.#marked = this.lines.rows.slice(first, last + 1);
    for (const row of this.#marked) row.classList.add("is-marked");
  }

  #clicked(event) {
    const number = event.target.closest(".ll > a");
    if (!number || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const n = Number(number.textContent);
    const from = event.shiftKey && this.#from ? this.#from : n;
    if (!event.shiftKey) this.#from = n;
    else getSelection().removeAllRanges();
    const [first, last] = [Math.min(from, n), Math.max(from, n)];
    this.#mark(first, last);
    // The address of this very attempt: which job a build shows by itself may change.
    history.replaceState(null, "", `${this.section.dataset.link}#L${first}${last === first ? "" : `-L${last}`}`);
  }
}

export class Search {
  #found = [];
  #at = -1;
  #row = null;
  #timer = 0;

  constructor(input, status, lines, places) {
    Object.assign(this, { input, status, lines, places });
    input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => { this.#look(); this.#move(1); }, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#move(event.shiftKey ? -1 : 1);
    });
    input.addEventListener("focus", () => this.#look());
  }

  #look() {
    const text = this.input.value.toLowerCase();
    this.#found = [];
    this.#at = -1;
    if (text) {
      for (let n = 1; n < this.lines.rows.length; n += 1) {
        if (this.lines.text(n).toLowerCase().includes(text)) this.#found.push(n);
      }
    }
    this.#say();
  }

  #move(by) {
    this.#row?.classList.remove("is-found");
    if (this.#found.length === 0) return;
    this.#at = (this.#at + by + this.#found.length) % this.#found.length;
    const n = this.#found[this.#at];
    this.#row = this.lines.rows[n];
    this.#row.classList.add("is-found");
    this.places.go(n);
    this.#say();
  }

  #say() {
    if (!this.input.value) this.status.textContent = "";
    else if (this.#found.length === 0) this.status.textContent = "none";
    else this.status.textContent = `${this.#at + 1} of ${this.#found.length}`;
  }
}
