// The Classify tab: one question to the server a picture and set of classes; the threshold is page script alone.

import { keep, kept, uploadAt } from "./along.js";
import { count, make, mark, say } from "./dom.js";
import { Table } from "./table.js";
import { TradeOff } from "./trade-off.js";

const RETRY_MS = 700;
const RULES = { one: "One for all", learned: "Learned for each dim" };

export function mount(element, props, server, upload) {
  const root = element.querySelector(".mrl-classify");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new Classify(root, JSON.parse(props.known), server, upload);
}

class Classify {
  constructor(root, known, server, upload) {
    Object.assign(this, { root, known, server, upload, asking: 0, uploads: 0, rule: "one" });
    this.find = (selector) => root.querySelector(selector);
    this.message = this.find(".mrl-message");
    this.image = this.find(".mrl-subject img");
    this.names = this.find("textarea");
    this.range = this.find("#mrl-threshold");
    this.body = this.find(".mrl-said-table tbody");
    this.plot = new TradeOff(this.find("[data-plot]"), (index) => this.look(index));
    new Table(this.find(".mrl-stopping details"), "accuracy-against-dims", () => this.rows());
    this.address = (key) => `${known.thumbnails}/${key}.webp`;
    this.samples = known.examples.map(([key, text]) => {
      const button = make("button", { type: "button", title: text, "aria-pressed": "false", onclick: () => this.choose({ kind: "item", key, name: text }) },
        make("img", { src: this.address(key), alt: text, width: 48, height: 48 }));
      this.find(".mrl-samples").append(button);
      return button;
    });
    this.rules = Object.entries(RULES).map(([value, text]) => {
      const input = make("input", { type: "radio", name: "mrl-rule", value, onchange: () => this.follow(value) });
      this.find(".mrl-rule").append(make("label", {}, input, text));
      return input;
    });
    this.listen();
    const last = kept("classify", known.thumbnails); // what was answered last: it outlives the tab and the page
    this.names.value = last?.names ?? known.names.join("\n");
    this.countNames();
    const [key, name] = known.examples[0];
    this.first = { kind: "item", key, name };
    this.draw(last?.picture ?? this.first);
    if (this.names.value) this.ask();
    else this.say("Type some classes, one a line: this collection names none.");
  }

  listen() {
    this.find("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
    this.names.addEventListener("input", () => this.countNames());
    this.find("[data-reset]").addEventListener("click", () => {
      this.names.value = this.known.names.join("\n");
      this.countNames();
      this.ask();
    });
    this.range.addEventListener("input", () => this.look(Number(this.range.value)));
    const picker = this.find('input[type="file"]');
    picker.addEventListener("change", () => {
      if (picker.files.length) this.take(picker.files[0]);
      picker.value = "";
    });
    const subject = this.find(".mrl-subject");
    const over = (on) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      subject.classList.toggle("mrl-over", on);
    };
    subject.addEventListener("dragover", over(true));
    subject.addEventListener("dragleave", over(false));
    subject.addEventListener("drop", (event) => {
      over(false)(event);
      if (event.dataTransfer?.files.length) this.take(event.dataTransfer.files[0]);
    });
  }

  say(text, tone = "") {
    say(this.message, text);
    this.message.dataset.tone = tone;
  }

  countNames() {
    const number = this.names.value.split("\n").filter((line) => line.trim()).length;
    say(this.find("[data-count-classes]"), `${number} ${number === 1 ? "class" : "classes"}`);
  }

  async take(file) {
    if (file.size === 0 || file.size > this.known.max_upload_mb * 1e6) {
      this.say(file.size ? `${file.name} is ${(file.size / 1e6).toFixed(0)} MB; pictures up to ${this.known.max_upload_mb} MB are read.` : `${file.name} is empty: there is no picture in it.`, "bad");
      return;
    }
    this.say(`Uploading ${file.name} …`);
    const turn = ++this.uploads;
    let path;
    try {
      ({ path } = await this.upload(file));
    } catch {
      if (turn === this.uploads) this.say(`${file.name} could not be uploaded.`, "bad");
      return;
    }
    if (turn === this.uploads) this.choose({ kind: "image", path, name: file.name, preview: URL.createObjectURL(file) });
  }

  /** Ask about another picture; one that is still on its way comes too late. */
  choose(picture) {
    this.uploads++;
    this.draw(picture);
    this.ask();
  }

  /** Show which picture is asked about: the one that is chosen, whether or not it is answered. */
  draw(picture) {
    this.picture = picture;
    this.image.src = picture.kind === "image" ? uploadAt(picture) : this.address(picture.key);
    this.image.alt = picture.name;
    say(this.find("figcaption"), picture.name);
    this.samples.forEach((button, index) => mark(button, "aria-pressed", String(picture.kind === "item" && picture.key === this.known.examples[index][0])));
  }

  async ask() {
    const turn = ++this.asking;
    const { picture } = this;
    const names = this.names.value;
    mark(this.root, "aria-busy", "true");
    let reply;
    for (;;) {
      reply = (await this.server.classify({ picture, names }).catch(() => null)) ?? { error: "The server did not answer. Try again in a moment." };
      if (turn !== this.asking) return;
      if (!reply.wait) break;
      this.say("The encoder is still loading; this picture is classified as soon as it is there.");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (turn !== this.asking || !this.root.isConnected) return;
    }
    mark(this.root, "aria-busy", "false");
    if (!reply.error) {
      this.show(reply, picture, names);
      return;
    }
    this.say(reply.error, "bad");
    // A picture that cannot be read is given back for the one before; any other fault leaves it, to be tried again.
    if (reply.of === "picture") this.draw(this.answered ?? this.first);
    this.find(".mrl-verdict").hidden = this.picture !== this.answered;
  }

