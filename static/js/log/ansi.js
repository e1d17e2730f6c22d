// A line of terminal output → nodes. Colours become classes; only the 24-bit ones, which no style sheet can list, are
// set on the element. Text only ever enters as text.
import { Anser } from "../../vendor/anser.js";

const ESCAPE = "\u001b";
// Hyperlinks and window titles (OSC), and every control sequence that is not about colour (CSI … not "m").
const OTHER = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b\[[0-9;?]*[A-LN-Za-ln-z]|\u001b[()][A-Z0-9]/g;

// What a terminal would show in the end of a line that was written over: its last part that is not empty.
export function settled(text) {
  if (!text.includes("\r")) return text;
  const parts = text.split("\r");
  for (let i = parts.length - 1; i >= 0; i -= 1) if (parts[i] !== "") return parts[i];
  return "";
}

// One for each step: a colour that is not switched off goes on in the next line, as in a terminal.
export class Painter {
  #anser = new Anser();
  #coloured = false;

  paint(raw) {
    const text = settled(raw);
    if (!this.#coloured && !text.includes(ESCAPE)) return document.createTextNode(text);
    const nodes = document.createDocumentFragment();
    const parts = this.#anser.ansiToJson(text.replace(OTHER, ""), { json: true, use_classes: true, remove_empty: true });
    for (const part of parts) nodes.append(this.#node(part));
    this.#coloured = Boolean(this.#anser.fg || this.#anser.bg || this.#anser.decorations?.length);
    return nodes;
  }

  #node(part) {
    const classes = [];
    if (part.fg) classes.push(part.fg);
    if (part.bg) classes.push(`${part.bg}-bg`);
    for (const name of part.decorations ?? []) classes.push(`ansi-${name}`);
    if (classes.length === 0) return document.createTextNode(part.content);
    const span = document.createElement("span");
    span.className = classes.join(" ");
    span.textContent = part.content;
    const { fg, bg } = { fg: palette(part.fg), bg: palette(part.bg) };
    if (fg) span.style.color = fg;
    if (bg) span.style.backgroundColor = bg;
    if (part.fg === "ansi-truecolor") span.style.color = `rgb(${part.fg_truecolor})`;
    if (part.bg === "ansi-truecolor") span.style.backgroundColor = `rgb(${part.bg_truecolor})`;
    return span;
  }
}

// The 256-colour palette behind the sixteen: a 6×6×6 cube, then 24 greys.
function palette(name) {
  const number = Number(/^ansi-palette-(\d+)$/.exec(name ?? "")?.[1] ?? -1);
  if (number < 16) return "";
  if (number >= 232) { const grey = 8 + 10 * (number - 232); return `rgb(${grey} ${grey} ${grey})`; }
  const level = (index) => [0, 95, 135, 175, 215, 255][index % 6];
  const cube = number - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6))} ${level(cube)})`;
}
