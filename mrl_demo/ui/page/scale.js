// The scale tab: which size is looked at, how far its measurement is, and what was measured. One measurement serves all
// visitors, so the page asks how far it is while one runs, and shows what others measured.

import { count, make, mark, say } from "./dom.js";
import { drawBars, drawGrowth, drawNothing, drawRecall } from "./scale-charts.js";
import { Table } from "./table.js";

const ASK_MS = 700;
const COLUMNS = ["#", "way", "recall", "p50 ms", "p95 ms", "CPU ms", "index B", "matrix B", "build s", "multiply-adds", "how"];
const FIGURES = ["recall", "p50_ms", "p95_ms", "cpu_ms", "index_bytes", "matrix_bytes", "build_s", "multiply_adds"];

export function mount(element, props, server) {
  const root = element.querySelector(".mrl-scale");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new ScaleTab(root, JSON.parse(props.known), server).start();
}

class ScaleTab {
  constructor(root, known, server) {
    Object.assign(this, { root, known, server, results: {}, task: null, size: known.sizes[0], watching: false });
    this.find = (selector) => root.querySelector(selector);
    this.message = this.find(".mrl-message");
    this.bar = this.find("progress");
    this.go = this.find("[data-go]");
    this.go.addEventListener("click", () => (this.running ? this.ask("stop_measuring") : this.ask("measure", { size: this.size })));
    this.radios = known.sizes.map((size) => {
      const input = make("input", { type: "radio", name: "mrl-size", value: size, onchange: () => this.look(size) });
      this.find(".mrl-sizes").append(make("label", {}, input, make("span", { text: count(size) })));
      return input;
    });
    this.ways = new Table(this.find("[data-ways]"), "scale", () => this.rows());
    this.growth = new Table(this.find("[data-growth-table]"), "scale-growth", () => this.grown());
    this.databases = new Table(this.find("[data-databases-table]"), "scale-databases", () => this.kept());
    this.look(this.size);
  }

  get running() {
    return this.task?.state === "running";
  }

  get result() {
    return this.results[this.size];
  }

  /** What is there already; where nothing is, the smallest size is set going. */
  async start() {
    await this.ask("scale_status");
    if (!this.task && !Object.keys(this.results).length) await this.ask("measure", { size: this.known.sizes[0] });
  }

  async ask(what, more = {}) {
    const reply = (await this.server[what]({ have: Object.keys(this.results).map(Number), ...more }).catch(() => null))
      ?? { error: "The server did not answer; what is on the page still stands." };
    if (reply.error) {
      this.say(reply.error, "bad");
      return;
    }
    const before = this.task?.state;
    this.task = reply.task;
    Object.assign(this.results, reply.results);
    if (Object.keys(reply.results).length) this.draw();
    this.tell(before);
    if (this.running) this.watch();
  }

  async watch() {
    if (this.watching) return;
    this.watching = true;
    while (this.running && this.root.isConnected) {
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      if (this.root.offsetParent) await this.ask("scale_status"); // else nobody is looking
    }
    this.watching = false;
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  /** How far the measurement under way is, or how the last one ended. */
  tell(before) {
    const { task, running } = this;
    this.root.setAttribute("aria-busy", String(running));
    say(this.go, running ? "Stop" : this.result ? "Measured" : "Measure");
    this.go.disabled = !running && Boolean(this.result);
    this.bar.value = running && task.total ? (100 * task.done) / task.total : 0;
    this.bar.classList.toggle("mrl-still", !running);
    if (running) this.say(`${count(task.size)} vectors: ${task.phase}`);
    else if (task && before === "running") this.say(task.state === "done" ? `${count(task.size)} vectors were measured.` : task.text, task.state === "failed" ? "bad" : "");
    else if (!this.result) this.say(`Press Measure: ${count(this.size)} vectors are prepared in the background.`);
    else this.say("");
  }

  look(size) {
    this.size = size;
    this.radios[this.known.sizes.indexOf(size)].checked = true;
    const { count: all, asked, neighbours } = this.known;
    const own = Math.min(all - asked, size);
    const drawn = size - own;
    const compared = this.known.ways[size].map((way) => way.name);
    const left = this.names().filter((name) => !compared.includes(name)).join(", ");
    say(this.find("[data-drawn]"), `${count(own)} of the collection's own vectors${drawn ? ` and ${count(drawn)} simulated ones, which stand for no picture: each is drawn around one of the collection's, spread like its ${neighbours} nearest neighbours` : ""}. ${count(asked)} pictures that are not among them ask.${left ? ` Left out at this size, as their graphs take long to build: ${left}.` : ""}`);
    this.draw();
    this.tell();
  }

  draw() {
    const { result } = this;
    const all = this.known.sizes.map((size) => this.results[size]).filter(Boolean);
    for (const table of [this.ways, this.growth, this.databases]) table.draw();
    const yet = "Not measured yet";
    if (result) drawRecall(this.find("[data-recall]"), result.rows);
    else drawNothing(this.find("[data-recall]"), yet);
    if (all.length > 1) drawGrowth(this.find("[data-growth]"), all, this.names());
    else drawNothing(this.find("[data-growth]"), all.length ? "Measure another size to see a line" : yet);
    const { databases } = result ?? all[0] ?? {};
    say(this.find("[data-databases]"), databases ? `Bytes a vector${result ? "" : `, of ${count(all[0].size)}`}: prefixes of one matrix serve every dim` : yet);
    if (databases) drawBars(this.find(".mrl-bars"), databases);
    say(this.find("[data-made]"), result ? this.made(result) : "");
    mark(this.find(".mrl-charts"), "data-size", String(this.size));
  }

  names() {
    return this.known.ways[this.known.sizes[0]].map((way) => way.name);
  }

  made(result) {
    const { hardware, commit, date, load_before: load } = result;
    return `Measured on this machine (${hardware.cpu}, ${hardware.cores} cores, ${hardware.ram_gb} GB) ${date.slice(0, 16).replace("T", " ")} UTC at ${commit || "an unknown commit"}, seed ${result.seed}: ${result.runs} queries of each way, in turns, while the page went on${load === null ? "" : `; ${load} threads wanted a core when it began`}. CPU is what a query took of all cores together. Graphs were built by ${result.build_threads} thread${result.build_threads > 1 ? "s" : ""}.`;
  }

  rows() {
    const measured = this.result?.rows;
    const rows = this.known.ways[this.size].map((way, index) => {
      const row = measured?.[index];
      const figures = FIGURES.map((name) => row?.[name] ?? null);
      return [index + 1, way.name, ...figures, way.how];
    });
    return { columns: COLUMNS, rows, about: this.result ? this.about(this.result) : {} };
  }

  about(result) {
    const { rows, ...rest } = result;
    return rest;
  }

  grown() {
    const all = this.known.sizes.map((size) => this.results[size]).filter(Boolean);
    const rows = this.names().map((name) => [name, ...all.map((result) => result.rows.find((row) => row.name === name)?.p50_ms ?? null)]);
    return { columns: ["p50 ms", ...all.map((result) => `${count(result.size)} vectors`)], rows, about: { measured: all.map((result) => this.about(result)) } };
  }

  kept() {
    const result = this.result ?? Object.values(this.results)[0];
    const rows = (result?.databases ?? []).map((each) => [each.name, each.bytes_per_vector, each.total_bytes, each.measured ? "counted" : "estimated"]);
    return { columns: ["database", "bytes a vector", "bytes in all", "how known"], rows, about: result ? this.about(result) : {} };
  }
}
