// "Find the cheapest": the planner's form, its progress, what it measured as a frontier, a list to choose from and a table.
// Knows how to plan; which way is looked at, and the presets' figures, it is told.

import { said, same } from "./cascade.js";
import { count, make, milliseconds, say } from "./dom.js";
import { Frontier } from "./frontier.js";
import { Table } from "./table.js";

const LOOK_MS = 400;
const LOST = { error: "The server did not answer. Try again in a moment." }; // Gradio hands on nothing, and sometimes throws, when a request is lost
const COLUMNS = ["first stage", "cascade", "measured", "recall", "recall at least", "holds", "ms a search", "multiply-adds a query", "bytes a vector beside the matrix"];

export class Cheapest {
  /** `onpick(way)` when a measured way is chosen; `kind()` is what ways are tried with: pictures or captions. */
  constructor(root, known, server, kind, onpick) {
    Object.assign(this, { known, server, kind, onpick, presets: [], here: null, plan: null, turn: 0 });
    this.find = (selector) => root.querySelector(selector);
    this.form = this.find("form");
    this.message = this.find("[data-plan-said]");
    this.progress = this.find("progress");
    this.stop = this.find("[data-stop]");
    this.options = this.find(".mrl-options");
    this.why = this.find("[data-why]");
    this.frontier = new Frontier(this.find(".mrl-frontier"), onpick);
    this.table = new Table(this.find("[data-frontier-table]"), "frontier", () => this.read());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
    this.stop.addEventListener("click", () => this.ticket && this.server.stop_plan({ ticket: this.ticket }));
    this.form.elements.target.addEventListener("change", () => this.draw());
    this.say("Measures exact prefixes, sign bits, graphs and funnels here, and chooses the fastest that surely holds.");
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  /** What is tried with changed: what was measured with other questions goes. */
  forget() {
    if (!this.stop.hidden) this.server.stop_plan({ ticket: this.ticket });
    Object.assign(this, { presets: [], here: null, plan: null, turn: this.turn + 1 });
    this.busy(false);
    this.say("");
    this.list();
    this.draw();
  }

  busy(on, done = 0) {
    this.progress.hidden = this.stop.hidden = !on;
    this.form.querySelector("button").disabled = on;
    this.progress.value = done;
  }

  async start() {
    const turn = ++this.turn;
    const { target, most } = this.form.elements;
    this.busy(true);
    this.say("Planning …");
    try {
      const begun = await this.server.start_plan({ target_recall: target.value, max_bytes: most.value, questions: this.kind() }).catch(() => null) ?? LOST;
      if (begun.error) throw new Error(begun.error);
      this.ticket = begun.ticket;
      for (;;) {
        // A lost look ends nothing: the plan is made on the server all the same.
        const { task, plan, error } = await this.server.plan_status({ ticket: begun.ticket }).catch(() => null) ?? {};
        if (turn !== this.turn) return;
        if (error) throw new Error(error);
        if (task && task.state !== "running") {
          if (!plan) throw new Error(task.text);
          this.take(plan);
          break;
        }
        if (task) this.busy(true, task.total ? (100 * task.done) / task.total : 0);
        this.say(task && !task.total ? "Waits until another measurement on this server is done …" : task ? `Planning: ${Math.round(this.progress.value)} %` : "The server does not answer; it is asked again …");
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    } catch (fault) {
      if (turn === this.turn) this.say(fault?.message || LOST.error, "bad");
    }
    if (turn === this.turn) this.busy(false);
  }

  take(plan) {
    this.plan = plan;
    const best = plan.options[plan.chosen];
    this.say(`${best.said}: recall ${best.recall.toFixed(3)} on ${count(plan.held_out)} held-out ${this.kind()}, above ${best.bound.toFixed(3)} with ${Math.round(100 * plan.confidence)}% confidence.`);
    this.why.hidden = false;
    this.why.querySelector("ul").replaceChildren(...[...plan.why, ...plan.warnings].map((text) => make("li", { text })));
    this.list();
    this.draw();
    this.onpick(this.way(best));
  }

  way({ first_stage, dims, shortlists }) {
    return { first_stage, dims, shortlists, k: this.known.k };
  }

  list() {
    this.why.hidden = !this.plan;
    this.buttons = (this.plan?.options ?? []).map((option, index) => {
      const way = this.way(option);
      const note = index === this.plan.chosen ? "chosen" : option.holds ? "holds" : "not surely";
      const button = make("button", { type: "button", onclick: () => this.onpick(way) }, make("span", { text: option.said }), make("b", { text: option.recall.toFixed(3) }),
        make("i", { text: `${milliseconds(option.ms)} · ${count(option.bytes_per_vector)} B · ${note}` }));
      return { button, way };
    });
    this.options.replaceChildren(...this.buttons.map(({ button }) => make("li", {}, button)));
  }

  /** Where one is: a way with what was measured of it. */
  at(way, measured) {
    this.here = { ...measured, way };
    this.draw();
  }

  points() {
    const points = this.presets.map((preset) => ({ ...preset, kind: "preset", said: `${preset.name}: ${said(preset.way)}` }));
    this.plan?.options.forEach((option, index) => points.push({
      ...option, kind: option.holds ? "holds" : "fails", chosen: index === this.plan.chosen, way: this.way(option),
    }));
    if (this.here) points.push({ ...this.here, kind: "here", said: `you are here: ${said(this.here.way)}` });
    return points;
  }

  draw() {
    const target = Math.min(0.999, Math.max(0.5, Number(this.form.elements.target.value) || 0.99));
    this.frontier.draw(this.points(), target);
    this.buttons?.forEach(({ button, way }) => button.setAttribute("aria-pressed", String(Boolean(this.here) && same(way, this.here.way))));
    this.table.draw();
  }

  read() {
    const rows = this.points().map((point) => [
      short(point.way.first_stage), said(point.way),
      point.kind === "here" ? `here, on ${point.questions} ${this.kind()}` : point.kind === "preset" ? `${point.name}, on ${point.questions} ${this.kind()}` : `planned, on ${this.plan.held_out} held-out ${this.kind()}`,
      point.recall, point.bound ?? null, point.holds ?? null, point.ms, point.multiply_adds, point.bytes_per_vector,
    ]);
    return { columns: COLUMNS, rows, about: { collection: this.known.title, vectors: this.known.count, k: this.known.k, plan: this.plan } };
  }
}

const short = ({ kind, dtype, ef }) => [kind, ...(kind === "hnsw" ? [dtype] : []), ...(ef ? ["ef", ef] : [])].join(" ");
