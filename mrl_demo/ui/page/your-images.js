// The tab of one's own images: bring files, watch them being indexed, search them, take the result along.
// Every stop of the slider comes with the answer, as on the search tab. The visit outlives the tab, not the page.

import { bring } from "./bring.js";
import { count, make, mark, milliseconds, say } from "./dom.js";
import { marksHere, Tiles } from "./tiles.js";
import { Visit } from "./visit.js";
import { drawPlan } from "./your-plan.js";

const LOOK_MS = 400, KEEP_MS = 300_000, MOST_NOTES = 3;
const EXPORTS = [
  ["embeddings.npy", "Embeddings", "one row a picture, float16"],
  ["items.parquet", "Pictures and names", "opens with Hugging Face datasets"],
  ["index.usearch", "Index", "a USearch graph at the dim above"],
  ["plan.json", "Plan", "what was measured, and what was chosen"],
];

export function mount(element, props, server) {
  const root = element.querySelector(".mrl-yours");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new YourImages(root, JSON.parse(props.known), server);
}

class YourImages {
  constructor(root, known, server) {
    // `waiting`: files that come while something else is done. `notes`: what is to be said when all is done.
    Object.assign(this, { root, known, asking: 0, dim: 0, working: false, doing: "", waiting: [], notes: [] });
    this.find = (selector) => root.querySelector(selector);
    this.message = this.find(".mrl-message");
    this.progress = this.find("progress");
    this.cancel = this.find("[data-cancel]");
    this.goOn = this.find("[data-go-on]");
    this.own = this.find(".mrl-own");
    this.visit = new Visit(server, {
      say: (text, tone) => this.say(text, tone),
      begun: ({ folders }) => { this.find(".mrl-folder").hidden = !folders; },
      gone: (why) => this.gone(why),
    });
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
    this.on(".mrl-plan", "submit", () => this.start("plan_images", { target_recall: Number(this.find("#mrl-yours-target").value) }));
    this.on("[data-cancel]", "click", () => this.stop());
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

  async open() {
    const { max_pictures: pictures, max_mb: most, max_file_mb: each, read_by: encoder } = this.known;
    const reader = encoder ? ` They are read by ${encoder}. Choose another encoder at the top of the page before you bring any: choosing closes this page.` : "";
    say(this.find(".mrl-promise"), `Only you see them, and they are deleted when you press Remove or close this page. Up to ${count(pictures)} pictures of ${each} MB, ${most} MB together.${reader}`);
    if (this.visit.base) this.watch();
    else this.visit.begin();
    while (this.root.isConnected) {
      await new Promise((resolve) => setTimeout(resolve, KEEP_MS));
      if (this.visit.base) await this.visit.ask("visit_status", {}, true);
    }
  }

  /** Bring files and index them, as soon as what is being done has ended. */
  take(files) {
    this.waiting.push(...files);
    if (this.working) this.busy();
    else this.next();
  }

  /** Bring and index the files that wait. */
  async next() {
    const files = this.waiting.splice(0);
    if (!files.length) return;
    const text = `Bringing ${files.length === 1 ? files[0].name : `${count(files.length)} files`} …`;
    this.bringing = new AbortController();
    const { signal } = this.bringing;
    this.busy(text, 0);
    // Before anything is sent to a visit that is over, a new one is begun.
    await (this.visit.base ? this.visit.ask("visit_status", {}, true) : this.visit.begin());
    const { base } = this.visit;
    let refused = [];
    if (base) {
      this.busy(text, 0);
      refused = await bring(files, base, this.known, signal, (part) => { this.progress.value = part; });
    }
    this.bringing = null;
    if (base && !signal.aborted) {
      this.notes.push(...refused);
      if (refused.length < files.length) return this.start("index_images");
    }
    this.idle();
    if (signal.aborted) {
      this.say("Stopped. What was brought by then is kept for the next time.");
      this.last = ["index_images", {}];
      this.goOn.hidden = false;
    } else if (base) this.sayNotes(); // else it is said why there is no visit
    return this.next();
  }

  /** Have the server do something that takes a while, and see to what waits for its end. */
  async start(name, asked = {}) {
    this.last = [name, asked];
    this.busy(name === "plan_images" ? "Planning …" : "Indexing …", 0);
    if (await this.visit.ask(name, asked, true)) await this.watch();
    else this.idle();
    await this.next();
  }

  /** Look at the work until it has ended, then show what there is. */
  async watch() {
    for (;;) {
      const status = await this.visit.ask("visit_status", {}, true);
      if (!status) return this.idle();
      const { task } = status;
      if (task?.state !== "running") return this.show(status);
      const { what, done, total } = task;
      const far = what === "Planning" ? (total ? `${done} %` : "begins as soon as another measurement on this server is done") : total ? `${count(done)} of ${count(total)}` : "soon: the encoder is busy or still loading";
      this.busy(`${what} ${far} …`, total ? done / total : 0);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (!this.root.isConnected) return;
    }
  }

  /** Cancel what is being done, and what waits for it. */
  stop() {
    this.waiting = [];
    if (this.bringing) this.bringing.abort();
    else this.visit.ask("stop_work");
  }

  /** Say what is being done, how much of it is done, and what comes next. */
  busy(text = this.doing, part = this.progress.value) {
    Object.assign(this, { working: true, doing: text });
    mark(this.root, "aria-busy", "true");
    const more = this.waiting.length;
    this.say(more ? `${text} ${count(more)} more ${more === 1 ? "file is" : "files are"} added, indexed next.` : text);
    this.goOn.hidden = true;
    this.progress.value = part;
    this.atWork();
  }

  idle() {
    this.working = false;
    mark(this.root, "aria-busy", "false");
    this.atWork();
  }

  /** Only files wait for the end of what is being done; nothing else can be begun meanwhile. */
  atWork() {
    this.progress.hidden = this.cancel.hidden = !this.working;
    for (const button of this.root.querySelectorAll(".mrl-folder button, .mrl-plan button")) button.disabled = this.working;
  }

  /** The visit is over, and nothing of it stays. */
  gone(why) {
    if (why && this.bringing) this.notes.push(why);
    this.asking++;
    this.own.hidden = this.goOn.hidden = true;
    this.made = this.answer = null;
    this.tiles.resize(0);
    this.showLeftOut({});
    this.showPlan(null);
  }

  /** What went wrong on the way; where more is to come, it is said again at its end. */
  sayNotes() {
    const more = this.notes.length - MOST_NOTES;
    this.say([...this.notes.slice(0, MOST_NOTES), ...(more > 0 ? [`And ${count(more)} more.`] : [])].join(" "), this.notes.length ? "bad" : "");
    if (!this.waiting.length) this.notes = [];
  }

  show(status) {
    const { task, collection } = status;
    this.idle();
    const stopped = task?.state === "stopped";
    this.goOn.hidden = !(stopped || task?.state === "failed") || !this.last;
    if (task?.state === "failed") this.notes.push(task.text);
    if (stopped) this.say(task.what === "Indexing" ? `${task.text} What is encoded already is kept.` : task.text);
    else if (task) this.sayNotes();
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
      this.ask({ kind: "item", key: 0 }, true);
    }
  }

