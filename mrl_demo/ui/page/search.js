// The search tab: one question to the server a query, after which the slider is page script alone.
// State is the last answer and the dim looked at, the view and whether the cut-off is on; every panel draws from these.
// `wanted` is the question as the controls stand: it runs ahead of the answer, so that a quick second change keeps the first.

import * as address from "./address.js";
import { Chart } from "./charts.js";
import { Dims } from "./dims.js";
import { make, say } from "./dom.js";
import { Filters, filterSaid } from "./filters.js";
import { listen } from "./keys.js";
import { holdsUpload, Past } from "./past.js";
import { QueryBar } from "./query.js";
import { Slider } from "./slider.js";
import { Stats } from "./stats.js";
import { drawn, marksHere, marksThere, prefetch, Tiles } from "./tiles.js";
import { Verdict } from "./verdict.js";

const RETRY_MS = 700;

export function mount(element, props, server, upload) {
  const root = element.querySelector(".mrl");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new SearchTab(root, JSON.parse(props.known), server, upload);
}

class SearchTab {
  constructor(root, known, server, upload) {
    Object.assign(this, { root, known, server, asking: 0, view: address.VIEWS[0], cut: true, wanted: {} });
    this.thumbnail = (key) => `${known.thumbnails}/${key}.webp`;
    this.query = known.examples.length ? { kind: "example", index: 0 } : { kind: "item", key: 0 };
    this.first = this.query;
    this.message = root.querySelector(".mrl-message");
    this.announced = root.querySelector("[data-announced]");
    const pick = (key) => this.ask({ query: { kind: "item", key } });
    this.here = new Tiles(root.querySelector(".mrl-here ol"), this.thumbnail, pick);
    this.there = new Tiles(root.querySelector(".mrl-full ol"), this.thumbnail, pick, true);
    this.verdict = new Verdict(root.querySelector(".mrl-here"), this.here, () => this.show({ cut: false }));
    this.verdictThere = new Verdict(root.querySelector(".mrl-full"), this.there);
    this.dims = new Dims(root, known, this.thumbnail, pick, (dim) => this.look(dim));
    this.titleHere = root.querySelector("[data-here]");
    this.titleAsked = root.querySelector("[data-asked]");
    this.titleChanged = root.querySelector("[data-changed]");
    for (const place of root.querySelectorAll("[data-full-dim]")) place.textContent = String(known.full_dim);
    this.bar = new QueryBar(root, known, upload, (query) => this.ask({ query }), (text, tone) => this.say(text, tone));
    this.slider = new Slider(root, known, (dim) => this.look(dim), (value) => this.lookAny(value));
    this.stats = new Stats(root, known);
    const charts = root.querySelector(".mrl-charts");
    this.charts = known.charts.map((chart) => new Chart(charts, chart, known, (dim) => this.look(known.stops[this.slider.nearest(dim)])));
    const ask = (name) => (value) => this.ask({ [name]: value });
    this.modes = this.choice(".mrl-mode", "mode", known.modes, { flat: "Flat", adaptive: "Adaptive", funnel: "Funnel" }, ask("mode"));
    this.firsts = this.choice(".mrl-first", "first_stage", known.first_stages, { exact: "Exact", hnsw: "HNSW", signs: "Sign bits" }, ask("first_stage"));
    this.views = this.choice(".mrl-view", "view", address.VIEWS, { two: "Beside full dim", dims: "All dims" }, (view) => this.show({ view }));
    this.k = root.querySelector("#mrl-k");
    this.k.addEventListener("change", () => this.ask({ k: this.k.value }));
    this.cutBox = root.querySelector(".mrl-cut");
    this.cutBox.querySelector("input").addEventListener("change", (event) => this.show({ cut: event.target.checked }));
    this.filters = new Filters(root, known, (where) => this.ask({ where }));
    this.past = new Past(root, known, this.thumbnail, (query) => this.ask({ query }));
    this.openPanels();
    listen(root, { onslash: () => this.bar.text.select(), onstep: (step) => this.step(step) });
    this.take(known.start, this.query, known.start.dim);
    this.restoreAddress();
    addEventListener("popstate", () => this.restoreAddress(true));
    this.watchEncoder();
  }