  show(answer, picture, names) {
    keep("classify", this.known.thumbnails, { picture, names });
    Object.assign(this, { answer, answered: picture });
    this.say(answer.warnings.join(" "));
    this.find(".mrl-verdict").hidden = this.find(".mrl-stopping").hidden = false;
    this.drawSaid();
    const { evidence } = answer;
    const stopping = this.find(".mrl-stopping .mrl-chart");
    stopping.hidden = !evidence;
    this.rules[1].disabled = !evidence;
    say(this.find("[data-measured]"), evidence ? `measured on ${count(evidence.count)} pictures of ${this.known.title}` : "these classes are no values of a column here: nothing to measure by");
    this.thresholds = evidence ? evidence.curve.map((point) => point.threshold) : Array.from({ length: 51 }, (_, at) => at / 50);
    this.range.max = String(this.thresholds.length - 1);
    if (evidence) {
      this.plot.draw(evidence);
      const { learned } = evidence;
      say(this.find("[data-note]"), `Solid: one threshold for all dims. Dashed: each dim alone. Diamond: thresholds learned on one half and measured on the other, ${learned.accuracy.toFixed(3)} ± ${evidence.spread.toFixed(3)} at ${learned.last_dim.toFixed(1)} dims over ${evidence.splits} halvings.`);
      this.find(".mrl-stopping details").dispatchEvent(new Event("toggle"));
    }
    const wanted = this.threshold ?? evidence?.cheapest ?? 0.6;
    const nearest = this.thresholds.reduce((best, one, at) => (Math.abs(one - wanted) < Math.abs(this.thresholds[best] - wanted) ? at : best), 0);
    this.index = nearest;
    this.follow(evidence ? this.rule : "one");
  }

  drawSaid() {
    const bar = (share) => {
      const box = make("span", { class: "mrl-sure" }, make("i"));
      box.firstChild.style.width = `${(100 * share).toFixed(1)}%`;
      return box;
    };
    this.body.replaceChildren(...this.answer.said.map(({ dim, confidence, top }) => make("tr", {},
      make("th", { scope: "row", text: String(dim) }), make("td", { text: top[0][0] }),
      make("td", {}, bar(confidence), make("b", { text: confidence.toFixed(3) })),
      make("td", { text: top.slice(1).map(([name, share]) => `${name} ${share.toFixed(2)}`).join(", ") }), make("td"))));
  }

  /** Stop by one threshold, or by those learned for each dim. */
  follow(rule) {
    this.rule = rule;
    for (const input of this.rules) input.checked = input.value === rule;
    this.range.disabled = rule === "learned";
    this.look(this.index);
  }

  /** Look at a threshold: all in this task, no request. */
  look(index) {
    const { said, evidence } = this.answer;
    this.index = index;
    const learned = this.rule === "learned" && evidence;
    const one = this.thresholds[index];
    if (!learned) this.threshold = one;
    this.range.value = String(index);
    mark(this.range, "aria-valuetext", one.toFixed(2));
    say(this.find(".mrl-threshold output"), learned ? evidence.thresholds.map((each) => each.toFixed(2)).join(" · ") : one.toFixed(2));
    const at = said.findIndex(({ confidence }, place) => place === said.length - 1 || confidence >= (learned ? evidence.thresholds[place] : one));
    const stop = said[at], full = said.at(-1);
    const spent = said.slice(0, at + 1).reduce((sum, { dim }) => sum + dim, 0);
    say(this.find("[data-verdict]"), `${stop.top[0][0]}: it stops at ${stop.dim} of ${full.dim} dims`);
    say(this.find("[data-spent]"), `${stop.top[0][0] === full.top[0][0] ? "as all dims say" : `all dims say ${full.top[0][0]}`}; ${count(spent)} numbers read, counting every dim tried`);
    [...this.body.rows].forEach((row, place) => {
      row.classList.toggle("mrl-at", place === at);
      row.classList.toggle("mrl-unread", place > at);
      say(row.lastChild, place === at ? "stops here" : place > at ? "not read" : "goes on");
    });
    this.read(evidence, learned ? evidence.learned : evidence?.curve[index]);
  }

  read(evidence, point) {
    if (!evidence) {
      say(this.find("[data-reading]"), "");
      return;
    }
    this.plot.at(point);
    const full = evidence.fixed.at(-1);
    say(this.find("[data-reading]"), `Accuracy ${point.accuracy.toFixed(3)} at ${point.last_dim.toFixed(1)} dims on average (${point.all_dims.toFixed(1)} counting every dim tried); all ${full.dim} dims: ${full.accuracy.toFixed(3)}.`);
  }

  rows() {
    const columns = ["rule", "threshold", "accuracy", "mean dim at which it stops", "mean of all dims tried"];
    const evidence = this.answer?.evidence;
    if (!evidence) return { columns, rows: [], about: {} };
    const row = (rule, threshold, point) => [rule, threshold, point.accuracy, point.last_dim, point.all_dims];
    const { curve, fixed, learned, ...about } = evidence;
    return {
      columns,
      rows: [...fixed.map((point) => row(`${point.dim} dims alone`, null, point)), row("learned for each dim", null, learned),
        ...curve.map((point) => row("one threshold", Number(point.threshold.toFixed(4)), point))],
      about,
    };
  }
}
