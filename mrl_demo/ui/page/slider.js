// The dim slider: a native range input (so arrows, Home and End work) over stops on a scale that is even in octaves.
// Knows dims and where they lie; knows nothing of results.

import { make, mark, say } from "./dom.js";

export class Slider {
  constructor(root, known, onmove, onany) {
    this.stops = known.stops;
    this.trained = new Set(known.nested_dims);
    this.full = known.full_dim;
    this.range = root.querySelector('.mrl-track input');
    this.any = root.querySelector(".mrl-any input"); // where any dim can be typed
    this.now = root.querySelector(".mrl-dim-now");
    this.of = root.querySelector(".mrl-dim-of");
    this.range.max = String(this.stops.length - 1);
    if (this.any) this.any.max = String(this.full);
    this.labels = new Map();
    const ticks = root.querySelector(".mrl-ticks");
    this.stops.forEach((dim, index) => {
      const trained = this.trained.has(dim);
      const tick = make("span", { text: trained || dim === this.stops[0] ? String(dim) : "", class: trained ? "" : "mrl-between" });
      tick.style.left = `${this.place(index)}%`;
      ticks.append(tick);
      this.labels.set(dim, tick);
    });
    this.range.addEventListener("input", () => onmove(this.stops[Number(this.range.value)]));
    this.any?.addEventListener("change", () => onany(this.any.value));
  }

  place(index) {
    return (100 * index) / (this.stops.length - 1);
  }

  /** The stop nearest to `dim` on the slider's scale. */
  nearest(dim) {
    const away = (stop) => Math.abs(Math.log2(stop) - Math.log2(dim));
    return this.stops.reduce((best, stop, index) => (away(stop) < away(this.stops[best]) ? index : best), 0);
  }

  /** Show `dim`, which need not be a stop. */
  show(dim) {
    const index = this.nearest(dim);
    if (Number(this.range.value) !== index) this.range.value = String(index);
    this.range.style.setProperty("--at", `${this.place(index)}%`);
    if (this.any && (document.activeElement !== this.any || this.any.value === "")) this.any.value = String(dim);
    const how = this.trained.has(dim) ? "a trained dim" : "between trained dims";
    const below = dim < Math.min(...this.trained) ? "below the trained dims" : how;
    say(this.now, String(dim));
    say(this.of, `of ${this.full} · ${below}`);
    mark(this.range, "aria-valuetext", `${dim} of ${this.full} dims, ${below}`);
    this.labels.get(this.shown)?.classList.remove("mrl-at");
    this.labels.get(dim)?.classList.add("mrl-at");
    this.shown = dim;
  }
}