  /** Radio buttons for one setting; `onchoice(value)`. */
  choice(selector, name, values, words, onchoice) {
    const inputs = {};
    for (const value of values) {
      inputs[value] = make("input", { type: "radio", name: `mrl-${name}`, value, onchange: () => onchoice(value) });
      this.root.querySelector(selector).append(make("label", {}, inputs[value], words[value] ?? value));
    }
    return inputs;
  }

  /** The buttons below the query: what each opens, and the address to share. */
  openPanels() {
    for (const button of this.root.querySelectorAll("[data-opens]")) {
      const panel = this.root.querySelector(`#mrl-${button.dataset.opens}`);
      button.addEventListener("click", () => {
        panel.hidden = !panel.hidden;
        button.setAttribute("aria-expanded", String(!panel.hidden));
      });
      panel.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        button.focus();
        button.click();
      });
    }
    this.root.querySelector("[data-share]").addEventListener("click", async () => {
      const left = holdsUpload(this.query) ? " Your own picture is not in it; this server deletes it after an hour." : "";
      try {
        await navigator.clipboard.writeText(location.href);
        this.say(`The address is copied: it restores query, dim, mode and filters.${left}`);
      } catch {
        this.say(`This address restores query, dim, mode and filters: ${location.href}${left}`);
      }
    });
  }

  /** Ask what the address asks for; without a word in it (after Back) the page's first query. */
  restoreAddress(again = false) {
    clearTimeout(this.resting);
    const given = address.read(this.known);
    if (!given && !again) return;
    const { change, view, cut } = given ?? { change: { where: {} }, view: address.VIEWS[0], cut: true };
    Object.assign(this, { view, cut });
    // An address cannot hold an upload; the earlier searches do.
    const query = this.past.find(address.asked()) ?? change.query ?? this.first;
    this.ask({ ...change, query }, false);
  }

  writeAddress(push = false) {
    const { shown, view, cut, known, past } = this;
    const asked = holdsUpload(shown.query) ? past.entries[0].identity : undefined;
    address.write({ ...shown, view, cut, known, asked }, push);
  }

  /** Change what is shown of the same answer. */
  show(change) {
    Object.assign(this, change);
    this.arrange();
    this.look(this.dim);
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  /** What is on the page, as a question. */
  get shown() {
    const { mode, first_stage, asked_k: k, where } = this.answer;
    return { query: this.query, mode, first_stage, k, where, dim: this.dim };
  }

  /** Ask the server; `change` is what differs from what is wanted already: a query, mode, first stage, k, dim or filter.
      `push`: a new query is a step that Back returns from. */
  async ask(change, push = true) {
    const turn = ++this.asking;
    if (change.query) this.bar.overtake(change.query);
    const question = { ...this.wanted, ...change };
    this.wanted = question;
    this.root.setAttribute("aria-busy", "true");
    let reply;
    try {
      for (;;) {
        reply = await this.server.ask(question);
        if (turn !== this.asking) return; // a later question took over
        if (!reply.wait) break;
        this.say(`${reply.wait} This search runs as soon as that is done.`);
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
      this.wanted = this.shown;
      this.restore();
      return;
    }
    // Someone may have moved the slider meanwhile; their dim stands.
    const { query, dim } = this.wanted;
    const step = push && query !== this.query;
    this.take(reply, query, reply.stops.some((stop) => stop.dim === dim) ? dim : reply.dim);
    this.writeAddress(step);
  }

  /** Show a new answer at `dim`, and prefetch what the slider can reach. */
  take(answer, query, dim) {
    this.answer = answer;
    this.query = query;
    this.byDim = new Map(answer.stops.map((stop) => [stop.dim, stop]));
    this.say(answer.warnings.join(" "));
    this.bar.show(answer.query, query, this.thumbnail);
    this.past.add(query, answer.query);
    this.dims.take(answer, this.byDim);
    say(this.titleAsked, [answer.query.label, filterSaid(answer.where)].filter(Boolean).join(" · "));
    const live = {
      accuracy: [{ name: `This query, ${answer.mode}`, points: answer.stops.map((stop) => [stop.dim, stop.recall]) }],
      latency: [{ name: `This query, on this server, ${answer.mode}, ${answer.first_stage}`, points: answer.stops.map((stop) => [stop.dim, stop.ms]) }],
    };
    for (const chart of this.charts) chart.draw(live[chart.chart.id] ?? [], `${answer.mode} ${answer.first_stage}`);
    this.restore();
    this.look(dim);
    this.wanted = this.shown;
    say(this.announced, `${answer.truth.keys.length} results for ${answer.query.label}, at ${dim} dims`);
    // What is shown comes first; pictures that only the slider can reach would hold it up.
    drawn([this.here, this.there]).then(() => {
      if (this.answer === answer) prefetch(Object.keys(answer.captions), this.thumbnail);
    });
  }

  /** Put the controls back to what the page shows. */
  restore() {
    this.modes[this.answer.mode].checked = true;
    this.firsts[this.answer.first_stage].checked = true;
    this.k.value = String(this.answer.k);
    this.filters.show(this.answer.where);
    if (this.dim) this.slider.any.value = String(this.dim);
    this.arrange();
  }

  /** Show the panels of the view that is chosen, and whether the cut-off is on. */
  arrange() {
    this.views[this.view].checked = true;
    this.root.querySelector(".mrl-answers").hidden = this.view !== "two";
    this.dims.section.hidden = this.view !== "dims";
    this.cutBox.hidden = !this.answer.stops[0].cut;
    this.cutBox.querySelector("input").checked = this.cut;
  }

  /** Look at a dim that is on the page: no request, all in this task, so the next frame shows it. */
  look(dim) {
    const { answer } = this;
    const stop = this.byDim.get(dim);
    this.dim = this.wanted.dim = dim;
    this.slider.show(dim);
    const marks = marksHere(stop.keys, answer.truth.keys);
    this.here.fill(stop.keys, stop.scores, marks, answer.captions);
    this.there.fill(answer.truth.keys, answer.truth.scores, marksThere(answer.truth.keys, stop), answer.captions);
    const number = (kind) => marks.filter((one) => one.kind === kind).length;
    say(this.titleHere, `At ${dim} ${dim === 1 ? "dim" : "dims"}`);
    say(this.titleChanged, `${number("kept")} kept, ${number("moved")} moved, ${number("new")} lost`);
    this.stats.show(answer, stop);
    const { full_dim } = this.known, filtered = Object.keys(answer.where).length > 0;
    this.verdict.show(stop.scores, dim, stop.cut, answer.lift, this.cut, filtered);
    this.verdictThere.show(answer.truth.scores, full_dim, this.byDim.get(full_dim).cut, answer.lift, this.cut, filtered);
    if (stop.cut) say(this.cutBox.querySelector("output"), stop.cut[0].toFixed(3));
    this.dims.look(dim);
    for (const chart of this.charts) chart.at(dim);
    // The address follows when the slider rests: browsers count how often it is written.
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.writeAddress(), 400);
  }

  /** One stop along the slider. */
  step(step) {
    const { stops } = this.known;
    this.look(stops[Math.min(stops.length - 1, Math.max(0, this.slider.nearest(this.dim) + step))]);
  }

  /** Look at any dim that was typed: on the page already, or asked for; the server says what is wrong with it. */
  lookAny(value) {
    const dim = Number(value);
    if (value !== "" && this.byDim.has(dim)) {
      this.say("");
      this.look(dim);
    } else {
      this.ask({ dim: value === "" ? value : dim });
    }
  }

  /** Say whether texts and uploads can be searched yet, until they can (or never will). */
  async watchEncoder() {
    const chip = this.root.querySelector(".mrl-encoder");
    for (;;) {
      let status = { state: "loading", text: "" };
      try {
        status = await this.server.encoder_status({}) ?? status;
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
