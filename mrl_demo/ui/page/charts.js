// Line charts over dims as small SVG, with a "you are here" mark that follows the slider, a table and a CSV export.
// Own SVG, not plotly: 150 lines against 4.5 MB, and a slider step moves one line instead of redrawing the figure.

import { make, makeSvg, mark, say } from "./dom.js";

const WIDTH = 400, HEIGHT = 210, LEFT = 42, RIGHT = 10, TOP = 16, BOTTOM = 24;
const DASHES = ["", "6 4", "2 3", "9 3 2 3"], HUES = 8;

export class Chart {
  /** `chart` is `{id, title, note, unit, digits, log, range, series: [{name, points: [[dim, value]]}]}`; `known` has full_dim,
      nested_dims and, where the axis does not begin at 1, first_dim; `onpick(dim)`. */
  constructor(section, chart, known, onpick) {
    this.chart = chart;
    this.known = known;
    this.first = Math.log2(known.first_dim ?? 1);
    this.last = Math.log2(known.full_dim);
    this.svg = makeSvg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    this.legend = make("div", { class: "mrl-legend" });
    this.table = make("table");
    const scroll = make("div", { class: "mrl-scroll", tabindex: "0", role: "group", "aria-label": `${chart.title}, as a table` }, this.table);
    const csv = make("button", { type: "button", class: "mrl-csv", text: "Save as CSV", onclick: () => this.save() });
    this.details = make("details", {}, make("summary", { text: "Table" }), csv, scroll);
    this.details.addEventListener("toggle", () => this.drawTable());
    section.append(make("figure", { class: "mrl-chart" }, make("h3", { text: chart.title }), make("p", { text: chart.note }),
      this.svg, this.legend, this.details));
    this.svg.addEventListener("click", (event) => {
      const box = this.svg.getBoundingClientRect();
      const along = ((event.clientX - box.left) / box.width) * WIDTH;
      const part = Math.min(1, Math.max(0, (along - LEFT) / (WIDTH - LEFT - RIGHT)));
      onpick(2 ** (this.first + part * (this.last - this.first)));
    });
  }

  x(dim) {
    return LEFT + ((Math.log2(dim) - this.first) / (this.last - this.first)) * (WIDTH - LEFT - RIGHT);
  }

  y(value) {
    const { log } = this.chart;
    const part = log
      ? (Math.log10(Math.max(value, this.low)) - Math.log10(this.low)) / (Math.log10(this.high) - Math.log10(this.low))
      : (value - this.low) / (this.high - this.low);
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  }

  write(value) {
    if (value === undefined) return "–";
    const text = value >= 1000 ? Math.round(value).toLocaleString("en-GB") : value.toFixed(this.chart.digits);
    return this.chart.unit ? `${text} ${this.chart.unit}` : text;
  }

