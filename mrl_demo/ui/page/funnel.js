// The funnel tab: a query on its way through a cascade that is edited in place. What an edit costs is arithmetic and shown at
// once, also while a shortlist is dragged; what it keeps is measured by the server as soon as the edit is done.

import { asHere, keep, kept } from "./along.js";
import { bytesSaid, costs, firstSaid, firstStage, said, withDim, withOneMore, without, withShortlist } from "./cascade.js";
import { Cheapest } from "./cheapest.js";
import { count, large, make, milliseconds, say } from "./dom.js";
import { Levels } from "./levels.js";
import { Table } from "./table.js";

const RETRY_MS = 500, LATE_MS = 300;
const FIRST = { exact: "Exact", hnsw: "HNSW", signs: "Sign bits" };
const TRIED = { pictures: "Tried with pictures", captions: "with captions" };
const STAGES = ["stage", "how", "dim", "looked at", "kept", "dropped", "ms", "bytes touched", "multiply-adds", "of the exact answer kept", "mean share of exact answers kept"];

export function mount(element, props, server) {
  const root = element.querySelector(".mrl-funnel");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new FunnelTab(root, JSON.parse(props.known), server);
}

class FunnelTab {
  constructor(root, known, server) {
    Object.assign(this, { root, known, server, turn: 0, questions: known.questions[0], answer: null, measured: null });
    this.find = (selector) => root.querySelector(selector);
    const last = kept("funnel", known.thumbnails);
    this.query = last ? asHere(last.query, last.label, known.examples) : known.examples.length ? { kind: "example", index: 0 } : { kind: "item", key: 0 };
    this.wanted = this.query; // runs ahead of what is answered, so that an edit meanwhile keeps it
    this.text = this.find("#mrl-funnel-text");
    this.message = this.find(".mrl-message");
    this.stats = Object.fromEntries([...root.querySelectorAll("[data-stat]")].map((box) => [box.dataset.stat, [box.querySelector("b"), box.querySelector("i"), box.querySelector("span")]]));
    this.presets = known.presets.map((preset) => ({ name: preset.name, way: { dims: preset.dims, shortlists: preset.shortlists, first_stage: firstStage("exact"), k: known.k } }));
    this.levels = new Levels(this.find(".mrl-levels"), known, {
      dim: (index, dim) => this.take(withDim(this.way, index, dim)),
      shortlist: (index, value, done) => this.keep(index, value, done),
      remove: (index) => this.take(without(this.way, index)),
    });
    this.cheapest = new Cheapest(this.find(".mrl-cheapest"), known, server, () => this.questions, (way) => this.take(way));
    this.table = new Table(this.find("[data-stages-table]"), "stages", () => this.read());
    this.listen();
    if (this.query.kind === "text") this.text.value = this.query.text;
    const start = this.presets.find((preset) => preset.name === known.start) ?? this.presets.at(-1);
    // A cascade goes along to an encoder of the same dims.
    this.take(last?.way.dims.at(-1) === known.full_dim ? last.way : start.way);
  }

