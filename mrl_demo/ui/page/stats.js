// The stat tiles and the table of stages for one stop: what it kept of the truth and what it cost.

import { count, large, make, milliseconds, say } from "./dom.js";

const DIM = 0, HOW = 1, CONSIDERED = 2, KEPT = 3, MS = 4, BYTES = 5, MULTIPLY_ADDS = 6;
const HOW_SAID = { exact: "exact scan", hnsw: "HNSW graph", signs: "sign bits", rerank: "re-rank" };

/** What of a query had to be encoded: a picture of the collection, which has a key, was stored. */
const encoded = ({ kind, key }) => (kind === "image" ? "picture" : kind === "mixed" && key === null ? "text and the picture" : "text");

export class Stats {
  constructor(root, known) {
    this.known = known;
    this.tile = {};
    for (const box of root.querySelectorAll(".mrl-stat")) {
      this.tile[box.dataset.stat] = { value: box.querySelector("b"), note: box.querySelector("i"), box };
    }
    this.bar = root.querySelector(".mrl-stages");
    this.cascade = root.querySelector(".mrl-cascade");
    this.table = root.querySelector(".mrl-steps table");
    const heads = ["Stage", "Dim", "Looked at", "Kept", "Dropped", "Time", "Bytes touched", "Multiply-adds"];
    this.table.tHead.append(make("tr", {}, ...heads.map((text) => make("th", { scope: "col", text }))));
  }

  write(name, value, note) {
    say(this.tile[name].value, value);
    say(this.tile[name].note, note);
  }

  show(answer, stop) {
    const found = Math.round(stop.recall * answer.truth.keys.length);
    this.write("recall", stop.recall.toFixed(2), `${found} of the ${answer.truth.keys.length} best`);
    if (answer.encode_ms === null) this.write("encode", "0 ms", "its embedding was stored");
    else this.write("encode", milliseconds(answer.encode_ms), `the ${encoded(answer.query)}, once`);
    const stages = stop.stages;
    const first = stages[0];
    const rest = stop.ms - first[MS];
    const note = stages.length === 1 ? HOW_SAID[first[HOW]] : `${milliseconds(first[MS])} ${first[HOW]}, ${milliseconds(rest)} re-rank`;
    this.write("search", milliseconds(stop.ms), note);
    this.tile.search.box.title = stages.map((s) => `${HOW_SAID[s[HOW]]} at ${s[DIM]}: ${milliseconds(s[MS])}`).join("\n");
    const held = answer.mode !== "flat" && answer.first_stage === "exact"
      ? `the first stage reads ${count((stop.bytes * stop.dim) / this.known.full_dim)}` : `of ${count(answer.full_bytes)} at full dim`;
    this.write("bytes", count(stop.bytes), held);
    say(this.cascade, this.describe(answer, stages));
    this.drawBar(stages);
    this.drawTable(stages);
  }

  describe(answer, stages) {
    const path = stages.map((s) => s[DIM]).join(" → ");
    const kept = stages.slice(0, -1).map((s) => count(s[KEPT])).join(", ");
    const start = `${count(answer.count)} pictures at ${stages[0][DIM]} dims`;
    return stages.length === 1 ? start : `${start}; ${path}, handing on ${kept}`;
  }

  /** One background and no boxes: boxes that change their places count as a layout that moves. */
  drawBar(stages) {
    const all = stages.reduce((sum, stage) => sum + stage[MS], 0) || 1;
    let from = 0;
    const bands = stages.map((stage, index) => {
      const to = from + (100 * stage[MS]) / all;
      const colour = `color-mix(in srgb, var(--accent) ${index ? 50 : 100}%, transparent)`;
      const band = `${colour} ${from.toFixed(1)}% calc(${to.toFixed(1)}% - 1px), transparent calc(${to.toFixed(1)}% - 1px) ${to.toFixed(1)}%`;
      from = to;
      return band;
    });
    this.bar.style.background = `linear-gradient(to right, ${bands.join(", ")})`;
  }

  drawTable(stages) {
    const body = this.table.tBodies[0];
    while (body.rows.length < stages.length) {
      const row = make("tr", {}, make("th", { scope: "row" }));
      for (let cell = 0; cell < 7; cell++) row.append(make("td"));
      body.append(row);
    }
    while (body.rows.length > stages.length) body.lastChild.remove();
    stages.forEach((s, index) => {
      const texts = [HOW_SAID[s[HOW]], String(s[DIM]), count(s[CONSIDERED]), count(s[KEPT]), count(s[CONSIDERED] - s[KEPT]),
        milliseconds(s[MS]), large(s[BYTES]), large(s[MULTIPLY_ADDS])];
      texts.forEach((text, cell) => say(body.rows[index].cells[cell], text));
    });
  }
}
