// Following the end of a log without ever fighting the reader: any move upward stops it, reaching the end resumes it,
// and while text is selected nothing scrolls.

const END = 6; // px from the end that count as the end

export class Follow {
  #last = 0;
  #missed = 0;
  on = false;

  constructor(scroll, button, more) {
    Object.assign(this, { scroll, button, more });
    scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroll.addEventListener("wheel", (event) => { if (event.deltaY < 0) this.set(false); }, { passive: true });
    scroll.addEventListener("keydown", (event) => { if (["ArrowUp", "PageUp", "Home"].includes(event.key)) this.set(false); });
  }

  get #atEnd() { return this.scroll.scrollTop + this.scroll.clientHeight >= this.scroll.scrollHeight - END; }

  get #selecting() {
    const selection = getSelection();
    return selection && !selection.isCollapsed && this.scroll.contains(selection.anchorNode);
  }

  set(on) {
    this.on = on;
    if (on) { this.#missed = 0; this.#toEnd(); }
    this.#show();
  }

  // Lines appeared.
  grew(count) {
    if (this.on && !this.#selecting) this.#toEnd();
    else this.#missed += count;
    this.#show();
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.#last = this.scroll.scrollTop;
  }

  #scrolled() {
    const top = this.scroll.scrollTop;
    if (top < this.#last - 1) this.on = false;
    // Only on the way down: the event of our own last move may come after the reader has begun to go up.
    else if (top > this.#last + 1 && this.#atEnd) { this.on = true; this.#missed = 0; }
    this.#last = top;
    this.#show();
  }

  #show() {
    this.button.setAttribute("aria-pressed", String(this.on));
    this.more.hidden = this.on || this.#missed === 0;
    const text = `${this.#missed.toLocaleString()} new ${this.#missed === 1 ? "line" : "lines"}`;
    const label = this.more.querySelector("span");
    if (!this.more.hidden && label.textContent !== text) label.textContent = text;
  }
}
