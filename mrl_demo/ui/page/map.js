// The map: every item a dot on a canvas, gliding from where one dim has it to where the next one does.
// Knows places, colours and the pointer; knows nothing of attributes or of the server. A canvas, not SVG:
// 6,000 dots are drawn in a few milliseconds.

const GLIDE_MS = 240, REACH = 16, MARGIN = 18;

export class PointMap {
  /** `onpoint(index)` when another dot is pointed at (-1: none), `onpin(index)` when one is kept in sight. */
  constructor(canvas, onpoint, onpin) {
    Object.assign(this, { canvas, onpoint, onpin, at: -1, pinned: -1, codes: null, colours: [], single: -1 });
    this.pen = canvas.getContext("2d");
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    new ResizeObserver(() => this.resize()).observe(canvas);
    canvas.addEventListener("pointermove", (event) => this.point(this.nearest(event)));
    canvas.addEventListener("pointerleave", () => this.point(-1));
    canvas.addEventListener("click", (event) => this.pin(this.nearest(event)));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => this.point(-1));
  }

  /** Show `places` (x and y in turns); glide there, or be there at once. */
  show(places, reach, at_once) {
    this.from = this.now && !at_once && !this.still.matches ? this.now.slice() : places;
    this.to = places;
    this.reachFrom = this.reach ?? reach;
    this.reachTo = reach;
    if (!this.now) this.now = new Float32Array(places.length);
    this.begun = performance.now();
    this.step(this.from === places ? this.begun + GLIDE_MS : this.begun + 16);
  }

  step(time) {
    const part = Math.min(1, Math.max(0, (time - this.begun) / GLIDE_MS));
    const eased = 1 - (1 - part) ** 3;
    for (let index = 0; index < this.now.length; index++) this.now[index] = this.from[index] + (this.to[index] - this.from[index]) * eased;
    this.reach = this.reachFrom + (this.reachTo - this.reachFrom) * eased;
    this.draw();
    cancelAnimationFrame(this.frame);
    if (part < 1) this.frame = requestAnimationFrame((next) => this.step(next));
  }

  paint(codes, colours, single) {
    Object.assign(this, { codes, colours, single });
    this.draw();
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    if (!box.width) return;
    const sharp = window.devicePixelRatio || 1;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * sharp);
    this.canvas.height = Math.round(box.height * sharp);
    this.pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    this.draw();
  }

  /** Where a dot is on the canvas, in CSS pixels. One scale for both directions: distances are what a map shows. */
  spot(index) {
    const scale = (Math.min(this.width, this.height) / 2 - MARGIN) / this.reach;
    return [this.width / 2 + this.now[2 * index] * scale, this.height / 2 - this.now[2 * index + 1] * scale];
  }

  draw() {
    if (!this.now || !this.width) return;
    const { pen } = this;
    const size = Math.max(2, Math.min(4.2, 150 / Math.sqrt(this.now.length)));
    const ink = getComputedStyle(this.canvas).color;
    pen.clearRect(0, 0, this.width, this.height);
    const last = [];
    for (let index = 0; index < this.now.length / 2; index++) {
      const code = this.codes ? this.codes[index] : 0;
      if (this.single >= 0 && code === this.single) last.push(index);
      else this.dot(index, size, this.colours[code] ?? ink, this.single >= 0 ? 0.12 : 0.78);
    }
    for (const index of last) this.dot(index, size + 0.6, this.colours[this.single] ?? ink, 0.95);
    for (const index of [this.pinned, this.at]) if (index >= 0) this.ring(index, size + 3.5, ink);
    this.placed?.();
  }

  dot(index, size, colour, strength) {
    const { pen } = this;
    const [x, y] = this.spot(index);
    pen.globalAlpha = strength;
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(x, y, size, 0, 7);
    pen.fill();
    pen.globalAlpha = strength * 0.5; // an edge, so that a white dot shows on white
    pen.lineWidth = 0.6;
    pen.strokeStyle = this.edge;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  ring(index, size, ink) {
    const [x, y] = this.spot(index);
    this.pen.lineWidth = 2;
    this.pen.strokeStyle = ink;
    this.pen.beginPath();
    this.pen.arc(x, y, size, 0, 7);
    this.pen.stroke();
  }

  nearest(event) {
    if (!this.now) return -1;
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    let best = REACH ** 2, found = -1;
    for (let index = 0; index < this.now.length / 2; index++) {
      if (this.single >= 0 && this.codes[index] !== this.single) continue;
      const [px, py] = this.spot(index);
      const away = (px - x) ** 2 + (py - y) ** 2;
      if (away < best) [best, found] = [away, index];
    }
    return found;
  }

  point(index) {
    if (index === this.at) return;
    this.at = index;
    this.draw();
    this.onpoint(index);
  }

  pin(index) {
    this.pinned = index === this.pinned ? -1 : index;
    this.draw();
    this.onpin(this.pinned);
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!this.now || (!way && event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") this.pin(this.pinned);
    else if (event.key === "Enter") this.pin(this.at);
    else this.point(this.neighbour(way));
  }

  /** The dot nearest to the one pointed at, of those that lie more in the given direction than beside it. */
  neighbour([dx, dy]) {
    if (this.at < 0) return this.pinned >= 0 ? this.pinned : 0;
    const [x, y] = this.spot(this.at);
    let best = Infinity, found = this.at;
    for (let index = 0; index < this.now.length / 2; index++) {
      const [px, py] = this.spot(index);
      const along = (px - x) * dx + (py - y) * dy, beside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
      if (along > beside && along + beside < best) [best, found] = [along + beside, index];
    }
    return found;
  }
}
