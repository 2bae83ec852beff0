// The funnel itself: a level a stage, as wide at its top as what comes in and at its foot as what goes on (log scale), with its
// dim and shortlist to edit, the best survivors, and what of the exact answer was dropped there. Rows are filled, not remade.

import { bytesSaid, choices, costs, HOW_SAID } from "./cascade.js";
import { count, large, make, makeSvg, mark, milliseconds, say } from "./dom.js";

const FALLEN = 4; // drawn; the rest are counted

export class Levels {
  /** `on.dim(index, dim)`, `on.shortlist(index, value, done)` while and after dragging, `on.remove(index)`. */
  constructor(list, known, on) {
    Object.assign(this, { list, known, on, rows: [] });
    this.address = (key) => `${known.thumbnails}/${key}.webp`;
  }

  resize(length) {
    while (this.rows.length < length) this.rows.push(this.makeRow(this.rows.length));
    while (this.rows.length > length) this.rows.pop().item.remove();
  }

  makeRow(index) {
    const row = { dims: "" };
    const number = index + 1;
    row.shape = makeSvg("polygon");
    row.neck = make("span", { class: "mrl-neck-in" });
    row.dropped = make("span", { class: "mrl-neck-out" });
    const neck = makeSvg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    neck.append(row.shape);
    row.how = make("span");
    row.dim = make("select", { "aria-label": `Dim of stage ${number}`, onchange: () => this.on.dim(index, Number(row.dim.value)) });
    row.keep = make("input", { type: "number", step: "1", inputmode: "numeric", "aria-label": `Shortlist of stage ${number}`, onchange: () => this.on.shortlist(index, row.keep.value, true) });
    row.range = make("input", { type: "range", min: "0", max: "1000", step: "1", "aria-label": `Shortlist of stage ${number}, by sliding` });
    row.range.addEventListener("input", () => this.on.shortlist(index, this.unscaled(Number(row.range.value)), false));
    row.range.addEventListener("change", () => this.on.shortlist(index, this.unscaled(Number(row.range.value)), true));
    row.on = make("label", { class: "mrl-hand-on" }, "dims, hand on", row.keep);
    row.answer = make("span");
    row.remove = make("button", { type: "button", class: "mrl-remove", "aria-label": `Remove stage ${number}`, text: "×", onclick: () => this.on.remove(index) });
    row.cost = ["time", "adds", "bytes", "still"].map((name) => make("span", { "data-cost": name }));
    row.survivors = make("ul", { class: "mrl-survivors", "aria-label": `Best survivors of stage ${number}` });
    row.fallen = make("ul", { class: "mrl-fallen", "aria-label": `Of the exact answer, dropped at stage ${number}` });
    row.item = make("li", { class: "mrl-level" },
      make("div", { class: "mrl-neck" }, neck, row.neck, row.dropped),
      make("div", { class: "mrl-level-body" },
        make("div", { class: "mrl-level-how" }, make("b", { text: number }), row.how, row.dim, row.on, row.range, row.answer, row.remove),
        make("div", { class: "mrl-level-cost" }, ...row.cost),
        make("div", { class: "mrl-level-pictures" }, row.survivors, row.fallen)));
    this.list.append(row.item);
    return row;
  }

  /** A shortlist's place on its slider, 0..1000, even in factors; and back. */
  scaled(keep) {
    const { k, count: n } = this.known;
    return n > k ? Math.round((1000 * Math.log(keep / k)) / Math.log(n / k)) : 0;
  }

  unscaled(place) {
    const { k, count: n } = this.known;
    return Math.round(k * (n / k) ** (place / 1000));
  }

