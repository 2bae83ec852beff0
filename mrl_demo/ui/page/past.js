// Earlier searches of this browser tab, newest first, to be asked again with one click.
// Kept in sessionStorage, so a reload keeps them; uploads only live as long as the page.

import { make } from "./dom.js";

const MOST = 20, STORED = "mrl-past";

/** Whether a query holds an upload, which no address and no storage can. */
export const holdsUpload = ({ kind, picture }) => kind === "image" || picture?.kind === "image";

export class Past {
  constructor(root, examples, thumbnail, onask) {
    Object.assign(this, { thumbnail, onask });
    // Another encoder's page may have other examples: what was one there is asked in words here.
    const here = (entry) => entry.query.kind === "example" && examples[entry.query.index] !== entry.label
      ? { ...entry, query: { kind: "text", text: entry.label } } : entry;
    this.list = root.querySelector("#mrl-past ol");
    this.entries = [];
    try {
      const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
      if (Array.isArray(stored)) this.entries = stored.filter((entry) => entry?.query?.kind && typeof entry.label === "string").map(here);
    } catch { /* storage that is off or full of something else is no history */ }
    this.draw();
  }

  /** Remember a query that was answered. */
  add(query, answered) {
    const { preview, ...same } = query;
    const identity = JSON.stringify(same);
    const entry = { identity, query, label: answered.label, key: answered.key };
    this.entries = [entry, ...this.entries.filter((other) => other.identity !== identity)].slice(0, MOST);
    const lasting = this.entries.filter((other) => !holdsUpload(other.query));
    try {
      sessionStorage.setItem(STORED, JSON.stringify(lasting));
    } catch { /* then it lives as long as the page */ }
    this.draw();
  }

  /** The query of this identity, while it is remembered. */
  find(identity) {
    return this.entries.find((entry) => entry.identity === identity)?.query;
  }

  draw() {
    this.list.replaceChildren(...this.entries.map((entry) => {
      const { query, key, label } = entry;
      const source = query.preview ?? query.picture?.preview ?? (Number.isInteger(key) ? this.thumbnail(key) : "");
      const button = make("button", { type: "button", onclick: () => this.onask(query) }, make("span", { text: label }));
      if (source) button.prepend(make("img", { src: source, alt: "", width: 28, height: 28 }));
      return make("li", {}, button);
    }));
  }
}
