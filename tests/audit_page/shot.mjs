// A picture of the top of a page, light: node shot.mjs PAGE PNG.

import path from "node:path";
import process from "node:process";
import { browser, drawn, open } from "./open.mjs";

const [file, picture] = process.argv.slice(2);
const chromium = await browser();
const { page, wrong } = await open(chromium, path.resolve(file), { width: 1180, height: 1040 });
await drawn(page);
await page.screenshot({ path: picture });
await chromium.close();
if (wrong.length) throw new Error(wrong.join("\n"));
