// A table behind a figure, with what it holds as CSV and as JSON. Filled only while someone looks at it.
// Knows rows and columns; a cell is a text, a number or nothing (null).

import { make } from "./dom.js";

export class Table {
  /** Into `details`; `name` is the file's; `read()` gives `{columns: [text], rows: [[cell]], about: {}, digits}`, digits where all but the first
   *  column have as many; `most` rows are shown, all are saved. */
  constructor(details, name, read, most = 200) {
    Object.assign(this, { details, name, read, most });
    this.table = make("table");
    this.more = make("p", { class: "mrl-table-rest" });
    const label = details.querySelector("summary").textContent;
    details.append(
      make("span", { class: "mrl-saves" }, this.saver("CSV", () => this.csv(), "text/csv"), this.saver("JSON", () => this.json(), "application/json")),
      make("div", { class: "mrl-scroll", tabindex: "0", role: "group", "aria-label": label }, this.table), this.more);
    details.addEventListener("toggle", () => this.draw());
  }

  saver(kind, write, type) {
    return make("button", { type: "button", class: "mrl-csv", text: `Save as ${kind}`, onclick: () => save(`${this.name}.${kind.toLowerCase()}`, write(), type) });
  }

  draw() {
    if (!this.details.open) return;
    const { columns, rows, digits } = this.read();
    // Words start together at the left, numbers end together at the right.
    const kinds = columns.map((_, place) => (rows.some((row) => typeof row[place] === "string") ? "mrl-words" : "mrl-numbers"));
    const head = make("tr", {}, ...columns.map((text, place) => make("th", { scope: "col", text, class: kinds[place] })));
    const body = make("tbody");
    for (const [first, ...rest] of rows.slice(0, this.most)) {
      body.append(make("tr", {}, make("th", { scope: "row", text: written(first) }), ...rest.map((cell, place) => make("td", { text: written(cell, digits), class: kinds[place + 1] }))));
    }
    this.table.replaceChildren(make("thead", {}, head), body);
    this.more.textContent = rows.length > this.most ? `The first ${this.most} of ${rows.length.toLocaleString("en-GB")} rows; both files hold all.` : "";
  }

  csv() {
    const { columns, rows } = this.read();
    const quote = (cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell ?? ""));
    return `${[columns, ...rows].map((row) => row.map(quote).join(",")).join("\n")}\n`;
  }

  json() {
    const { columns, rows, about } = this.read();
    const named = rows.map((row) => Object.fromEntries(row.map((cell, index) => [columns[index], cell])));
    return `${JSON.stringify({ ...about, rows: named }, null, 1)}\n`;
  }
}

/** A cell as people read it: thousands apart, no more digits than mean something. */
export function written(cell, digits) {
  if (cell === null || cell === undefined || cell === "") return "–";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell !== "number") return String(cell);
  if (digits !== undefined) return cell.toFixed(digits);
  if (Number.isInteger(cell)) return Math.abs(cell) >= 10_000 ? cell.toLocaleString("en-GB") : String(cell);
  return Math.abs(cell) >= 1000 ? Math.round(cell).toLocaleString("en-GB") : String(Number(cell.toPrecision(4)));
}

export function save(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
