// The scale tab's figures as small SVG: recall against time, time against size, and bars of bytes. The numbers beside marks
// and lines are the rows' of the table above. Knows results as the server gives them; asks for nothing.

import { count, make, makeSvg, mark } from "./dom.js";

const WIDTH = 400, HEIGHT = 250, LEFT = 44, RIGHT = 26, TOP = 12, BOTTOM = 36;
const HEADROOM = 34; // above full recall, for numbers
const DASHES = ["", "7 4"];
/** Where a number may stand beside its dot, best first. */
const AROUND = [0, 14, 28].flatMap((far) => [[0, -13 - far], [0, 14 + far], [11, -8 - far], [-11, -8 - far], [11, 9 + far], [-11, 9 + far]]);

/** Every way at its p50 and recall; the way `lit` (or none) stands out. */
export function drawRecall(svg, rows) {
  const recalls = rows.map((row) => row.recall);
  const low = [0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0].find((floor) => floor <= Math.min(...recalls)) ?? 0;
  const x = decades(rows.map((row) => row.p50_ms));
  const y = (recall) => HEIGHT - BOTTOM - ((recall - low) / (1 - low)) * (HEIGHT - TOP - BOTTOM - HEADROOM);
  frame(svg, x, "ms, p50 of one query");
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const recall = low + (1 - low) * part;
    across(svg, y(recall), String(Number(recall.toFixed(4))));
  }
  marks(svg, rows.map((row) => [x.at(row.p50_ms), y(row.recall)]), rows);
  mark(svg, "aria-label", `Recall against time: ${rows.map((row) => `${row.name} ${row.recall} at ${said(row.p50_ms)} ms`).join(", ")}.`);
}

