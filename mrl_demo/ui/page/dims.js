// Several dims side by side: one row a trained dim and one for the dim looked at, rank under rank, so that one sees
// at which dim a picture arrives. Knows an answer's stops; pointing at a picture marks it in every row.

import { make, mark, say } from "./dom.js";
import { marksHere } from "./tiles.js";

const MOST = 12; // pictures a row

export class Dims {
  constructor(root, known, thumbnail, onpick, onlook) {
    Object.assign(this, { known, thumbnail, onpick, onlook });
    this.section = root.querySelector(".mrl-dims");
    this.note = this.section.querySelector("h2 small");
    this.place = this.section.querySelector(".mrl-rows");
    this.rows = [null, ...known.nested_dims].map(() => this.row());
    this.rows[0].row.classList.add("mrl-looked");
    const point = (event) => this.point(event.target.closest?.(".mrl-mini")?.dataset.key);
    this.place.addEventListener("pointerover", point);
    this.place.addEventListener("focusin", point);
    this.place.addEventListener("pointerleave", () => this.point(undefined));
  }

  row() {
    const dim = make("b"), recall = make("small");
    const head = make("button", { type: "button", class: "mrl-row-dim" }, dim, recall);
    const list = make("ol");
    const row = make("div", { class: "mrl-row" }, head, list);
    const made = { row, head, dim, recall, list, cells: [], at: 0 };
    head.addEventListener("click", () => this.onlook(made.at));
    this.place.append(row);
    return made;
  }

  /** A new answer, drawn when someone looks. */
  take(answer, byDim) {
    Object.assign(this, { answer, byDim, stale: true });
  }

  draw() {
    this.stale = false;
    const { k } = this.answer;
    say(this.note, `${k > MOST ? `the first ${MOST} of ${k}; ` : ""}framed: not in the exact answer`);
    this.known.nested_dims.forEach((dim, index) => this.fill(this.rows[index + 1], dim, ""));
  }

  /** The dim looked at: the first row shows it. */
  look(dim) {
    if (this.section.hidden) return;
    if (this.stale) this.draw();
    this.fill(this.rows[0], dim, "here");
    this.known.nested_dims.forEach((nested, index) => this.rows[index + 1].row.classList.toggle("mrl-at", nested === dim));
  }

  fill(row, dim, word) {
    const stop = this.byDim.get(dim);
    row.at = dim;
    say(row.dim, String(dim));
    say(row.recall, `${word ? `${word}, ` : ""}recall ${stop.recall.toFixed(2)}`);
    mark(row.head, "aria-label", `Look at ${dim} dims, recall ${stop.recall.toFixed(2)}`);
    const keys = stop.keys.slice(0, MOST);
    const marks = marksHere(stop.keys, this.answer.truth.keys);
    while (row.cells.length < keys.length) row.cells.push(this.cell(row.list));
    while (row.cells.length > keys.length) row.cells.pop().item.remove();
    keys.forEach((key, index) => {
      const cell = row.cells[index];
      const score = stop.scores[index].toFixed(3);
      if (cell.button.dataset.key !== String(key)) {
        cell.button.dataset.key = key;
        cell.img.src = this.thumbnail(key);
      }
      say(cell.score, score);
      mark(cell.button, "data-mark", marks[index].kind);
      const caption = this.answer.captions[key] ?? "";
      mark(cell.button, "title", `${caption}: ${marks[index].said}`);
      mark(cell.button, "aria-label", `Search with: ${caption}. Rank ${index + 1} at ${dim} dims, score ${score}, ${marks[index].said}`);
    });
    if (this.pointed) this.point(this.pointed);
  }

  cell(list) {
    const img = make("img", { alt: "", width: 96, height: 96, decoding: "async", draggable: "false" });
    const score = make("span");
    const button = make("button", { type: "button", class: "mrl-mini" }, img, score);
    button.addEventListener("click", () => this.onpick(Number(button.dataset.key)));
    const item = make("li", {}, button);
    list.append(item);
    return { item, button, img, score };
  }

  point(key) {
    this.pointed = key;
    for (const { cells } of this.rows) {
      for (const { button } of cells) button.classList.toggle("mrl-same", key !== undefined && button.dataset.key === key);
    }
  }
}
