// Opens pages in headless Chromium and keeps what they complain about.

import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";

export const packages = createRequire(`${process.env.AUDIT_PAGE_PACKAGES}/package.json`);
const puppeteer = packages("puppeteer-core");

export async function browser() {
  // Tests run as root in containers; text is drawn the same everywhere.
  const args = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", "--force-color-profile=srgb"];
  return puppeteer.launch({ executablePath: process.env.AUDIT_PAGE_BROWSER, args });
}

// A page that is ready, and what went wrong in it so far: errors, dialogs, requests to anything else.
export async function open(chromium, file, { theme = "light", width = 1280, height = 900, scale = 1, script = true } = {}) {
  const page = await chromium.newPage();
  const wrong = [];
  const url = pathToFileURL(file).href;
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => request.url().split("#")[0] === url || wrong.push(`request: ${request.url().slice(0, 200)}`));
  await page.setViewport({ width, height, deviceScaleFactor: scale });
  await page.setJavaScriptEnabled(script);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await page.goto(url, { waitUntil: "load" });
  if (script) await page.waitForSelector("[data-ready]", { timeout: 20000 });
  return { page, wrong };
}

// Until charts, which learn their width first, are drawn.
export async function drawn(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50)))));
}
