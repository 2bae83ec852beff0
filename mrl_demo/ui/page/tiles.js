// The two grids: the ranking at the dim looked at, and the same query at full dim, with what changed marked.
// Tiles are made once and filled again, so a slider step adds no node and moves nothing.

import { make, mark, say } from "./dom.js";

export class Tiles {
  /** `onpick(key)` is called when a tile is chosen; `address(key)` is where its thumbnail lies; with `why` each tile
      has room for what its mark cannot say. */
  constructor(list, address, onpick, why = false) {
    this.list = list;
    this.why = why;
    this.address = address;
    this.onpick = onpick;
    this.tiles = [];
  }

  resize(length) {
    while (this.tiles.length < length) {
      const img = make("img", { alt: "", width: 192, height: 192, decoding: "sync", draggable: "false" });
      const rank = make("span", { class: "mrl-rank" });
      const score = make("span", { class: "mrl-score" });
      const badge = make("span", { class: "mrl-mark" });
      const caption = make("span", { class: "mrl-caption" });
      const button = make("button", { type: "button", class: "mrl-tile" }, img,
        make("span", { class: "mrl-line" }, rank, score, badge), caption);
      const reason = make("span", { class: "mrl-why" });
      if (this.why) button.append(reason);
      const tile = { item: make("li", {}, button), button, img, rank, score, badge, caption, reason, source: null };
      button.addEventListener("click", () => this.onpick(tile.key));
      this.tiles.push(tile);
      this.list.append(tile.item);
    }
    while (this.tiles.length > length) this.tiles.pop().item.remove();
  }

  /** Fill the grid; `marks[i]` is `{kind, text, said}` of the i-th key. */
  fill(keys, scores, marks, captions) {
    this.resize(keys.length);
    keys.forEach((key, index) => {
      const tile = this.tiles[index];
      const text = captions[key] ?? "";
      tile.key = key;
      const source = this.address(key); // a key alone names no picture: one's own images are indexed again
      if (tile.source !== source) {
        tile.img.src = tile.source = source;
        say(tile.caption, text);
        mark(tile.button, "title", text);
      }
      say(tile.rank, String(index + 1));
      say(tile.score, scores[index].toFixed(3));
      say(tile.badge, marks[index].text);
      mark(tile.badge, "data-mark", marks[index].kind);
      mark(tile.button, "data-mark", marks[index].kind);
      say(tile.reason, marks[index].why ?? "");
      const said = `Search with: ${text}. Rank ${index + 1}, score ${scores[index].toFixed(3)}, ${marks[index].said}`;
      mark(tile.button, "aria-label", said);
    });
  }
}

/** What became of each key against the exact full-dim ranking: kept at its rank, moved, or new to it. */
export function marksHere(keys, truth) {
  const before = new Map(truth.map((key, rank) => [key, rank]));
  return keys.map((key, rank) => {
    if (!before.has(key)) return { kind: "new", text: "new", said: "not among the results at full dim" };
    const up = before.get(key) - rank;
    if (up === 0) return { kind: "kept", text: "kept", said: "at the same rank as at full dim" };
    const said = `moved ${up > 0 ? "up" : "down"} ${Math.abs(up)} against full dim`;
    return { kind: "moved", text: `${up > 0 ? "↑" : "↓"} ${Math.abs(up)}`, said };
  });
}

const HOW_SAID = { hnsw: "the graph", signs: "the sign bits" };

/** What became of each true key at the stop looked at: still there, at another rank, or lost, and then where. */
export function marksThere(truth, stop) {
  const now = new Map(stop.keys.map((key, rank) => [key, rank]));
  const fallen = new Map(stop.lost.map(([key, ...fall]) => [key, fall]));
  return truth.map((key, rank) => {
    if (!now.has(key)) {
      const why = whyLost(stop.stages, ...fallen.get(key));
      return { kind: "lost", text: "lost", said: `lost: ${why}`, why };
    }
    if (now.get(key) === rank) return { kind: "kept", text: "kept", said: "at the same rank" };
    return { kind: "moved", text: `now ${now.get(key) + 1}`, said: `now at rank ${now.get(key) + 1}` };
  });
}

function whyLost(stages, stage, rank, overlooked) {
  const [dim, how, , kept] = stages[stage];
  if (overlooked) return `${HOW_SAID[how]} at ${dim} dims missed it, rank ${rank}`;
  if (stage === stages.length - 1) return `rank ${rank} at ${dim} dims, ${kept} shown`;
  return `fell outside the shortlist: rank ${rank} at ${dim} dims, ${kept} passed`;
}

const fetched = new Map();

/** Settles when every picture of these grids is there, or has failed to come. */
export function drawn(grids) {
  return Promise.allSettled(grids.flatMap((grid) => grid.tiles.map((tile) => tile.img.decode())));
}

/** Have every thumbnail the slider can show fetched before it is needed. */
export function prefetch(keys, address) {
  for (const key of keys) {
    const source = address(key);
    if (fetched.has(source)) continue;
    const image = new Image();
    image.src = source;
    fetched.set(source, image);
  }
  // What is kept only serves the slider; the browser's own cache remembers the rest.
  for (const source of [...fetched.keys()].slice(0, Math.max(0, fetched.size - 1500))) fetched.delete(source);
}
