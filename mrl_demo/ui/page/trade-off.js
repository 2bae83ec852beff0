// Accuracy against the dims spent, as a small SVG: stopping by one threshold, every dim alone, thresholds learned.
// Moves a "you are here" mark; knows points, not where they come from.

import { makeSvg, mark, say } from "./dom.js";

const HEIGHT = 230, LEFT = 44, RIGHT = 14, TOP = 20, BOTTOM = 34;

export class TradeOff {
  /** Into `box`; `onpick(index)` is the point of the curve nearest to a click. */
  constructor(box, onpick) {
    this.svg = makeSvg("svg", { height: HEIGHT, role: "img" });
    box.append(this.svg);
    // As many units as pixels, so that words are as large on a phone as on a desk.
    new ResizeObserver(() => {
      if (!this.points || box.clientWidth === this.width) return;
      this.draw(this.points);
      if (this.here) this.at(this.here);
    }).observe(box);
    this.box = box;
    this.svg.addEventListener("click", (event) => {
      const along = event.clientX - this.svg.getBoundingClientRect().left;
      const away = ({ last_dim: dim }) => Math.abs(this.x(dim) - along);
      onpick(this.curve.reduce((best, point, index) => (away(point) < away(this.curve[best]) ? index : best), 0));
    });
  }

  x(dim) {
    return LEFT + ((Math.log2(dim) - this.first) / (this.last - this.first)) * (this.width - LEFT - RIGHT);
  }

  y(accuracy) {
    return HEIGHT - BOTTOM - ((accuracy - this.low) / (this.high - this.low)) * (HEIGHT - TOP - BOTTOM);
  }

  draw(points) {
    const { curve, fixed, learned } = points;
    Object.assign(this, { points, curve });
    this.width = this.box.clientWidth || 400;
    mark(this.svg, "viewBox", `0 0 ${this.width} ${HEIGHT}`);
    [this.first, this.last] = [Math.log2(fixed[0].dim), Math.log2(fixed.at(-1).dim)];
    const values = [...curve, ...fixed, learned].map((point) => point.accuracy);
    const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((one) => (Math.max(...values) - Math.min(...values)) / one <= 4) ?? 0.25;
    this.low = Math.max(0, Math.floor(Math.min(...values) / step) * step);
    this.high = Math.min(1, Math.max(this.low + step, Math.ceil(Math.max(...values) / step + 0.01) * step));
    this.svg.replaceChildren();
    mark(this.svg, "aria-label", "Accuracy against the mean of the dims spent; the table below has the numbers.");
    for (let value = this.low; value <= this.high + 1e-9; value += step) {
      const y = this.y(value);
      this.add("line", { class: "mrl-grid", x1: LEFT, x2: this.width - RIGHT, y1: y, y2: y });
      this.add("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, value.toFixed(2));
    }
    for (const { dim } of fixed) this.add("text", { x: this.x(dim), y: HEIGHT - 18, "text-anchor": "middle" }, String(dim));
    this.add("text", { x: (LEFT + this.width - RIGHT) / 2, y: HEIGHT - 3, "text-anchor": "middle" }, "mean dim at which it stops");
    this.line(fixed.map(({ dim, accuracy }) => [dim, accuracy]), 1, "6 4");
    this.line(curve.map((point) => [point.last_dim, point.accuracy]), 0, "");
    for (const { dim, accuracy } of fixed) this.dot(dim, accuracy, 1, { r: 3 });
    const [x, y] = [this.x(learned.last_dim), this.y(learned.accuracy)];
    this.add("path", { class: "mrl-learned", d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z` }).style.fill = "var(--series-2)";
    this.you = this.dot(fixed[0].dim, this.low, 0, { r: 6, class: "mrl-you-dot" });
    this.youText = this.add("text", { class: "mrl-you-text", "text-anchor": "middle" });
  }

  add(tag, attributes, text = "") {
    const element = makeSvg(tag, attributes, text);
    this.svg.append(element);
    return element;
  }

  line(points, series, dashes) {
    const d = points.map(([dim, accuracy], at) => `${at ? "L" : "M"}${this.x(dim).toFixed(1)} ${this.y(accuracy).toFixed(1)}`).join("");
    this.add("path", { class: "mrl-curve", d, "stroke-dasharray": dashes }).style.stroke = `var(--series-${series})`;
  }

  dot(dim, accuracy, series, attributes) {
    const dot = this.add("circle", { cx: this.x(dim), cy: this.y(accuracy), ...attributes });
    dot.style.fill = `var(--series-${series})`;
    return dot;
  }

  /** Move the mark to a point `{last_dim, accuracy}`. */
  at(point) {
    const { last_dim: dim, accuracy } = point;
    this.here = point;
    const [x, y] = [this.x(dim), this.y(accuracy)];
    mark(this.you, "cx", x.toFixed(1));
    mark(this.you, "cy", y.toFixed(1));
    mark(this.youText, "x", Math.min(this.width - 60, Math.max(LEFT + 50, x)).toFixed(1));
    mark(this.youText, "y", (y < TOP + 18 ? y + 22 : y - 12).toFixed(1));
    say(this.youText, `here: ${accuracy.toFixed(3)} at ${dim.toFixed(1)}`);
  }
}
