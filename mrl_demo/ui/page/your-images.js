// The tab of one's own images: bring files, watch them being indexed, search them, take the result along.
// Every stop of the slider comes with the answer, as on the search tab. The visit outlives the tab, not the page.

import { bring } from "./bring.js";
import { count, make, mark, milliseconds, say } from "./dom.js";
import { marksHere, Tiles } from "./tiles.js";

const LOOK_MS = 400, KEEP_MS = 300_000;
const COLUMNS = ["", "First stage", "Cascade", "Recall", "At least", "Holds", "ms", "Bytes a vector", "Multiply-adds"];
const EXPORTS = [
  ["embeddings.npy", "Embeddings", "one row a picture, float16"],
  ["items.parquet", "Pictures and names", "opens with Hugging Face datasets"],
  ["index.usearch", "Index", "a USearch graph at the dim above"],
  ["plan.json", "Plan", "what was measured, and what was chosen"],
];

const UNPLANNED = "Measures exact prefixes, sign bits, graphs and funnels on these pictures, and names the fastest that holds.";

let visit = null; // of this page, for as long as it is open
addEventListener("pagehide", () => { if (visit) navigator.sendBeacon(`${visit.base}/leave`); });

export function mount(element, props, server) {
  const root = element.querySelector(".mrl-yours");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new YourImages(root, JSON.parse(props.known), server);
}

class YourImages {
  constructor(root, known, server) {
    Object.assign(this, { root, known, server, asking: 0, dim: 0 });
    this.find = (selector) => root.querySelector(selector);
    this.message = this.find(".mrl-message");
    this.progress = this.find("progress");
    this.cancel = this.find("[data-cancel]");
    this.goOn = this.find("[data-go-on]");
    this.own = this.find(".mrl-own");
    this.text = this.find("#mrl-yours-text");
    this.range = this.find("#mrl-yours-range");
    this.tiles = new Tiles(this.find(".mrl-tiles"), (key) => `${this.made.thumbnails}/${key}.webp`, (key) => this.ask({ kind: "item", key }));
    this.listen();
    this.open();
  }