  /** Shape, controls and arithmetic of `way`, at once. */
  show(way) {
    this.resize(way.dims.length);
    const last = way.dims.length - 1;
    const width = (items) => 10 + (90 * Math.log(Math.max(items, 1))) / Math.log(Math.max(this.known.count, 2));
    costs(way, this.known).forEach((stage, index) => {
      const row = this.rows[index];
      const top = width(stage.considered) / 2, foot = width(stage.kept) / 2;
      mark(row.shape, "points", `${50 - top},0 ${50 + top},0 ${50 + foot},100 ${50 - foot},100`);
      say(row.neck, count(stage.considered));
      say(row.dropped, `− ${count(stage.considered - stage.kept)}`);
      const how = HOW_SAID[index ? "rerank" : way.first_stage.kind];
      say(row.how, `${how[0].toUpperCase()}${how.slice(1)} at`);
      this.fillDims(row, choices(way, index, this.known.stops), way.dims[index]);
      row.on.hidden = row.range.hidden = index === last;
      say(row.answer, index === last ? `dims, answer ${stage.kept}` : "");
      row.remove.disabled = last === 0;
      if (index < last) {
        row.keep.value = String(stage.kept);
        mark(row.keep, "min", String(way.k));
        mark(row.keep, "max", String(this.known.count));
        const place = String(this.scaled(stage.kept));
        if (row.range.value !== place && this.unscaled(Number(row.range.value)) !== stage.kept) row.range.value = place;
        mark(row.range, "aria-valuetext", `${stage.kept} of ${this.known.count}`);
      }
      this.sayCost(row, stage.adds, stage.bytes);
    });
  }

  fillDims(row, dims, dim) {
    if (row.dims !== String(dims)) {
      row.dims = String(dims);
      row.dim.replaceChildren(...dims.map((one) => make("option", { value: one, text: one })));
    }
    row.dim.value = String(dim);
  }

  sayCost(row, adds, bytes) {
    say(row.cost[1], adds === null ? "… multiply-adds" : `${large(adds)} multiply-adds`);
    say(row.cost[2], bytes === null ? "… bytes" : bytesSaid(bytes));
  }

  /** What one query met at each stage: the server's answer to the way that is shown. */
  fill(answer) {
    const truth = new Set(answer.truth);
    answer.stages.forEach((stage, index) => {
      const row = this.rows[index];
      say(row.cost[0], milliseconds(stage.ms));
      this.sayCost(row, stage.multiply_adds, stage.bytes);
      this.pictures(row.survivors, stage.keys.map((key, rank) => {
        const isTrue = truth.has(key);
        const said = `${answer.captions[key] ?? ""}: rank ${rank + 1} here${isTrue ? ", in the exact answer" : ""}`;
        return { key, said, mark: isTrue ? "true" : "" };
      }));
      const fallen = stage.lost.slice(0, FALLEN).map(({ key, rank, overlooked }) => ({
        key, mark: "lost", text: overlooked ? "unseen" : `#${count(rank)}`,
        said: overlooked ? `${answer.captions[key] ?? ""}: rank ${rank} here, but the first stage did not see it`
          : `${answer.captions[key] ?? ""}: dropped, it stood at rank ${rank} where ${stage.kept} were kept`,
      }));
      this.pictures(row.fallen, fallen);
      row.fallen.hidden = fallen.length === 0;
      if (stage.lost.length > FALLEN) row.fallen.append(make("li", { class: "mrl-more-lost", text: `+${stage.lost.length - FALLEN}` }));
    });
  }

  /** The share of the exact answer that each stage kept, over the questions it is tried with. */
  fillShares(shares, questions) {
    shares.forEach((share, index) => {
      say(this.rows[index].cost[3], `${(100 * share).toFixed(1)}% of exact answers still in`);
      mark(this.rows[index].cost[3], "title", `on average over ${count(questions)} questions`);
    });
  }

  pictures(list, wanted) {
    while (list.children.length > wanted.length) list.lastChild.remove();
    while (list.children.length < wanted.length) list.append(make("li", {}, make("img", { alt: "", width: 48, height: 48, draggable: "false" }), make("span")));
    wanted.forEach(({ key, said, mark: kind, text }, index) => {
      let item = list.children[index];
      if (!item.firstChild.src) { // what counted the rest
        const fresh = make("li", {}, make("img", { alt: "", width: 48, height: 48, draggable: "false" }), make("span"));
        item.replaceWith(fresh);
        item = fresh;
      }
      const img = item.firstChild;
      if (img.dataset.key !== String(key)) {
        img.dataset.key = String(key);
        img.src = this.address(key);
      }
      mark(img, "alt", said);
      mark(img, "title", said);
      mark(item, "data-mark", kind);
      say(item.lastChild, text ?? "");
    });
  }
}
