// The page in headless Chromium: what it says, what it does, and that it does nothing else. Run by tests/audit_page/run.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { browser, drawn, open, packages } from "./open.mjs";

const folder = process.env.AUDIT_PAGE_FOLDER;
const here = import.meta.dirname;
const { PNG } = packages("pngjs");
const axe = fs.readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8");
const at = (name) => path.join(folder, `${name}.html`);
const document = (name) => JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`), "utf8"));
let chromium;

before(async () => {
  chromium = await browser();
});
after(() => chromium.close());

// A test of one page, which must be silent all the while.
function on(name, title, body, { mayComplain = false, ...options } = {}) {
  test(`${name}: ${title}`, async () => {
    const { page, wrong } = await open(chromium, at(name), options);
    try {
      if (options.script !== false) await drawn(page);
      await body(page);
      assert.deepEqual(wrong.filter((one) => !mayComplain || one.startsWith("dialog")), []);
    } finally {
      await page.close();
    }
  });
}

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((one) => one.textContent.trim()));
const column = (page, id, number) => texts(page, `#${id} tr.row > :nth-child(${number})`);

for (const name of ["small", "first", "empty", "large"]) {
  on(name, "is silent and has its parts", async (page) => {
    const said = document(name);
    const heads = await texts(page, "h2");
    for (const head of ["What to do first", "Where the bytes are", "Architecture checklist", "Details", "What was not checked", "How the numbers were obtained"]) {
      assert.ok(heads.includes(head), `${head} in ${heads}`);
    }
    assert.match(await page.$eval("#queries .tally", (one) => one.textContent), new RegExp(`^${said.queries.length.toLocaleString("en-US")} statements`));
    assert.equal((await page.$$("#no-details")).length, 0);
    assert.equal(await page.$eval("html", (one) => one.scrollWidth <= one.clientWidth), true, "nothing is wider than the page");
  });
}

on("small", "rows sort by each column, unknown last", async (page) => {
  const click = (title) => page.evaluate((title) => [...document.querySelectorAll("#tables th button")].find((one) => one.textContent === title).click(), title);
  await click("Table");
  const names = await column(page, "tables", 1);
  assert.deepEqual(names, [...names].sort());
  await click("Table");
  assert.deepEqual(await column(page, "tables", 1), [...names].reverse());
  assert.equal(await page.$eval("#tables th[aria-sort]", (one) => one.getAttribute("aria-sort")), "descending");
  const files = Object.fromEntries(document("small").tables.map((row) => [row.name, row.files]));
  for (const _ of ["descending", "ascending"]) {
    await click("Files");
    const order = (await column(page, "tables", 1)).map((name) => files[name]);
    const known = order.filter((value) => value !== null);
    const sorted = [...known].sort((a, b) => a - b);
    assert.deepEqual(known, _ === "ascending" ? sorted : sorted.reverse());
    assert.equal(order.at(-1), null);
  }
});

on("small", "filtering keeps rows with all words", async (page) => {
  await page.type("#tables input", "curated parquet");
  const names = await column(page, "tables", 1);
  assert.deepEqual([...names].sort(), document("small").tables.filter((row) => row.layer === "curated").map((row) => row.name).sort());
  assert.match(await page.$eval("#tables .tally", (one) => one.textContent), new RegExp(`^${names.length} of 15 tables`));
  await page.type("#tables input", " nothing-has-this");
  assert.equal((await column(page, "tables", 1)).length, 0);
});

on("small", "the keyboard is enough", async (page) => {
  const focus = () => page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("Tab");
  assert.equal(await focus(), "Skip to the audit");
  await page.focus("#queries tr.row button");
  await page.keyboard.press("Enter");
  assert.equal(await page.$eval("#queries tr.row button", (one) => one.getAttribute("aria-expanded")), "true");
  await page.keyboard.press("Enter");
  assert.equal(await page.$eval("#queries tr.row button", (one) => one.getAttribute("aria-expanded")), "false");
  await page.$eval("#map a[tabindex='0']", (one) => one.focus());
  await page.keyboard.press("ArrowRight");
  const label = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.keyboard.press("Enter");
  assert.equal(await focus(), label.split(":")[0], "Enter opens the table");
  await drawn(page);
  assert.ok((await page.$$("#tables tr.inside")).length >= 1);
});