  listen() {
    const picker = this.find('input[type="file"]');
    picker.addEventListener("change", () => {
      const files = [...picker.files];
      picker.value = "";
      this.take(files);
    });
    const drop = this.find(".mrl-drop");
    const over = (on) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drop.classList.toggle("mrl-over", on);
    };
    drop.addEventListener("dragover", over(true));
    drop.addEventListener("dragleave", over(false));
    drop.addEventListener("drop", (event) => {
      over(false)(event);
      if (event.dataTransfer?.files.length) this.take([...event.dataTransfer.files]);
    });
    this.on(".mrl-folder", "submit", () => this.start("index_images", { folder: this.find("#mrl-yours-folder").value }));
    this.on(".mrl-ask", "submit", () => this.ask({ kind: "text", text: this.text.value }));
    this.on(".mrl-plan", "submit", () => this.start("plan_images", { target_recall: Number(this.find("#mrl-yours-target").value), k: Math.min(10, this.made.count - 1) }));
    this.on("[data-cancel]", "click", () => (this.bringing ? this.bringing.abort() : this.call("stop_work")));
    this.on("[data-go-on]", "click", () => this.start(...this.last));
    this.on("[data-remove]", "click", () => this.remove());
    this.range.addEventListener("input", () => this.look(Number(this.range.value)));
  }

  on(selector, name, act) {
    this.find(selector).addEventListener(name, (event) => {
      event.preventDefault();
      act();
    });
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  /** Ask the server; what went wrong is said, and null comes back. Waits for the encoder. */
  async call(name, asked = {}) {
    for (let waited = false; ; waited = true) {
      let reply;
      try {
        reply = await this.server[name]({ ...asked, token: visit?.token });
      } catch {
        reply = { error: "The server did not answer. Try again in a moment." };
      }
      if (reply.wait) {
        this.say(reply.wait);
        await new Promise((resolve) => setTimeout(resolve, 700));
      } else if (reply.error) {
        this.say(reply.error, "bad");
        return null;
      } else {
        if (waited) this.say("");
        return reply;
      }
    }
  }

  async open() {
    const { max_pictures: pictures, max_mb: most, max_file_mb: each } = this.known;
    say(this.find(".mrl-promise"), `Only you see them, and they are deleted when you press Remove or close this page. Up to ${count(pictures)} pictures of ${each} MB, ${most} MB together.`);
    if (!visit) await this.enter();
    if (!visit) return;
    setInterval(() => { if (visit) this.server.visit_status({ token: visit.token }); }, KEEP_MS);
    this.find(".mrl-folder").hidden = !visit.folders;
    this.watch();
  }

  async enter() {
    visit = await this.call("open_visit");
  }

  /** Bring files, then index them. */
  async take(files) {
    if (!visit || this.bringing || !files.length) return;
    this.bringing = new AbortController();
    this.busy(`Bringing ${files.length === 1 ? files[0].name : `${count(files.length)} files`} …`, 0);
    const refused = await bring(files, visit.base, this.known, this.bringing.signal, (part) => { this.progress.value = part; });
    const stopped = this.bringing.signal.aborted;
    this.bringing = null;
    if (stopped || refused.length === files.length) {
      this.idle();
      this.say(stopped ? "Stopped. What was brought by then is kept for the next time." : refused[0], stopped ? "" : "bad");
      return;
    }
    this.refused = refused;
    await this.start("index_images");
  }

  async start(name, asked = {}) {
    this.last = [name, asked];
    this.busy(name === "plan_images" ? "Planning …" : "Indexing …", 0);
    if (await this.call(name, asked)) this.watch();
    else this.idle();
  }

  /** Look at the work until it has ended, then show what there is. */
  async watch() {
    for (;;) {
      const status = await this.call("visit_status");
      if (!status) return this.gone();
      const { task } = status;
      if (task?.state !== "running") return this.show(status);
      const { what, done, total } = task;
      const far = !total ? "soon: the encoder is busy or still loading" : what === "Planning" ? `${done} %` : `${count(done)} of ${count(total)}`;
      this.busy(`${what} ${far} …`, total ? done / total : 0);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (!this.root.isConnected) return;
    }
  }

  busy(text, part) {
    mark(this.root, "aria-busy", "true");
    this.say(text);
    this.progress.hidden = this.cancel.hidden = false;
    this.goOn.hidden = true;
    this.progress.value = part;
  }

  idle() {
    mark(this.root, "aria-busy", "false");
    this.progress.hidden = this.cancel.hidden = true;
  }

  /** The visit is over: what was said of that stays, and a new one begins. */
  async gone() {
    this.idle();
    this.own.hidden = true;
    this.made = this.answer = null;
    this.showLeftOut({});
    this.showPlan(null);
    visit = null;
    await this.enter();
  }

  show(status) {
    const { task, collection } = status;
    if (!this.bringing) this.idle();
    const stopped = task?.state === "stopped";
    this.goOn.hidden = !stopped || !this.last;
    if (stopped) this.say(task.what === "Indexing" ? `${task.text} What is encoded already is kept.` : task.text);
    else if (task?.state === "failed") this.say(task.text, "bad");
    // Without a task this answers the opening of the page: what was said since then, as of a file refused, stays.
    else if (task) this.say((this.refused ?? []).join(" "), this.refused?.length ? "bad" : "");
    this.refused = [];
    this.showLeftOut(status);
    if (!collection) return;
    const fresh = this.made?.thumbnails !== collection.thumbnails;
    this.made = collection;
    this.own.hidden = false;
    say(this.find("[data-count]"), `${count(collection.count)} ${collection.count === 1 ? "picture" : "pictures"}`);
    say(this.find("[data-about]"), `indexed in ${collection.seconds.toFixed(1)} s by ${collection.model}${collection.reused ? `, ${count(collection.reused)} of them known before` : ""}; ${count(collection.bytes / 1e3)} kB of embeddings. What its encoder was not trained on, it orders by colour and shape rather than by meaning.`);
    this.range.max = String(collection.stops.length - 1);
    this.showPlan(status.plan);
    if (fresh) {
      this.dim = collection.stops.indexOf(collection.nested_dims.find((dim) => dim >= 32) ?? collection.full_dim);
      this.ask({ kind: "item", key: 0 });
    }
  }

  showLeftOut({ left_out: named = [], left_out_count: all = 0 }) {
    const box = this.find(".mrl-left-out");
    box.hidden = !all;
    say(box.querySelector("summary"), `${count(all)} ${all === 1 ? "file was" : "files were"} left out`);
    box.querySelector("ul").replaceChildren(...named.map(([name, why]) => make("li", { text: `${name} ${why}` })));
  }

  async ask(query) {
    const turn = ++this.asking;
    const answer = await this.call("search_images", { query, k: this.known.k });
    if (!answer || turn !== this.asking) return;
    this.answer = answer;
    this.say(answer.warnings.join(" "));
    if (query.kind !== "text") this.text.value = "";
    say(this.find("[data-asked]"), `${answer.query.label}${answer.encode_ms === null ? "" : ` · encoded in ${milliseconds(answer.encode_ms)}`}`);
    this.look(this.dim);
    for (const key of Object.keys(answer.captions)) new Image().src = `${this.made.thumbnails}/${key}.webp`;
  }

  /** Show a stop of the slider: all of it is on the page already. */
  look(index) {
    const { stops, captions } = this.answer;
    const stop = stops[index], full = stops.at(-1);
    this.dim = index;
    this.range.value = String(index);
    mark(this.range, "aria-valuetext", `${stop.dim} of ${full.dim} dims`);
    say(this.find(".mrl-dim-now"), String(stop.dim));
    say(this.find("[data-here]"), `At ${stop.dim} ${stop.dim === 1 ? "dim" : "dims"}`);
    say(this.find("[data-recall]"), `holds ${Math.round(stop.recall * full.keys.length)} of the ${full.keys.length} best at ${full.dim}`);
    this.tiles.fill(stop.keys, stop.scores, marksHere(stop.keys, full.keys), captions);
    this.showExports(stop.dim);
  }

  showExports(dim) {
    const list = this.find(".mrl-exports");
    if (!list.children.length) {
      list.append(...EXPORTS.map(([name, title, note]) => make("li", { "data-export": name }, make("a", { download: "", text: title }), make("span", { text: `${name}: ${note}` }))));
    }
    for (const item of list.children) {
      const name = item.dataset.export;
      item.hidden = name === "plan.json" && !this.planned;
      mark(item.firstChild, "href", `${visit.base}/${name}${name === "index.usearch" ? `?dim=${dim}` : ""}`);
    }
  }

  showPlan(plan) {
    this.planned = Boolean(plan);
    const scroll = this.find("[aria-label='What the planner measured']");
    scroll.hidden = !plan;
    say(this.find("[data-why]"), plan ? plan.why.join(" ") : UNPLANNED);
    if (!plan) return;
    const cells = (row) => [row.chosen ? "chosen" : "", row.how, row.cascade, row.recall.toFixed(3), row.bound.toFixed(3), row.holds ? "yes" : "no",
      row.ms.toFixed(3), count(row.bytes), count(row.multiply_adds)];
    const body = make("tbody", {}, ...plan.rows.map((row) => make("tr", { class: row.chosen ? "mrl-at" : "" }, ...cells(row).map((text) => make("td", { text })))));
    const head = make("thead", {}, make("tr", {}, ...COLUMNS.map((text) => (text ? make("th", { scope: "col", text }) : make("td")))));
    scroll.querySelector("table").replaceChildren(head, body);
    if (this.answer) this.showExports(this.answer.stops[this.dim].dim);
  }

  async remove() {
    if (!(await this.call("remove_images"))) return;
    await this.gone();
    this.say("Removed: nothing of your images is left on the server.");
  }
}