  listen() {
    this.text.addEventListener("input", () => { this.typed = true; });
    this.find("form.mrl-ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask({ kind: "text", text: this.text.value });
    });
    this.chips = this.known.examples.map((text, index) => make("button", { type: "button", text, "aria-pressed": "false", onclick: () => this.ask({ kind: "example", index }) }));
    this.find(".mrl-examples").append(...this.chips);
    this.presetChips = this.presets.map(({ name, way }) => make("button", { type: "button", text: name, title: said(way), "aria-pressed": "false", onclick: () => this.take({ ...way, first_stage: this.way.first_stage }) }));
    this.find(".mrl-presets").append(...this.presetChips);
    this.firsts = this.radios("[data-first]", "first", this.known.first_stages, FIRST, (kind) => this.take({ ...this.way, first_stage: firstStage(kind) }));
    this.kinds = this.radios("[data-questions]", "questions", this.known.questions, TRIED, (kind) => {
      this.questions = kind;
      this.cheapest.forget();
      this.measure();
    });
    this.kinds[this.questions].checked = true;
    this.add = this.find("[data-add]");
    this.add.addEventListener("click", () => this.take(withOneMore(this.way, this.known)));
  }

  radios(selector, name, values, words, onchoose) {
    const inputs = {};
    for (const value of values) {
      inputs[value] = make("input", { type: "radio", name: `mrl-funnel-${name}`, value, onchange: () => onchoose(value) });
      this.find(selector).append(make("label", {}, inputs[value], words[value] ?? value));
    }
    return inputs;
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  /** Look at another way: its shape and arithmetic now, what it keeps as soon as it is measured. `wrong`: what was mended. */
  take(way, wrong = "") {
    this.say(wrong, wrong ? "bad" : "");
    this.show(way);
    this.measure();
  }

  show(way) {
    this.way = way;
    this.levels.show(way);
    this.add.disabled = withOneMore(way, this.known) === null;
    this.firsts[way.first_stage.kind].checked = true;
    this.presetChips.forEach((chip, index) => chip.setAttribute("aria-pressed", String(said(this.presets[index].way) === said(way))));
    say(this.find("[data-said]"), `${said(way)}, ${firstSaid(way.first_stage)}`);
    this.sayCosts();
  }

  keep(index, value, done) {
    const way = withShortlist(this.way, index, value, this.known.count);
    const few = Number(value) < way.k ? `At least ${way.k} must be handed on: so many are answered.` : "";
    const many = Number(value) > this.known.count ? `There are ${count(this.known.count)} pictures to hand on, not more.` : "";
    if (done) this.take(way, few || many);
    else this.show(way);
  }

  /** The tiles that arithmetic can fill. */
  sayCosts(measured = null) {
    const n = this.known.count, full = this.known.full_dim;
    const stages = costs(this.way, this.known);
    const sum = (name) => stages.reduce((total, stage) => (total === null || stage[name] === null ? null : total + stage[name]), 0);
    const adds = measured?.multiply_adds ?? sum("adds"), bytes = measured?.bytes ?? sum("bytes");
    const against = (whole, part) => (part >= whole ? `the exact search takes ${large(whole)}` : `${(whole / Math.max(part, 1)).toFixed(1)}× fewer than exact`);
    this.stat("adds", adds === null ? "…" : large(adds), adds === null ? "is being measured" : against(n * full, adds));
    this.stat("bytes", bytes === null ? "…" : bytesSaid(bytes), bytes === null ? "is being measured" : against(n * (4 * full + 4), bytes));
  }

  stat(name, value, note, title = null) {
    say(this.stats[name][0], value);
    say(this.stats[name][1], note);
    if (title !== null) say(this.stats[name][2], title);
  }

  /** Ask with another query. */
  ask(query) {
    this.say("");
    this.typed = false;
    this.wanted = query;
    this.measure();
  }

  /** Have the way that is shown measured: first with the query, then with the trial questions. */
  async measure() {
    const turn = ++this.turn;
    const { way, wanted: query } = this;
    this.root.setAttribute("aria-busy", "true");
    const late = setTimeout(() => turn === this.turn && !this.message.textContent && this.say("Measuring …"), LATE_MS);
    try {
      const answer = await this.call("walk", { query, way }, turn);
      if (answer) this.takeAnswer(answer, query, way);
      const measured = answer && await this.call("try_out", { way, questions: this.questions }, turn);
      if (measured) this.takeMeasured(way, measured);
      clearTimeout(late);
      if (turn === this.turn) this.root.setAttribute("aria-busy", "false");
      if (measured) await this.measurePresets(turn);
    } catch {
      clearTimeout(late);
      if (turn !== this.turn) return;
      this.root.setAttribute("aria-busy", "false");
      this.refuse("The server did not answer; try again in a moment.");
    }
  }

  /** Ask the server; null when it refused (which is said) or a later question took over. */
  async call(name, asked, turn) {
    for (;;) {
      const reply = await this.server[name](asked);
      if (turn !== this.turn) return null;
      if (reply.error) {
        this.refuse(reply.error);
        return null;
      }
      if (!reply.wait) return reply;
      this.say(reply.wait);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (turn !== this.turn) return null;
    }
  }

  /** Say what was wrong, and go back to the query that was answered. */
  refuse(why) {
    this.say(why, "bad");
    this.wanted = this.query;
  }

  takeAnswer(answer, query, way) {
    this.answer = answer;
    this.query = query;
    this.measured = null;
    keep("funnel", this.known.thumbnails, { query, label: answer.query.label, way });
    this.levels.fill(answer);
    if (this.message.dataset.tone !== "bad") this.say(answer.warnings.join(" "));
    // Words that nothing was asked with yet stand.
    if (query.kind === "example" && !this.typed) this.text.value = answer.query.label;
    this.chips.forEach((chip, index) => chip.setAttribute("aria-pressed", String(query.kind === "example" && query.index === index)));
    say(this.find("[data-asked]"), answer.query.label);
    const lost = answer.truth.length - answer.found;
    const where = answer.stages.flatMap((stage, index) => (stage.lost.length ? [index + 1] : []));
    this.stat("query", `${answer.found} of ${answer.truth.length}`, lost ? `${lost} fell out at stage ${where.join(", ")}` : "nothing fell out");
    this.table.draw();
  }

  takeMeasured(way, measured) {
    this.measured = measured;
    if (this.message.dataset.tone !== "bad") this.say(this.answer.warnings.join(" "));
    this.sayCosts(measured);
    this.stat("recall", measured.recall.toFixed(3), "of exact answers found", `Recall, ${count(measured.questions)} ${measured.asked_with}`);
    this.stat("time", milliseconds(measured.ms), `exact search: ${milliseconds(measured.exact_ms)}`);
    this.stat("beside", `${count(measured.bytes_per_vector)} B`, way.first_stage.kind === "exact" ? "a vector: its prefix" : "a vector");
    this.levels.fillShares(measured.still_in, measured.questions);
    this.cheapest.at(way, measured);
    this.table.draw();
  }

  /** The paper's cascades for the frontier, one after the other while nothing else is asked. */
  async measurePresets(turn) {
    for (const preset of this.presets.slice(this.cheapest.presets.length)) {
      const measured = await this.call("try_out", { way: preset.way, questions: this.questions }, turn);
      if (!measured) return;
      this.cheapest.presets.push({ ...measured, ...preset });
      this.cheapest.draw();
    }
  }

  read() {
    const stages = this.answer?.stages ?? [];
    const rows = stages.map((stage, index) => [index + 1, stage.how, stage.dim, stage.considered, stage.kept, stage.dropped, stage.ms, stage.bytes, stage.multiply_adds, stage.true, this.measured?.still_in[index] ?? null]);
    const about = { collection: this.known.title, vectors: this.known.count, query: this.answer?.query.label, cascade: this.answer?.cascade, first_stage: this.answer?.first_stage, trial: this.measured };
    return { columns: STAGES, rows, about };
  }
}