on("small", "an opened table shows its partitions and files, a machine its tries", async (page) => {
  assert.deepEqual(await texts(page, "#tables figcaption"), ["Bytes over partitions", "Files over partitions", "Sizes of files"]);
  assert.deepEqual(await texts(page, "#machines figcaption"), ["When tries begin, each after the one before failed at once"]);
  const blank = await page.$$eval("canvas", (all) => all.filter((one) => {
    const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
    return !data.some((value) => value > 0);
  }).length);
  assert.equal(blank, 0, "every chart is drawn");
});

on("small", "links lead to rows, through a filter too", async (page) => {
  await page.type("#queries input", "nothing-has-this");
  await page.$eval("#fixes details", (one) => (one.open = true));
  const name = await page.$eval("#fixes a[data-row^='queries']", (one) => one.textContent);
  await page.click("#fixes a[data-row^='queries']");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), name);
});

on("large", "pages through thousands of rows", async (page) => {
  assert.equal((await column(page, "queries", 1)).length, 15);
  await page.evaluate(() => [...document.querySelectorAll("#queries .paging button")].at(-1).click());
  assert.equal((await column(page, "queries", 1)).length, 5000);
});

test("large: can be used within a second", async () => {
  const times = [];
  for (let turn = 0; turn < 5; turn++) {
    const { page } = await open(chromium, at("large"));
    times.push(await page.evaluate(() => performance.getEntriesByName("ready")[0].startTime));
    const filtered = await page.evaluate(() => {
      const start = performance.now();
      const input = document.querySelector("#queries input");
      input.value = "report";
      input.dispatchEvent(new Event("input"));
      return performance.now() - start;
    });
    times.push(filtered);
    await page.close();
  }
  const [ready, filtered] = [0, 1].map((part) => Math.min(...times.filter((_, number) => number % 2 === part)));
  console.log(`ready after ${Math.round(ready)} ms, 5,000 statements filtered in ${Math.round(filtered)} ms`);
  assert.ok(ready < 1000, `ready after ${times} ms`);
  assert.ok(filtered < 500, `filtered after ${times} ms`);
});

on("small", "the theme follows the reader, then the button, and is kept", async (page) => {
  const paper = () => page.$eval("body", (one) => getComputedStyle(one).backgroundColor);
  const light = await paper();
  await page.click("#theme");
  const dark = await paper();
  assert.notEqual(light, dark);
  await page.reload();
  assert.equal(await paper(), dark);
  await page.click("#theme");
  assert.equal(await paper(), light);
  await page.evaluate(() => localStorage.clear());
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await page.reload();
  assert.equal(await paper(), dark);
});

on("small", "paper has the words, the charts and no buttons, light in either theme", async (page) => {
  const { extractText } = await import(packages.resolve("unpdf"));
  const { text, totalPages } = await extractText(new Uint8Array(await page.pdf({ preferCSSPageSize: true, printBackground: true })), { mergePages: true });
  for (const words of ["This lake costs about", "What to do first", "Architecture checklist", "not enough evidence", "Bytes over partitions", "When tries begin", "What was not checked", "as of 2025-06-01"]) {
    assert.ok(text.replace(/\s+/g, " ").includes(words), `${words} in ${text.slice(0, 3000)}`);
  }
  assert.ok(!/\bCopy\b|Show all/.test(text));
  assert.ok(totalPages < 12, `${totalPages} pages`);
  await page.emulateMediaType("print");
  assert.equal(await page.$eval("body", (one) => getComputedStyle(one).backgroundColor), "rgb(255, 255, 255)");
}, { theme: "dark" });

for (const theme of ["light", "dark"]) {
  for (const name of ["small", "first", "large"]) {
    on(name, `axe finds nothing, ${theme}`, async (page) => {
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      const said = violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 200)} ${node.failureSummary}`).join(" | ")}`);
      assert.deepEqual(said, []);
    }, { theme });
  }
}