/** A line a way over the sizes in `results`, a list of results from the smallest. */
export function drawGrowth(svg, results, names) {
  const points = names.map((name) => results.flatMap((result) => result.rows.filter((row) => row.name === name).map((row) => [result.size, row.p50_ms])));
  const sizes = results.map((result) => result.size);
  const x = decades(sizes);
  const times = decades(points.flat().map((point) => point[1]));
  const y = (value) => HEIGHT - BOTTOM - times.part(value) * (HEIGHT - TOP - BOTTOM);
  frame(svg, x, "vectors");
  for (const tick of times.ticks) across(svg, y(tick), said(tick));
  const ends = []; // of lines to the largest size; where a way was left out there, beside its own last dot
  points.forEach((line, index) => {
    if (!line.length) return;
    const way = line.map(([size, value], at) => `${at ? "L" : "M"}${x.at(size).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const path = makeSvg("path", { class: "mrl-curve", d: way, "stroke-dasharray": DASHES[index >> 2] });
    path.style.stroke = `var(--series-${index % 4})`;
    svg.append(path);
    for (const [size, value] of line) {
      const dot = makeSvg("circle", { cx: x.at(size).toFixed(1), cy: y(value).toFixed(1), r: 3 });
      dot.style.fill = `var(--series-${index % 4})`;
      svg.append(dot);
    }
    const [size, value] = line.at(-1);
    ends.push({ size, x: x.at(size) + 9, y: y(value) + 4, text: String(index + 1) });
  });
  const placed = sizes.flatMap((size) => apart(ends.filter((end) => end.size === size), 12, HEIGHT - BOTTOM));
  for (const end of placed) svg.append(makeSvg("text", { x: end.x.toFixed(1), y: end.y.toFixed(1), class: "mrl-number" }, end.text));
  mark(svg, "aria-label", `Milliseconds of one query over the number of vectors, for ${names.length} ways. The table below has the numbers.`);
}

/** Bars of bytes a vector; what is estimated says so. */
export function drawBars(box, databases) {
  const most = Math.max(...databases.map((each) => each.bytes_per_vector));
  box.replaceChildren(...databases.map((each, index) => {
    const bar = make("i", { "aria-hidden": "true", class: index % 2 ? "" : "mrl-one" });
    bar.style.width = `${((100 * each.bytes_per_vector) / most).toFixed(1)}%`;
    const total = each.total_bytes >= 1e9 ? `${(each.total_bytes / 1e9).toFixed(2)} GB` : `${(each.total_bytes / 1e6).toFixed(1)} MB`;
    return make("div", {}, make("span", { text: each.name }), make("b", { text: `${count(each.bytes_per_vector)} B` }), bar,
      make("small", { text: `${total} in all${each.measured ? "" : ", estimated"}` }));
  }));
}

/** Before anything was measured: the axes' place, and why it is empty. */
export function drawNothing(svg, text) {
  svg.replaceChildren(makeSvg("rect", { class: "mrl-empty", x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM, rx: 8 }));
  svg.append(makeSvg("text", { x: (WIDTH + LEFT - RIGHT) / 2, y: HEIGHT / 2 - 10, "text-anchor": "middle" }, text));
  mark(svg, "aria-label", text);
}

/** A scale over powers of ten that holds all `values`, with a tick at 1, 2 and 5 where there is room. */
function decades(values) {
  const least = Math.log10(Math.min(...values)), most = Math.log10(Math.max(...values));
  const low = Math.floor(least * 3 - 0.2) / 3, high = Math.max(Math.ceil(most * 3 + 0.2) / 3, low + 2 / 3);
  const part = (value) => (Math.log10(value) - low) / (high - low);
  const ticks = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of high - low > 2.4 ? [1] : [1, 2, 5]) ticks.push(Number((digit * 10 ** power).toPrecision(1)));
  }
  return { part, at: (value) => LEFT + part(value) * (WIDTH - LEFT - RIGHT), ticks: ticks.filter((tick) => part(tick) > -0.001 && part(tick) < 1.001) };
}

function frame(svg, x, unit) {
  svg.replaceChildren();
  for (const tick of x.ticks) {
    const at = x.at(tick).toFixed(1);
    svg.append(makeSvg("line", { class: "mrl-grid", x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }));
    svg.append(makeSvg("text", { x: at, y: HEIGHT - BOTTOM + 14, "text-anchor": "middle" }, said(tick)));
  }
  svg.append(makeSvg("text", { x: (WIDTH + LEFT - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, unit));
}

function across(svg, y, text) {
  svg.append(makeSvg("line", { class: "mrl-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y.toFixed(1), y2: y.toFixed(1) }));
  svg.append(makeSvg("text", { x: LEFT - 6, y: (y + 4).toFixed(1), "text-anchor": "end" }, text));
}

/** A dot at each place, and its row's number beside it where neither a dot nor another number stands. */
function marks(svg, places, rows) {
  places.forEach(([x, y], index) => {
    const dot = makeSvg("circle", { class: "mrl-way", cx: x.toFixed(1), cy: y.toFixed(1), r: 5 });
    dot.append(makeSvg("title", {}, `${rows[index].name}: ${rows[index].recall} at ${said(rows[index].p50_ms)} ms`));
    svg.append(dot);
  });
  const taken = [...places];
  const free = ([x, y]) => taken.every(([tx, ty]) => Math.abs(tx - x) > 9 || Math.abs(ty - y) > 11);
  places.forEach(([x, y], index) => {
    const spot = AROUND.map(([dx, dy]) => [x + dx, y + dy]).find(free) ?? [x, y - 12];
    taken.push(spot);
    svg.append(makeSvg("text", { x: spot[0].toFixed(1), y: (spot[1] + 4).toFixed(1), "text-anchor": "middle", class: "mrl-number" }, String(index + 1)));
  });
}

/** Labels one below the other in order of height, none lower than `bottom`. */
function apart(labels, step, bottom) {
  const placed = [...labels].sort((one, other) => one.y - other.y);
  placed.forEach((label, at) => { if (at) label.y = Math.max(label.y, placed[at - 1].y + step); });
  let most = bottom;
  for (const label of placed.reverse()) {
    label.y = Math.min(label.y, most);
    most = label.y - step;
  }
  return placed;
}

const said = (number) => (number >= 1e6 ? `${number / 1e6}M` : number >= 1000 ? `${number / 1000}k` : String(Number(number.toPrecision(2))));
