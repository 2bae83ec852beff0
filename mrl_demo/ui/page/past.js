// Earlier searches of this browser tab, newest first, to be asked again with one click; a reload keeps them (along.js).

import { asHere, keep, kept, lasting, uploadAt } from "./along.js";
import { make } from "./dom.js";

const MOST = 20;

/** Whether a query holds an upload, which no address can. */
export const holdsUpload = ({ kind, picture }) => kind === "image" || picture?.kind === "image";

export class Past {
  constructor(root, known, thumbnail, onask) {
    Object.assign(this, { of: known.thumbnails, thumbnail, onask });
    this.list = root.querySelector("#mrl-past ol");
    this.entries = (kept("past", this.of) ?? []).map((entry) => ({ ...entry, query: asHere(entry.query, entry.label, known.examples) }));
    this.draw();
  }

  /** Remember a query that was answered. */
  add(query, answered) {
    const identity = lasting(query);
    const entry = { identity, query, label: answered.label, key: answered.key };
    this.entries = [entry, ...this.entries.filter((other) => other.identity !== identity)].slice(0, MOST);
    keep("past", this.of, this.entries);
    this.draw();
  }

  /** The query of this identity, while it is remembered. */
  find(identity) {
    return this.entries.find((entry) => entry.identity === identity)?.query;
  }

  draw() {
    this.list.replaceChildren(...this.entries.map((entry) => {
      const { query, key, label } = entry;
      const source = holdsUpload(query) ? uploadAt(query.picture ?? query) : Number.isInteger(key) ? this.thumbnail(key) : "";
      const button = make("button", { type: "button", onclick: () => this.onask(query) }, make("span", { text: label }));
      if (source) button.prepend(make("img", { src: source, alt: "", width: 28, height: 28 }));
      return make("li", {}, button);
    }));
  }
}
