// The search tab: one question to the server a query, after which the slider is page script alone.
// State is the last answer and the dim looked at; every panel draws from these two.

import { Chart } from "./charts.js";
import { make, say } from "./dom.js";
import { QueryBar } from "./query.js";
import { Slider } from "./slider.js";
import { Stats } from "./stats.js";
import { marksHere, marksThere, prefetch, Tiles } from "./tiles.js";

const RETRY_MS = 700;

export function mount(element, props, server, upload) {
  const root = element.querySelector(".mrl");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new SearchTab(root, JSON.parse(props.known), server, upload);
}

class SearchTab {
  constructor(root, known, server, upload) {
    Object.assign(this, { root, known, server, asking: 0 });
    this.thumbnail = (key) => `${known.thumbnails}/${key}.webp`;
    this.query = known.examples.length ? { kind: "example", index: 0 } : { kind: "item", key: 0 };
    this.message = root.querySelector(".mrl-message");
    this.announced = root.querySelector("[data-announced]");
    const pick = (key) => this.ask({ query: { kind: "item", key } });
    this.here = new Tiles(root.querySelector(".mrl-here ol"), this.thumbnail, pick);
    this.there = new Tiles(root.querySelector(".mrl-full ol"), this.thumbnail, pick);
    this.titleHere = root.querySelector("[data-here]");
    this.titleAsked = root.querySelector("[data-asked]");
    this.titleChanged = root.querySelector("[data-changed]");
    for (const place of root.querySelectorAll("[data-full-dim]")) place.textContent = String(known.full_dim);
    this.bar = new QueryBar(root, known, upload, (query) => this.ask({ query }), (text, tone) => this.say(text, tone));
    this.slider = new Slider(root, known, (dim) => this.look(dim), (value) => this.lookAny(value));
    this.stats = new Stats(root, known);
    const charts = root.querySelector(".mrl-charts");
    this.charts = known.charts.map((chart) => new Chart(charts, chart, known, (dim) => this.look(known.stops[this.slider.nearest(dim)])));
    this.modes = this.choice(".mrl-mode", "mode", known.modes, { flat: "Flat", adaptive: "Adaptive", funnel: "Funnel" });
    this.firsts = this.choice(".mrl-first", "first_stage", known.first_stages, { exact: "Exact", hnsw: "HNSW", signs: "Sign bits" });
    this.k = root.querySelector("#mrl-k");
    this.k.addEventListener("change", () => this.ask({ k: this.k.value }));
    this.take(known.start, this.query, known.start.dim);
    this.watchEncoder();
  }

  /** Radio buttons for one setting; choosing one asks again with the same query. */
  choice(selector, name, values, words) {
    const inputs = {};
    for (const value of values) {
      inputs[value] = make("input", { type: "radio", name: `mrl-${name}`, value, onchange: () => this.ask({ [name]: value }) });
      this.root.querySelector(selector).append(make("label", {}, inputs[value], words[value] ?? value));
    }
    return inputs;
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  /** Ask the server; `change` is what differs from what is shown: a query, mode, first stage, k or dim. */
  async ask(change) {
    const turn = ++this.asking;
    const query = change.query ?? this.query;
    const { mode, first_stage, k } = this.answer;
    const dimBefore = this.dim;
    const question = { mode, first_stage, k, dim: this.dim, ...change, query };
    this.root.setAttribute("aria-busy", "true");
    let reply;
    try {
      for (;;) {
        reply = await this.server.ask(question);
        if (turn !== this.asking) return; // a later question took over
        if (!reply.wait) break;
        this.say("The encoder is still loading; this search runs as soon as it is there.");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        if (turn !== this.asking) return;
      }
    } catch {
      reply = { error: "The server did not answer; what is on the page still works. Try again in a moment." };
    }
    if (turn !== this.asking) return;
    this.root.setAttribute("aria-busy", "false");
    if (reply.error) {
      this.say(reply.error, "bad");
      this.restore();
      return;
    }
    // Someone may have moved the slider meanwhile; their dim stands.
    const moved = this.dim !== dimBefore && reply.stops.some((stop) => stop.dim === this.dim);
    this.take(reply, query, moved ? this.dim : reply.dim);
  }

  /** Show a new answer at `dim`, and prefetch what the slider can reach. */
  take(answer, query, dim) {
    this.answer = answer;
    this.query = query;
    this.byDim = new Map(answer.stops.map((stop) => [stop.dim, stop]));
    this.say(answer.warnings.join(" "));
    this.bar.show(answer.query, query, this.thumbnail);
    say(this.titleAsked, answer.query.label);
    const live = {
      accuracy: [{ name: `This query, ${answer.mode}`, points: answer.stops.map((stop) => [stop.dim, stop.recall]) }],
      latency: [{ name: `This query, ${answer.mode}, ${answer.first_stage}`, points: answer.stops.map((stop) => [stop.dim, stop.ms]) }],
    };
    for (const chart of this.charts) chart.draw(live[chart.chart.id] ?? [], `${answer.mode} ${answer.first_stage}`);
    this.restore();
    this.look(dim);
    say(this.announced, `${answer.truth.keys.length} results for ${answer.query.label}, at ${dim} dims`);
    prefetch(Object.keys(answer.captions), this.thumbnail);
  }

  /** Put the controls back to what the page shows. */
  restore() {
    this.modes[this.answer.mode].checked = true;
    this.firsts[this.answer.first_stage].checked = true;
    this.k.value = String(this.answer.k);
    if (this.dim) this.slider.any.value = String(this.dim);
  }

  /** Look at a dim that is on the page: no request, all in this task, so the next frame shows it. */
  look(dim) {
    const { answer } = this;
    const stop = this.byDim.get(dim);
    this.dim = dim;
    this.slider.show(dim);
    const marks = marksHere(stop.keys, answer.truth.keys);
    this.here.fill(stop.keys, stop.scores, marks, answer.captions);
    this.there.fill(answer.truth.keys, answer.truth.scores, marksThere(answer.truth.keys, stop.keys), answer.captions);
    const number = (kind) => marks.filter((one) => one.kind === kind).length;
    say(this.titleHere, `At ${dim} ${dim === 1 ? "dim" : "dims"}`);
    say(this.titleChanged, `${number("kept")} kept, ${number("moved")} moved, ${number("new")} lost`);
    this.stats.show(answer, stop);
    for (const chart of this.charts) chart.at(dim);
  }

  /** Look at any dim that was typed: on the page already, or asked for; the server says what is wrong with it. */
  lookAny(value) {
    const dim = Number(value);
    if (value !== "" && this.byDim.has(dim)) {
      this.say("");
      this.look(dim);
    } else {
      this.ask({ dim: value === "" ? null : dim });
    }
  }

  /** Say whether texts and uploads can be searched yet, until they can (or never will). */
  async watchEncoder() {
    const chip = this.root.querySelector(".mrl-encoder");
    for (;;) {
      let status = { state: "loading", text: "" };
      try {
        status = await this.server.encoder_status({});
      } catch { /* the server is busy starting; ask again */ }
      chip.dataset.state = status.state;
      chip.hidden = false;
      say(chip, status.state === "ready" ? `Encoder: ${status.text}` : status.state === "missing"
        ? `Texts and uploads cannot be searched: ${status.text} Examples and pictures still answer.`
        : "The encoder is loading; examples and pictures answer already.");
      if (status.state !== "loading" || !this.root.isConnected) return;
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
  }
}
