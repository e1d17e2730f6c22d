// Bundles the front-end parts named in package.json into static/vendor/. Run by bin/up after `npm ci`.
//
//   anser.js       an ES module: import { Anser } from "…/vendor/anser.js"
//   idiomorph.js   an ES module: import { Idiomorph } from "…/vendor/idiomorph.js"
//   icons.svg      one <symbol> per name in static/icons.txt: <svg><use href="…/vendor/icons.svg#check"/></svg>

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const vendor = `${root}static/vendor`;

const shared = { bundle: true, minify: true, target: "es2022", legalComments: "eof", absWorkingDir: root, logLevel: "warning" };
const bundles = [
  { name: "anser.js", format: "esm", contents: 'import Anser from "anser"; export { Anser }; export default Anser;' },
  { name: "idiomorph.js", format: "esm", contents: 'export { Idiomorph } from "idiomorph";' },
];

// On each symbol, not on the file's root: what <use> clones inherits from the page, not from this file.
const stroke = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';

async function symbol(name) {
  const file = `${root}node_modules/lucide-static/icons/${name}.svg`;
  const svg = await readFile(file, "utf8").catch(() => {
    throw new Error(`static/icons.txt names "${name}", which Lucide does not have: see https://lucide.dev/icons`);
  });
  const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24" ${stroke}>${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
}

await mkdir(vendor, { recursive: true });
for (const { name, format, contents } of bundles) {
  await build({ ...shared, format, stdin: { contents, resolveDir: root }, outfile: `${vendor}/${name}` });
}

const names = (await readFile(`${root}static/icons.txt`, "utf8")).split("\n").filter((line) => /^[a-z0-9-]+$/.test(line));
const symbols = await Promise.all([...new Set(names)].sort().map(symbol));
await writeFile(
  `${vendor}/icons.svg`,
  `<!-- Lucide, ISC licence: https://lucide.dev/license -->\n<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
);
