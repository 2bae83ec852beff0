// A way to search as a value, `{dims, shortlists, first_stage: {kind, dtype, ef}, k}`: edits that leave it valid, and what
// it costs by arithmetic alone. Knows neither page nor server; never writes into what it is given.

import { large } from "./dom.js";

export const HOW_SAID = { exact: "compare all", hnsw: "walk the graph", signs: "compare sign bits", rerank: "re-rank" };

/** Such as "6,400 B", "103 kB" and "3.1 MB". */
export const bytesSaid = (bytes) => `${large(bytes)}${bytes < 10_000 ? " " : ""}B`;

export const firstStage = (kind) => ({ kind, dtype: "bf16", ef: 0 });

/** One shortlist changed: earlier ones grow with it and later ones shrink with it, so that they never grow on the way. */
export function withShortlist(way, index, value, count) {
  const keep = Math.max(way.k, Math.min(count, Math.round(Number(value) || 0)));
  const shortlists = way.shortlists.map((other, place) => (place < index ? Math.max(other, keep) : place > index ? Math.min(other, keep) : keep));
  return { ...way, shortlists };
}

export function withDim(way, index, dim) {
  return { ...way, dims: way.dims.map((other, place) => (place === index ? dim : other)) };
}

/** The dims a stage may take: those strictly between its neighbours'. */
export function choices(way, index, stops) {
  const above = index ? way.dims[index - 1] : 0;
  const below = way.dims[index + 1] ?? Infinity;
  return [...new Set([...stops, way.dims[index]])].filter((dim) => dim > above && dim < below).sort((a, b) => a - b);
}

export function without(way, index) {
  const gone = Math.min(index, way.shortlists.length - 1);
  const others = (list, place) => list.filter((_, at) => at !== place);
  return { ...way, dims: others(way.dims, index), shortlists: others(way.shortlists, gone) };
}

/** One stage more, in the widest gap between dims (the one before the first dim counts from 8); null where none fits. */
export function withOneMore(way, known) {
  const { dims, shortlists, k } = way;
  if (dims.length >= known.most_stages) return null;
  let best = null;
  dims.forEach((dim, index) => {
    const from = index ? dims[index - 1] : Math.min(7, dim);
    const between = (list) => list.filter((stop) => stop > from && stop < dim);
    const fitting = between(known.nested_dims).length ? between(known.nested_dims) : between(known.stops);
    if (!fitting.length || (best && dim / from <= best.ratio)) return;
    const middle = Math.sqrt(from * dim);
    const away = (stop) => Math.abs(Math.log(stop / middle));
    best = { index, ratio: dim / from, dim: fitting.reduce((one, other) => (away(other) < away(one) ? other : one)) };
  });
  if (!best) return null;
  const { index, dim } = best;
  const later = index < shortlists.length ? shortlists[index] : k;
  const earlier = index ? shortlists[index - 1] : Math.min(known.count, Math.max(20 * k, 2 * later));
  const keep = Math.max(later, Math.min(earlier, index ? Math.round(Math.sqrt(earlier * later)) : earlier));
  return { ...way, dims: dims.toSpliced(index, 0, dim), shortlists: shortlists.toSpliced(index, 0, keep) };
}

/** What each stage looks at, keeps and costs, by arithmetic; what only a walk through the graph can tell is null. */
export function costs(way, known) {
  const n = known.count;
  const keeps = [...way.shortlists.map((keep) => Math.min(keep, n)), way.k];
  return way.dims.map((dim, index) => {
    const considered = index ? keeps[index - 1] : n;
    const stage = { considered, kept: keeps[index], adds: considered * dim, bytes: considered * (dim * known.row_itemsize + 4) };
    if (index) return stage;
    if (way.first_stage.kind === "hnsw") return { ...stage, adds: null, bytes: null };
    if (way.first_stage.kind === "signs") return { ...stage, adds: 0, bytes: n * Math.ceil(dim / 64) * 8 };
    return { ...stage, bytes: n * (4 * dim + 4) };
  });
}

export function same(way, other) {
  const { first_stage: a } = way, { first_stage: b } = other;
  return String(way.dims) === String(other.dims) && String(way.shortlists) === String(other.shortlists)
    && a.kind === b.kind && a.ef === b.ef && (a.kind !== "hnsw" || a.dtype === b.dtype);
}

/** Such as "16 → (200) → 64 → (50) → 512". */
export function said(way) {
  return way.dims.map((dim, index) => (index ? `(${way.shortlists[index - 1]}) → ${dim}` : String(dim))).join(" → ");
}

export function firstSaid({ kind, dtype, ef }) {
  if (kind === "hnsw") return `an HNSW graph in ${dtype}${ef ? `, looking for ${ef} at least` : ""}`;
  return kind === "signs" ? `sign bits${ef ? `, looking at the ${ef} nearest` : ""}` : "an exact first stage";
}
