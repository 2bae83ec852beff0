// "No good match" instead of nonsense: what is below the measured cut-off is faded, and where nothing is above it
// the grid says so, in its place. Knows cosines and the cut-off; the numbers are measured by `mrl_demo cut-off`.

import { make, mark, say } from "./dom.js";

export class Verdict {
  /** `onshow()` when what is near is wanted all the same; without it the box only says that there is no match. */
  constructor(section, tiles, onshow) {
    this.section = section;
    this.tiles = tiles;
    this.box = section.querySelector(".mrl-none");
    this.title = make("strong");
    this.reason = make("p");
    this.box.append(this.title);
    if (onshow) this.box.append(this.reason, make("button", { type: "button", text: "Show the nearest all the same", onclick: onshow }));
  }

  /** `cut` is `[cosine, right, wrong]` and `lift` `[here, least]` of all pictures, or null where nothing was measured;
      `filtered`: `scores` are those of a part, of which nothing was measured apart. */
  show(scores, dim, cut, lift, on, filtered) {
    const strange = on && cut && lift && lift[0] < lift[1];
    const none = strange || (on && cut && scores[0] < cut[0]);
    this.tiles.tiles.forEach((tile, index) => tile.item.classList.toggle("mrl-below", Boolean(on && cut && !none && scores[index] < cut[0])));
    this.section.classList.toggle("mrl-no-match", Boolean(none));
    if (this.box.hidden !== !none) this.box.hidden = !none;
    mark(this.box.previousElementSibling, "aria-hidden", String(Boolean(none)));
    if (!none) return;
    const share = (part) => `${Math.round(100 * part)}%`;
    say(this.title, strange ? "No good match" : `No good match at ${dim} ${dim === 1 ? "dim" : "dims"}`);
    say(this.reason, strange
      ? `Every picture is about as near as any other: the best cosine is only ${lift[0].toFixed(2)} above their average. For nearly all measured questions that have an answer it is at least ${lift[1].toFixed(2)} above. The collection has nothing of the kind, or the encoder does not know it.`
      : filtered
      ? `The nearest picture that the filter leaves has a cosine of ${scores[0].toFixed(3)}, below ${cut[0].toFixed(3)}, from which a picture is a good match in the whole collection.`
      : `The nearest picture's cosine is ${scores[0].toFixed(3)}, below ${cut[0].toFixed(3)}. Of measured questions that have an answer ${share(cut[1])} reach that, of those whose answer was taken out ${share(cut[2])}.`);
  }
}
