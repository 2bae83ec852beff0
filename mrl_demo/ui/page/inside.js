// The look into the embedding: the map of the collection at every dim, and what each prefix knows of each attribute.
// All of it is on the page after one question; the slider is page script alone.

import { coloursOf } from "./colours.js";
import { count, make, mark, say } from "./dom.js";
import { Knowledge } from "./knowledge.js";
import { PointMap } from "./map.js";
import { Slider } from "./slider.js";
import { Table } from "./table.js";

const STEP = 8192; // embedding_map.as_bytes
let kept = null; // the map outlives the tab, not the page

export function mount(element, props, server) {
  const root = element.querySelector(".mrl-inside");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new InsideTab(root, JSON.parse(props.known), server);
}

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

class InsideTab {
  constructor(root, known, server) {
    Object.assign(this, { root, known, server, words: new Map(), thumbnails: (key) => `${known.thumbnails}/${key}.webp` });
    this.find = (selector) => root.querySelector(selector);
    this.message = this.find(".mrl-message");
    this.again = this.find("[data-again]");
    this.again.addEventListener("click", () => this.load());
    this.tip = this.find(".mrl-tip");
    this.pinned = this.find(".mrl-pinned");
    this.values = this.find(".mrl-values");
    this.select = this.find("#mrl-colour-by");
    this.slider = new Slider(root, known, (dim) => this.look(dim));
    this.knowledge = new Knowledge(root, known);
    this.map = new PointMap(this.find("canvas"), (index) => this.point(index), (index) => this.pin(index));
    this.map.edge = getComputedStyle(root).getPropertyValue("--edge").trim();
    this.map.placed = () => this.place();
    this.select.addEventListener("change", () => this.colour(this.select.value));
    this.table = new Table(this.find(".mrl-points"), `map-${known.title.toLowerCase().replaceAll(" ", "-")}`, () => this.rows());
    this.dim = known.dim;
    this.look(known.dim);
    this.load();
  }

  async load() {
    this.again.hidden = true;
    this.root.setAttribute("aria-busy", "true");
    this.say("Laying out the map …");
    const reply = kept ?? (await this.server.whole_map({}).catch(() => null)) ?? { error: "The server did not answer, so there is no map yet." };
    this.root.setAttribute("aria-busy", "false");
    if (reply.error) {
      this.say(reply.error, "bad");
      this.again.hidden = false;
      return;
    }
    kept = reply;
    this.keys = reply.keys;
    this.layouts = new Map(reply.layouts.map(({ dim, shown, places }) => {
      const steps = new Int16Array(bytes(places).buffer);
      const points = Float32Array.from(steps, (step) => step / STEP);
      return [dim, { shown, points, reach: points.reduce((most, value) => Math.max(most, Math.abs(value)), 0.5) }];
    }));
    this.attributes = new Map(reply.attributes.map((one) => [one.name, { ...one, codes: bytes(one.codes) }]));
    this.select.append(...reply.attributes.map((one) => make("option", { value: one.name, text: one.title })));
    this.select.disabled = !reply.attributes.length;
    this.select.value = reply.first;
    this.say(this.keys.length < this.known.count
      ? `${count(this.keys.length)} of ${count(this.known.count)} pictures, drawn by lot.` : `All ${count(this.known.count)} pictures.`);
    this.colour(reply.first);
    this.look(this.dim);
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  /** Look at a dim: no request; the dots glide there. */
  look(dim) {
    this.dim = dim;
    this.slider.show(dim);
    say(this.find("[data-map-title]"), `The collection in its first ${dim} numbers`);
    this.knowledge.at(dim);
    if (!this.layouts) return;
    const layout = this.layouts.get(dim);
    say(this.find("[data-map-shown]"), `this plane holds ${Math.round(layout.shown * 100)} % of their variance`);
    this.map.show(layout.points, layout.reach);
    this.table.draw();
  }

  colour(name) {
    this.attribute = this.attributes.get(name);
    this.single = -1;
    this.values.replaceChildren();
    if (!this.attribute) {
      this.map.paint(null, [], -1);
      return;
    }
    const { values, codes } = this.attribute;
    this.colours = coloursOf(values, this.root);
    const counts = new Array(values.length).fill(0);
    for (const code of codes) counts[code]++;
    this.buttons = values.map((value, code) => {
      const swatch = make("i", { "aria-hidden": "true" });
      swatch.style.background = this.colours[code];
      const button = make("button", { type: "button", "aria-pressed": "false" }, swatch, value, make("small", { text: count(counts[code]) }));
      button.addEventListener("click", () => this.singleOut(code === this.single ? -1 : code));
      return button;
    });
    this.values.append(...this.buttons);
    this.singleOut(-1);
  }

  singleOut(code) {
    this.single = code;
    this.buttons.forEach((button, index) => mark(button, "aria-pressed", String(index === code)));
    this.map.paint(this.attribute.codes, this.colours, code);
  }

  point(index) {
    this.tip.hidden = index < 0;
    if (index < 0) return;
    const key = this.keys[index];
    this.tip.querySelector("img").src = this.thumbnails(key);
    this.describe(index);
    this.place();
  }

  /** Say what the picture at a dot is: its caption, and the value it is coloured by. */
  async describe(index) {
    const key = this.keys[index];
    const line = this.tip.querySelector("p");
    if (!this.words.has(key)) {
      say(line, "");
      const reply = await this.server.item_words({ key }).catch(() => ({}));
      this.words.set(key, reply?.text ?? "");
    }
    if (this.map.at !== index) return; // another dot is pointed at by now
    say(line, this.words.get(key));
    say(this.find("[data-said]"), this.words.get(key));
    this.place();
  }

  pin(index) {
    this.pinned.hidden = index < 0;
    if (index < 0) return;
    this.pinned.querySelector("img").src = this.thumbnails(this.keys[index]);
    this.place();
  }

  /** Keep the two pictures beside their dots, inside the plane. */
  place() {
    for (const [box, index] of [[this.tip, this.map.at], [this.pinned, this.map.pinned]]) {
      if (index < 0 || box.hidden) continue;
      const [x, y] = this.map.spot(index);
      const left = x + 14 + box.offsetWidth > this.map.width ? x - 14 - box.offsetWidth : x + 14;
      const top = Math.min(Math.max(4, y - box.offsetHeight / 2), this.map.height - box.offsetHeight - 4);
      box.style.transform = `translate(${Math.max(0, left).toFixed(1)}px, ${top.toFixed(1)}px)`;
    }
  }

  rows() {
    if (!this.layouts) return { columns: ["key"], rows: [], about: {} };
    const { points, shown } = this.layouts.get(this.dim);
    const attributes = [...this.attributes.values()];
    return {
      columns: ["key", "x", "y", ...attributes.map((one) => one.name)],
      rows: this.keys.map((key, index) => [key, Number(points[2 * index].toFixed(4)), Number(points[2 * index + 1].toFixed(4)),
        ...attributes.map((one) => one.values[one.codes[index]])]),
      about: { collection: this.known.title, dim: this.dim, variance_shown: shown },
    };
  }
}
