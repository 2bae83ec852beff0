// What is searched for: the text box, example chips, and pictures chosen, dropped or pasted; words typed beside a
// picture are joined with it by weight.
// Hands a query to `onask`; knows nothing of results. An upload goes through Gradio, which refuses files that are too large.

import { uploadAt } from "./along.js";
import { make } from "./dom.js";

const TYPED = "input, textarea, [contenteditable]";

export class QueryBar {
  constructor(root, known, upload, onask, onsay) {
    this.root = root;
    this.known = known;
    this.upload = upload;
    this.onask = onask;
    this.onsay = onsay;
    this.uploads = 0;
    this.text = root.querySelector("#mrl-text");
    this.typed = false; // words that nothing was asked with yet: no answer may take them away
    this.text.addEventListener("input", () => { this.typed = true; });
    this.asked = root.querySelector(".mrl-asked");
    this.thumb = this.asked.querySelector("img");
    this.thumb.addEventListener("error", () => { this.thumb.style.visibility = "hidden"; });
    this.weigh = root.querySelector(".mrl-weigh");
    this.weight = root.querySelector("#mrl-weight");
    this.weight.addEventListener("input", () => this.sayWeight());
    this.weight.addEventListener("change", () => this.onask(this.query()));
    this.asked.querySelector("button").addEventListener("click", () => this.withoutPicture());
    root.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.onask(this.query());
    });
    const chips = root.querySelector(".mrl-examples");
    this.chips = known.examples.map((text, index) => {
      const chip = make("button", { type: "button", text, "aria-pressed": "false", onclick: () => this.onask({ kind: "example", index }) });
      chips.append(chip);
      return chip;
    });
    this.listenForPictures();
  }

  /** What the bar asks for as it stands: words, a picture, or both. */
  query() {
    const text = this.text.value;
    if (!this.picture) return { kind: "text", text };
    return text.trim() ? { kind: "mixed", text, picture: this.picture, weight: Number(this.weight.value) / 100 } : this.picture;
  }

  withoutPicture() {
    this.picture = null;
    this.showPicture("");
    this.weigh.hidden = true;
    if (this.text.value.trim()) this.onask(this.query());
    this.text.focus();
  }

  sayWeight() {
    this.weight.setAttribute("aria-valuetext", `the picture counts ${this.weight.value}%, the words ${100 - this.weight.value}%`);
  }

  listenForPictures() {
    const picker = this.root.querySelector('input[type="file"]');
    picker.addEventListener("change", () => {
      if (picker.files.length) this.take(picker.files[0]);
      picker.value = "";
    });
    const over = (on) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.root.classList.toggle("mrl-over", on);
    };
    this.root.addEventListener("dragover", over(true));
    this.root.addEventListener("dragleave", over(false));
    this.root.addEventListener("drop", (event) => {
      over(false)(event);
      if (event.dataTransfer?.files.length) this.take(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", (event) => {
      const given = event.clipboardData;
      if (!given?.files.length || this.root.offsetParent === null) return; // another tab is looked at
      // Cells of a spreadsheet come as words and as a picture of them: where words are typed, words are meant.
      if (event.target.closest?.(TYPED) && given.types.includes("text/plain")) return;
      event.preventDefault();
      this.take(given.files[0]);
    });
  }

  /** Another query was asked: a picture that is still on its way comes too late. Words typed before are done with,
      unless it is a picture of one's own, which words may be meant to join. */
  overtake({ kind }) {
    this.uploads++;
    if (kind !== "image") this.typed = false;
  }

  /** Upload a file and ask with it. What it really is, the server finds out. */
  async take(file) {
    if (file.size > this.known.max_upload_mb * 1e6) {
      this.onsay(`${file.name} is ${(file.size / 1e6).toFixed(0)} MB; pictures up to ${this.known.max_upload_mb} MB are read.`, "bad");
      return;
    }
    if (file.size === 0) {
      this.onsay(`${file.name} is empty: there is no picture in it.`, "bad");
      return;
    }
    this.onsay(`Uploading ${file.name} …`);
    const turn = ++this.uploads;
    let path;
    try {
      ({ path } = await this.upload(file));
    } catch {
      if (turn === this.uploads) this.onsay(`${file.name} could not be uploaded; the search on the page stays as it was.`, "bad");
      return;
    }
    if (turn === this.uploads) this.onask({ kind: "image", path, name: file.name, preview: URL.createObjectURL(file) });
  }

  /** Show what was asked: its words, its picture, or both, or which example. */
  show(query, asked, thumbnail) {
    this.chips.forEach((chip, index) => chip.setAttribute("aria-pressed", String(asked.kind === "example" && asked.index === index)));
    const picture = asked.kind === "mixed" ? asked.picture : asked;
    this.picture = picture.kind === "image" || picture.kind === "item" ? picture : null;
    const label = picture === asked ? query.label : picture.name ?? "a picture of the collection";
    const source = picture.kind === "image" ? uploadAt(picture) : thumbnail(query.key);
    this.showPicture(this.picture ? source : "", label);
    if (!this.typed) this.text.value = asked.kind === "example" ? query.label : asked.text ?? "";
    this.text.placeholder = this.picture ? `${label} · add words to change it` : "Describe a picture, or drop, paste or choose one";
    this.weigh.hidden = asked.kind !== "mixed";
    if (asked.kind === "mixed") this.weight.value = String(Math.round(100 * asked.weight));
    this.sayWeight();
  }

  showPicture(source, label = "") {
    this.asked.hidden = !source;
    this.thumb.style.visibility = "visible";
    if (source) this.thumb.src = source;
    this.thumb.alt = label;
  }
}
