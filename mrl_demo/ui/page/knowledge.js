// What each prefix knows: one row an attribute, its accuracy over dims as a small curve, and its value at the dim
// looked at beside what guessing would give. Knows numbers of a result file; nothing of the map.

import { make, makeSvg, mark, say } from "./dom.js";
import { Table } from "./table.js";

const WIDTH = 150, HEIGHT = 38, EDGE = 5;

export class Knowledge {
  constructor(root, known) {
    this.first = known.stops[0];
    this.last = known.full_dim;
    const { rows, note } = known.knowledge;
    this.title = root.querySelector("[data-knows-title]");
    say(root.querySelector(".mrl-knows-note"), rows.length ? `${note}. Dashed: always saying the commonest value.` : note);
    const list = root.querySelector(".mrl-known");
    this.rows = rows.map((row) => this.row(row, list));
    const details = root.querySelector(".mrl-probes");
    details.hidden = !rows.length;
    const dims = [...new Set(rows.flatMap((row) => row.points.map((point) => point[0])))].sort((a, b) => a - b);
    new Table(details, "what-each-prefix-knows", () => ({
      columns: ["dim", ...rows.map((row) => row.name)],
      rows: [["always the commonest", ...rows.map((row) => row.guess)], ...dims.map((dim) => [dim, ...this.rows.map((row) => row.values.get(dim))])],
      about: { what: note },
    }));
  }

  x(dim) {
    const along = (Math.log2(dim) - Math.log2(this.first)) / Math.max(1e-9, Math.log2(this.last) - Math.log2(this.first));
    return EDGE + along * (WIDTH - 2 * EDGE);
  }

  y(value) {
    return HEIGHT - EDGE - value * (HEIGHT - 2 * EDGE);
  }

  row(row, list) {
    const svg = makeSvg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
    const guess = this.y(row.guess).toFixed(1);
    const path = row.points.map(([dim, value], at) => `${at ? "L" : "M"}${this.x(dim).toFixed(1)} ${this.y(value).toFixed(1)}`).join("");
    const dot = makeSvg("circle", { r: 4 });
    svg.append(makeSvg("line", { class: "mrl-guess", x1: EDGE, x2: WIDTH - EDGE, y1: guess, y2: guess }), makeSvg("path", { d: path }), dot);
    const value = make("b");
    const beside = make("small", { text: `guess ${row.guess.toFixed(2)}` });
    list.append(make("li", {}, make("span", {}, row.title, make("small", { text: `${row.values} values` })), svg, value, beside));
    return { values: new Map(row.points), dot, value };
  }

  at(dim) {
    say(this.title, `What ${dim} ${dim === 1 ? "number knows" : "numbers know"}`);
    for (const { values, dot, value } of this.rows) {
      const known = values.get(dim);
      say(value, known === undefined ? "–" : known.toFixed(2));
      mark(dot, "visibility", known === undefined ? "hidden" : "visible");
      if (known === undefined) continue;
      mark(dot, "cx", this.x(dim).toFixed(1));
      mark(dot, "cy", this.y(known).toFixed(1));
    }
  }
}