on("hostile", "names do nothing", async (page) => {
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  for (const id of ["all-fixes", "tables", "queries", "findings", "machines"]) {
    const buttons = await page.$$(`#${id} tr.row button[aria-expanded='false']`);
    for (const button of buttons.slice(0, 20)) await button.evaluate((one) => one.click());
  }
  await drawn(page);
  const strange = await page.$$eval("body *", (all) => all.filter((one) => ["IMG", "IFRAME", "OBJECT", "EMBED", "LINK", "BASE", "FORM"].includes(one.tagName)
    || [...one.attributes].some(({ name, value }) => name.startsWith("on") || (["href", "src"].includes(name) && /^\s*javascript:/i.test(value)))).map((one) => one.outerHTML.slice(0, 100)));
  assert.deepEqual(strange, []);
  assert.equal((await page.$$("script")).length, 2);
  assert.equal(Object.prototype.x, undefined);
  const text = await page.evaluate(() => document.body.innerText);
  assert.ok(text.includes("<img src=x onerror=alert(1)>") && text.includes("{{ 7*7 }}") && text.includes("\\u202e"));
  assert.ok(!/[\u202a-\u202e\u2066-\u2069\u0000\u001b]/.test(text));
  assert.equal(await page.$eval("html", (one) => one.scrollWidth <= one.clientWidth), true, "nothing is wider than the page");
});

on("hostile", "even markup that got in would not run", async (page) => {
  // The policy of the page forbids it: an inline handler, an inline script, a request.
  const ran = await page.evaluate(async () => {
    document.body.insertAdjacentHTML("beforeend", "<b onclick='window.ran = 1' id='b'></b>");
    document.getElementById("b").click();
    const script = document.createElement("script");
    script.textContent = "window.ran = 2";
    document.body.append(script);
    const fetched = await fetch("data:text/plain,x").then(() => true, () => false);
    return [window.ran ?? null, fetched];
  }).catch((error) => error.message);
  assert.deepEqual(ran, [null, false]);
}, { mayComplain: true });

on("small", "without a script the first lines, fixes and lists are there", async (page) => {
  const text = await page.$eval("body", (one) => one.innerText);
  for (const words of ["This lake costs about", "What to do first", "Missing partition filter", "Are quality checks stages of their own?", "need JavaScript"]) assert.ok(text.includes(words), words);
}, { script: false });

// Loosely: the mean of each block of 16 by 16 pixels, so that fonts of another machine make no difference.
function blocks(png) {
  const { width, height, data } = png;
  const [across, down] = [Math.floor(width / 16), Math.floor(height / 16)];
  return Array.from({ length: across * down }, (_, number) => {
    const [left, top] = [(number % across) * 16, Math.floor(number / across) * 16];
    let sum = 0;
    for (let y = top; y < top + 16; y++) for (let x = left; x < left + 16; x++) for (let c = 0; c < 3; c++) sum += data[(y * width + x) * 4 + c];
    return sum / (16 * 16 * 3);
  });
}

const pictures = { light: {}, dark: { theme: "dark" }, paper: { width: 794, print: true } };
for (const [name, { print, ...look }] of Object.entries(pictures)) {
  on("small", `looks as it did, ${name}`, async (page) => {
    if (print) await page.emulateMediaType("print");
    await page.$eval("#bytes", (one, print) => scrollTo(0, print ? 0 : one.offsetTop - 900), print ?? false);
    await drawn(page);
    const shot = Buffer.from(await page.screenshot());
    const file = path.join(here, `${name}.png`);
    if (process.env.UPDATE || !fs.existsSync(file)) fs.writeFileSync(file, shot);
    const [was, is] = [PNG.sync.read(fs.readFileSync(file)), PNG.sync.read(shot)];
    assert.deepEqual([is.width, is.height], [was.width, was.height]);
    const [before, now] = [blocks(was), blocks(is)];
    const differ = before.filter((value, number) => Math.abs(value - now[number]) > 40).length / before.length;
    if (differ > 0.05) fs.writeFileSync(path.join(folder, `${name}-now.png`), shot);
    assert.ok(differ <= 0.05, `${Math.round(100 * differ)} % of ${name}.png differs, see ${folder}`);
  }, { scale: 0.5, height: 1800, ...look });
}