  showLeftOut({ left_out: named = [], left_out_count: all = 0 }) {
    const box = this.find(".mrl-left-out");
    box.hidden = !all;
    say(box.querySelector("summary"), `${count(all)} ${all === 1 ? "file was" : "files were"} left out`);
    box.querySelector("ul").replaceChildren(...named.map(([name, why]) => make("li", { text: `${name} ${why}` })));
  }

  /** Search; `opening` is the page's own question, which leaves what is said as it is. */
  async ask(query, opening = false) {
    const turn = ++this.asking;
    const answer = await this.visit.ask("search_images", { query, k: this.known.k });
    if (!answer || turn !== this.asking) return;
    this.answer = answer;
    if (!opening && !this.working) this.say(answer.warnings.join(" "));
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
      mark(item.firstChild, "href", `${this.visit.base}/${name}${name === "index.usearch" ? `?dim=${dim}` : ""}`);
    }
  }

  showPlan(plan) {
    this.planned = Boolean(plan);
    drawPlan(this.root, plan);
    if (this.answer) this.showExports(this.answer.stops[this.dim].dim);
  }

  async remove() {
    this.waiting = [];
    this.bringing?.abort();
    if (!(await this.visit.ask("remove_images"))) return;
    this.gone();
    await this.visit.begin();
    this.say("Removed: nothing of your images is left on the server.");
  }
}
