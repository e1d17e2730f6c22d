// The log takes what is left of the window, so that its end is on the screen while one follows it; scrolling the page
// gives it more, until it fills the window below the top bar.

const LEAST = 320;
const MARGIN = 16;

export class Room {
  #frame = 0;

  constructor(section, scroll, follow) {
    Object.assign(this, { section, scroll, follow });
    this.soon = () => { this.#frame ||= requestAnimationFrame(() => this.fit()); };
    addEventListener("scroll", this.soon, { passive: true });
    addEventListener("resize", this.soon);
    this.fit();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    removeEventListener("scroll", this.soon);
    removeEventListener("resize", this.soon);
  }

  fit() {
    this.#frame = 0;
    if (this.section.classList.contains("is-full")) this.scroll.style.maxHeight = "";
    else {
      const room = Math.max(LEAST, Math.round(innerHeight - Math.max(0, this.scroll.getBoundingClientRect().top) - MARGIN));
      const height = `${room}px`;
      if (this.scroll.style.maxHeight === height) return;
      this.scroll.style.maxHeight = height;
    }
    if (this.follow.on) this.follow.set(true);
  }
}