  /** Draw all curves: the live ones of this query first, then the result file's for this way to search. */
  draw(live, retrieval) {
    this.series = [...live, ...this.chart.series.filter((curve) => !curve.retrieval || curve.retrieval === retrieval)];
    this.values = this.series.map((curve) => new Map(curve.points));
    const values = this.series.flatMap((curve) => curve.points.map((point) => point[1]));
    [this.low, this.high] = this.chart.range ?? this.rangeOf(values);
    this.svg.replaceChildren();
    mark(this.svg, "aria-label", `${this.chart.title}: ${this.series.map((curve) => curve.name).join(", ")}. The table below has the numbers.`);
    for (const value of this.ticks()) {
      const y = this.y(value);
      this.svg.append(makeSvg("line", { class: "mrl-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }));
      this.svg.append(makeSvg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, value >= 1000 ? `${value / 1000}k` : String(value)));
    }
    for (const dim of new Set([2 ** this.first, ...this.known.nested_dims])) {
      this.svg.append(makeSvg("text", { x: this.x(dim), y: HEIGHT - 6, "text-anchor": "middle" }, String(dim)));
    }
    this.you = makeSvg("line", { class: "mrl-you", y1: TOP - 4, y2: HEIGHT - BOTTOM });
    this.youText = makeSvg("text", { class: "mrl-you-text", y: TOP - 6, "text-anchor": "middle" });
    this.svg.append(this.you);
    this.dots = this.series.map((curve, index) => {
      const colour = `var(--series-${index % HUES})`;
      const path = curve.points.map(([dim, value], at) => `${at ? "L" : "M"}${this.x(dim).toFixed(1)} ${this.y(value).toFixed(1)}`).join("");
      const line = makeSvg("path", { class: "mrl-curve", d: path, "stroke-dasharray": DASHES[index % 4] });
      line.style.stroke = colour;
      const dot = makeSvg("circle", { r: 4.5 });
      dot.style.fill = colour;
      this.svg.append(line, dot);
      return dot;
    });
    this.svg.append(this.youText);
    this.drawLegend();
    this.drawTable();
  }

  rangeOf(values) {
    if (!values.length) return [0, 1];
    const most = Math.max(...values);
    if (!this.chart.log) {
      const step = 10 ** Math.floor(Math.log10(most || 1));
      return [0, [1, 2, 5, 10].map((part) => part * step).find((top) => top >= most)];
    }
    return [10 ** Math.floor(Math.log10(Math.min(...values))), 10 ** Math.ceil(Math.log10(most))];
  }

  ticks() {
    if (!this.chart.log) return [0, 1, 2, 3, 4].map((part) => Number((this.low + ((this.high - this.low) * part) / 4).toPrecision(3)));
    const ticks = [];
    for (let value = this.low; value <= this.high * 1.001; value *= 10) ticks.push(Number(value.toPrecision(1)));
    return ticks;
  }

  drawLegend() {
    this.legend.replaceChildren();
    this.readings = this.series.map((curve, index) => {
      const key = makeSvg("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" });
      const line = makeSvg("path", { class: "mrl-curve", d: "M0 5H26", "stroke-dasharray": DASHES[index % 4] });
      line.style.stroke = `var(--series-${index % HUES})`;
      key.append(line);
      const reading = make("b");
      this.legend.append(make("div", {}, key, make("span", { text: curve.name, title: curve.name }), reading));
      return reading;
    });
  }

  /** Move the "you are here" mark. */
  at(dim) {
    this.dim = dim;
    const x = this.x(dim).toFixed(1);
    mark(this.you, "x1", x);
    mark(this.you, "x2", x);
    mark(this.youText, "x", Math.min(WIDTH - 34, Math.max(34, Number(x))).toFixed(1));
    say(this.youText, `here: ${dim}`);
    this.series.forEach((curve, index) => {
      const value = this.values[index].get(dim);
      say(this.readings[index], this.write(value));
      mark(this.dots[index], "visibility", value === undefined ? "hidden" : "visible");
      if (value !== undefined) {
        mark(this.dots[index], "cx", x);
        mark(this.dots[index], "cy", this.y(value).toFixed(1));
      }
    });
    if (this.details.open) for (const row of this.table.tBodies[0].rows) row.classList.toggle("mrl-at", row.dataset.dim === String(dim));
  }

  rows() {
    const dims = [...new Set(this.series.flatMap((curve) => curve.points.map((point) => point[0])))].sort((a, b) => a - b);
    return dims.map((dim) => [dim, ...this.values.map((values) => values.get(dim))]);
  }

  drawTable() {
    if (!this.details.open || !this.series) return; // filled when someone looks
    const head = make("tr", {}, ...["dim", ...this.series.map((curve) => curve.name)].map((text) => make("th", { scope: "col", text })));
    const body = make("tbody");
    for (const [dim, ...values] of this.rows()) {
      const row = make("tr", { "data-dim": dim }, make("th", { scope: "row", text: dim }));
      row.append(...values.map((value) => make("td", { text: this.write(value) })));
      row.classList.toggle("mrl-at", dim === this.dim);
      body.append(row);
    }
    this.table.replaceChildren(make("thead", {}, head), body);
  }

  save() {
    const quote = (cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell ?? ""));
    const unit = this.chart.unit ? ` (${this.chart.unit})` : "";
    const lines = [["dim", ...this.series.map((curve) => curve.name + unit)], ...this.rows()].map((row) => row.map(quote).join(","));
    const address = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
    make("a", { href: address, download: `${this.chart.id}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}
