// The plan of one's own images: why it chose as it did, and all that it measured. Knows a plan's words, not how it is made.

import { count, make, say } from "./dom.js";

const COLUMNS = ["", "First stage", "Cascade", "Recall", "At least", "Holds", "ms", "Bytes a vector", "Multiply-adds"];
const UNPLANNED = "Measures exact prefixes, sign bits, graphs and funnels on these pictures, and names the fastest that holds.";

/** Into the tab at `root`; `plan` is null before there is one. */
export function drawPlan(root, plan) {
  const scroll = root.querySelector("[aria-label='What the planner measured']");
  scroll.hidden = !plan;
  say(root.querySelector("[data-why]"), plan ? plan.why.join(" ") : UNPLANNED);
  if (!plan) return;
  const cells = (row) => [row.chosen ? "chosen" : "", row.how, row.cascade, row.recall.toFixed(3), row.bound.toFixed(3), row.holds ? "yes" : "no",
    row.ms.toFixed(3), count(row.bytes), count(row.multiply_adds)];
  const body = make("tbody", {}, ...plan.rows.map((row) => make("tr", { class: row.chosen ? "mrl-at" : "" }, ...cells(row).map((text) => make("td", { text })))));
  const head = make("thead", {}, make("tr", {}, ...COLUMNS.map((text) => (text ? make("th", { scope: "col", text }) : make("td")))));
  scroll.querySelector("table").replaceChildren(head, body);
}
