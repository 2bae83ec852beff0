// Recall against price of ways to search, as a small SVG: what the planner measured, the paper's cascades, and where one is.
// Draws points it is given; asks for nothing.

import { make, makeSvg, mark } from "./dom.js";

const WIDTH = 420, HEIGHT = 250, LEFT = 44, RIGHT = 14, TOP = 20, BOTTOM = 40;
const AXES = {
  ms: { name: "Time", title: "milliseconds a search" },
  multiply_adds: { name: "Multiply-adds", title: "multiply-adds a query" },
  bytes_per_vector: { name: "Memory", title: "bytes a vector beside the matrix" },
};
const LEGEND = [["holds", "holds the target, as planned"], ["fails", "does not, or not surely"], ["preset", "the paper's cascades"], ["here", "you are here"]];

export class Frontier {
  /** `onpick(way)` when a point is chosen. */
  constructor(box, onpick) {
    this.onpick = onpick;
    this.axis = "ms";
    this.svg = makeSvg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    const axes = make("fieldset", {}, make("legend", { text: "Price" }));
    for (const [name, { name: text }] of Object.entries(AXES)) {
      const input = make("input", { type: "radio", name: "mrl-frontier-axis", value: name, onchange: () => { this.axis = name; this.redraw(); } });
      input.checked = name === this.axis;
      axes.append(make("label", {}, input, text));
    }
    const legend = make("div", { class: "mrl-frontier-legend" });
    for (const [kind, text] of LEGEND) {
      const key = makeSvg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" });
      key.append(shape(kind, 0, 0));
      legend.append(make("span", {}, key, text));
    }
    box.append(axes, this.svg, legend);
  }

  /** `points` are `{kind: "holds" | "fails" | "preset" | "here", said, recall, ms, multiply_adds, bytes_per_vector, way, chosen}`. */
  draw(points, target) {
    Object.assign(this, { points, target });
    this.redraw();
  }

  redraw() {
    const shown = (this.points ?? []).filter((point) => point[this.axis] > 0);
    this.svg.replaceChildren();
    mark(this.svg, "aria-label", `Recall against ${AXES[this.axis].title} of ${shown.length} ways to search. The table below has the numbers.`);
    this.scale(shown);
    this.drawAxes();
    const y = this.y(this.target);
    this.svg.append(makeSvg("line", { class: "mrl-target", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }));
    const planned = shown.filter((point) => point.kind === "holds" || point.kind === "fails").sort((a, b) => a[this.axis] - b[this.axis]);
    let best = -1;
    const front = planned.filter((point) => point.recall > best && ((best = point.recall), true));
    if (front.length > 1) {
      const path = front.map((point, at) => `${at ? "L" : "M"}${this.x(point).toFixed(1)} ${this.y(point.recall).toFixed(1)}`).join("");
      this.svg.append(makeSvg("path", { class: "mrl-front", d: path }));
    }
    const order = ["preset", "fails", "holds", "here"];
    for (const point of shown.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) this.drawPoint(point);
  }

  drawPoint(point) {
    const x = this.x(point), y = this.y(point.recall);
    if (point.chosen) this.svg.append(makeSvg("circle", { class: "mrl-chosen", cx: x, cy: y, r: 10 }));
    const drawn = shape(point.kind, x, y);
    drawn.append(makeSvg("title", {}, point.said));
    if (point.kind !== "here") drawn.addEventListener("click", () => this.onpick(point.way));
    this.svg.append(drawn);
    if (point.kind === "here") {
      const left = x > WIDTH * 0.62;
      this.svg.append(makeSvg("text", { class: "mrl-you-text", x: x + (left ? -11 : 11), y: y + (y > HEIGHT - BOTTOM - 14 ? -7 : 14), "text-anchor": left ? "end" : "start" }, "you are here"));
    }
  }

  scale(shown) {
    const prices = shown.map((point) => point[this.axis]);
    this.low = Math.log10(Math.min(...prices, Infinity)) - 0.06;
    this.high = Math.log10(Math.max(...prices, 0)) + 0.06;
    if (!prices.length) [this.low, this.high] = [0, 1];
    if (this.high - this.low < 0.5) [this.low, this.high] = [(this.low + this.high) / 2 - 0.25, (this.low + this.high) / 2 + 0.25];
    const least = Math.min(this.target, ...shown.map((point) => point.recall));
    this.floor = [0.98, 0.96, 0.92, 0.8, 0.6, 0.2, 0].find((step) => step <= least - 0.002) ?? 0;
  }

  x(point) {
    return LEFT + ((Math.log10(point[this.axis]) - this.low) / (this.high - this.low)) * (WIDTH - LEFT - RIGHT);
  }

  y(recall) {
    return HEIGHT - BOTTOM - (Math.max(0, recall - this.floor) / (1 - this.floor)) * (HEIGHT - TOP - BOTTOM);
  }

  drawAxes() {
    for (let part = 0; part <= 4; part++) {
      const recall = this.floor + ((1 - this.floor) * part) / 4;
      const y = this.y(recall);
      this.svg.append(makeSvg("line", { class: "mrl-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }));
      this.svg.append(makeSvg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, String(Number(recall.toFixed(3)))));
    }
    const steps = this.high - this.low > 2.5 ? [1] : [1, 2, 5];
    for (let power = Math.floor(this.low); power <= this.high; power++) {
      for (const step of steps) {
        const price = step * 10 ** power;
        if (Math.log10(price) < this.low || Math.log10(price) > this.high) continue;
        const x = this.x({ [this.axis]: price });
        this.svg.append(makeSvg("line", { class: "mrl-grid", x1: x, x2: x, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }));
        this.svg.append(makeSvg("text", { x, y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, brief(price)));
      }
    }
    this.svg.append(makeSvg("text", { x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, AXES[this.axis].title));
    this.svg.append(makeSvg("text", { x: LEFT - 34, y: 11 }, "recall"));
  }
}

function brief(price) {
  if (price >= 1e6) return `${Number((price / 1e6).toPrecision(2))} M`;
  return price >= 1e3 ? `${Number((price / 1e3).toPrecision(2))} k` : String(Number(price.toPrecision(2)));
}

function shape(kind, x, y) {
  if (kind === "preset") return makeSvg("rect", { class: "mrl-point-preset", x: x - 4.5, y: y - 4.5, width: 9, height: 9 });
  if (kind === "here") return makeSvg("path", { class: "mrl-point-here", d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z` });
  return makeSvg("circle", { class: `mrl-point-${kind}`, cx: x, cy: y, r: 5.5 });
}
