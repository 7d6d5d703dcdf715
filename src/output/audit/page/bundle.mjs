// Bundles js/ and page.css, with the libraries they use, into bundled/: `npm ci && npm run bundle`. Cargo needs no npm.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { build } from "esbuild";

const here = import.meta.dirname;
process.chdir(here);
const common = { bundle: true, minify: true, write: false, legalComments: "none", target: "es2022", charset: "ascii", metafile: true };
const script = await build({ ...common, entryPoints: ["js/main.js"], format: "iife" });
const style = await build({ ...common, entryPoints: ["page.css"], target: "esnext" });

// The licence of every package that is in the bundle goes with it.
const packages = [script, style].flatMap(({ metafile }) => Object.keys(metafile.inputs))
  .map((file) => file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean);
const licences = [...new Set(packages)].sort().map((name) => {
  const folder = path.join("node_modules", name);
  const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(folder, "LICENSE"), "utf8").trim()}\n`;
});

const [code, css] = [script, style].map(({ outputFiles }) => outputFiles[0].text.trim());
if (/<\/(script|style)/i.test(code + css) || code.includes("<!--")) throw new Error("the bundle would end the element that holds it");
const hash = createHash("sha256").update(code).digest("base64");
const bundled = { "page.js": code, "page.css": css, "page.js.sha256": `sha256-${hash}\n`, LICENSES: licences.join("\n----\n\n") };
fs.mkdirSync("bundled", { recursive: true });
for (const [name, text] of Object.entries(bundled)) {
  fs.writeFileSync(path.join("bundled", name), text);
  console.log(`${name}: ${text.length} bytes`);
}
