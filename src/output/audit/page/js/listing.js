// A table of many rows: sorted by any column, filtered by words, a page at a time, each row opening to its details.

import { h, name } from "./dom.js";
import { count } from "./format.js";

const FIRST = 15;
// A few rows more need no button.
const SPARE = 10;
const MORE = 100;

export class Listing {
  // A column: { title, cell(row): text or nodes, key(row): number or text to sort by, kind: "n" | "text" | undefined, saves }
  constructor({ id, title, noun, rows, columns, search, detail, sort }) {
    Object.assign(this, { id, noun, rows, columns, search, detail });
    // Without a column the rows stay in their order.
    this.sorting = { column: sort, descending: columns[sort]?.kind === "n" };
    this.words = "";
    this.limit = rows.length <= FIRST + SPARE ? rows.length : FIRST;
    this.opened = new Set();
    this.build(title);
    this.select();
  }

  build(title) {
    const host = document.getElementById(this.id);
    host.className = "listing";
    this.tally = h("p", { class: "tally", role: "status" });
    this.input = h("input", { type: "search", placeholder: "Filter", "aria-label": `Filter ${this.noun[1]}`, oninput: () => this.filter(this.input.value) });
    this.heads = this.columns.map((column, number) =>
      h("th", { scope: "col", class: column.kind === "n" ? "n" : null }, h("button", { type: "button", onclick: () => this.sort(number) }, column.title)));
    this.body = h("tbody");
    this.paging = h("p", { class: "paging" });
    const table = h("table", { "aria-labelledby": `${this.id}-title` }, h("thead", null, h("tr", null, this.heads)), this.body);
    host.replaceChildren(
      h("header", null, h("h3", { id: `${this.id}-title` }, title), this.tally, this.rows.length > 1 ? this.input : null),
      h("div", { class: "wide", role: "region", tabindex: "0", "aria-labelledby": `${this.id}-title` }, table), this.paging);
  }

  sort(column) {
    const same = this.sorting.column === column;
    this.sorting = { column, descending: same ? !this.sorting.descending : this.columns[column].kind === "n" };
    this.select();
  }

  filter(words) {
    this.words = words;
    this.limit = Math.max(this.limit, FIRST);
    this.select();
  }

  select() {
    const words = this.words.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (row) => {
      row.text ??= this.search(row).toLowerCase();
      return words.every((word) => row.text.includes(word));
    };
    const { column, descending } = this.sorting;
    const keyed = this.rows.filter((row) => words.length === 0 || holds(row)).map((row) => [this.columns[column]?.key(row), row]);
    // Rows are equal in their first order; what is unknown comes last either way.
    keyed.sort(([a, x], [b, y]) => {
      const [no, neither] = [a === null || a === undefined, b === null || b === undefined];
      if (no || neither) return no - neither || x.number - y.number;
      const order = a < b ? -1 : a > b ? 1 : 0;
      return (descending ? -order : order) || x.number - y.number;
    });
    this.shown = keyed.map(([, row]) => row);
    this.heads.forEach((head, number) => {
      if (number === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    this.render();
  }

  render() {
    this.body.replaceChildren(...this.shown.slice(0, this.limit).flatMap((row) => this.lines(row)));
    const [all, found] = [this.rows.length, this.shown.length];
    this.tally.textContent = `${found === all ? "" : `${count(found)} of `}${count(all)} ${this.noun[all === 1 ? 0 : 1]}`;
    const more = (text, limit) => h("button", { type: "button", onclick: () => this.grow(limit) }, text);
    const left = found - this.limit;
    this.paging.replaceChildren(...(left <= 0 ? [] : [left > MORE ? more(`Show ${MORE} more`, this.limit + MORE) : null, more(`Show all ${count(found)}`, found)].filter(Boolean)));
    if (found === 0) this.body.append(h("tr", null, h("td", { colspan: this.columns.length, class: "quiet" }, all ? "Nothing matches." : "None.")));
  }

  grow(limit) {
    const next = this.shown[this.limit];
    this.limit = limit;
    this.render();
    document.getElementById(`${this.id}-${next.number}`)?.querySelector("button")?.focus();
  }

  lines(row) {
    const isOpen = this.opened.has(row.number);
    const inside = `${this.id}-${row.number}-inside`;
    const cells = this.columns.map((column, number) => {
      const cell = column.cell(row);
      if (number > 0) {
        const unknown = cell === "unknown" ? " unknown" : column.saves && column.key(row) ? " saves" : "";
        return h("td", { class: `${column.kind ?? ""}${unknown}`.trim() || null }, cell);
      }
      const button = h("button", { type: "button", class: "open", "aria-expanded": String(isOpen), "aria-controls": isOpen ? inside : null, onclick: () => this.toggle(row) }, name(cell));
      return h("th", { scope: "row" }, button);
    });
    const line = h("tr", { class: "row", id: `${this.id}-${row.number}` }, cells);
    if (!isOpen) return [line];
    return [line, h("tr", { class: "inside", id: inside }, h("td", { colspan: this.columns.length }, this.detail(row)))];
  }

  toggle(row) {
    if (!this.opened.delete(row.number)) this.opened.add(row.number);
    const line = document.getElementById(`${this.id}-${row.number}`);
    if (line.nextElementSibling?.classList.contains("inside")) line.nextElementSibling.remove();
    const lines = this.lines(row);
    line.replaceWith(...lines);
    lines[0].querySelector("button").focus();
  }

  openFirst() {
    if (this.shown.length) this.opened.add(this.shown[0].number);
    this.render();
  }

  // Opens one row and goes to it, wherever it is.
  reveal(number) {
    if (!this.shown.some((row) => row.number === number)) {
      this.words = this.input.value = "";
      this.select();
    }
    this.opened.add(number);
    const position = this.shown.findIndex((row) => row.number === number);
    this.limit = Math.max(this.limit, position + 1);
    this.render();
    const line = document.getElementById(`${this.id}-${number}`);
    line.scrollIntoView({ block: "start" });
    line.querySelector("button").focus({ preventScroll: true });
  }
}
