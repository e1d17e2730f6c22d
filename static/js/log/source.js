// The lines of one job's log, in order and without a gap, from wherever they can be had: the socket while the job runs,
// the API for what has already been written and whenever the socket brings anything but the next line.

const RETRY = [500, 1000, 2000, 5000, 10000];
const PAGE = 2000;

export class Source {
  #next = 1;
  #socket = null;
  #failures = 0;
  #stopped = false;
  #pulling = null;
  #timer = 0;

  // take(lines): called with contiguous lines. say(state): "live", "waiting" (for a connection) or "complete".
  constructor({ api, socket, ended, take, say }) {
    Object.assign(this, { api, socket, take, say });
    if (ended) this.#catchUp(); else this.#connect();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #accept(lines) {
    const fresh = lines.filter((line) => line.n >= this.#next);
    if (fresh.length === 0) return true;
    if (fresh[0].n !== this.#next || fresh.at(-1).n !== this.#next + fresh.length - 1) return false;
    this.#next += fresh.length;
    this.take(fresh);
    return true;
  }

  // Everything the store has from the next line on. True when the log is complete. One at a time.
  #pull() {
    this.#pulling ??= this.#read().finally(() => { this.#pulling = null; });
    return this.#pulling;
  }

  async #read() {
    while (!this.#stopped) {
      const answer = await fetch(`${this.api}?from=${this.#next}&limit=${PAGE}`, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`the log answered ${answer.status}`);
      const { lines, complete } = await answer.json();
      if (!this.#accept(lines)) throw new Error(`line ${this.#next} is missing`);
      if (complete) return true;
      if (lines.length === 0) return false;
    }
    return false;
  }

  async #catchUp() {
    const done = await this.#pull().catch(() => false);
    if (done) this.#finish(); else this.#connect();
  }

  #finish() {
    this.stop();
    this.say("complete");
  }

  #connect() {
    if (this.#stopped) return;
    const url = new URL(`${this.socket}?from=${this.#next}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => { this.say("live"); };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      const { lines, complete } = JSON.parse(data);
      this.#failures = 0;
      if (this.#accept(lines)) {
        if (complete) this.#finish();
        return;
      }
      // A gap: the store has what is missing.
      this.#pull().then((done) => { if (done) this.#finish(); }, () => socket.close());
    };
    socket.onclose = () => { if (socket === this.#socket && !this.#stopped) this.#retry(); };
  }

  #retry() {
    if (this.#stopped) return;
    const wait = RETRY[Math.min(this.#failures, RETRY.length - 1)];
    this.#failures += 1;
    if (this.#failures > 1) this.say("waiting");
    // By the API first: where sockets are blocked on the way, the log still grows.
    this.#timer = setTimeout(() => this.#catchUp(), wait * (0.75 + Math.random() / 2));
  }
}
