// The page's address holds what is asked and how, so that a link or the Back button restores it.
// Knows parameters; an uploaded picture is not among them: `asked` says which of the earlier searches it was.

import { followed } from "./along.js";

const OURS = ["q", "item", "weight", "dim", "mode", "first", "k", "view", "cut"];
const FILTER = "f.";
export const VIEWS = ["two", "dims"]; // the first is the usual one

let before = followed("asked"); // of the page one came from

/** Which of the earlier searches this step of the browser's history showed, where that was an upload; see Past. */
export const asked = () => history.state?.asked ?? before;

/** What the address asks for: `{change, view, cut}` as SearchTab.ask takes it, or null when it says nothing. */
export function read(known) {
  const given = new URLSearchParams(location.search);
  const where = {};
  for (const [name, value] of given) if (name.startsWith(FILTER)) where[name.slice(FILTER.length)] = value;
  if (!OURS.some((name) => given.has(name)) && !Object.keys(where).length) return null;
  const change = { where };
  const query = queryOf(given, known);
  if (query) change.query = query;
  for (const [name, setting] of [["dim", "dim"], ["mode", "mode"], ["first", "first_stage"], ["k", "k"]]) {
    if (given.has(name)) change[setting] = given.get(name);
  }
  return { change, view: VIEWS.find((view) => view === given.get("view")) ?? VIEWS[0], cut: given.get("cut") !== "off" };
}

function queryOf(given, known) {
  const text = given.get("q");
  const picture = given.has("item") ? { kind: "item", key: Number(given.get("item")) } : null;
  if (text && picture) return { kind: "mixed", text, picture, weight: Number(given.get("weight") ?? 0.5) };
  if (picture) return picture;
  if (!text) return null;
  const index = known.examples.indexOf(text);
  return index < 0 ? { kind: "text", text } : { kind: "example", index }; // an example needs no encoder
}

/** Write what is shown into the address; `push` makes it a step that Back returns from. */
export function write({ query, mode, first_stage, k, where, dim, view, cut, known, asked: identity }, push) {
  const given = new URLSearchParams(location.search);
  for (const name of [...given.keys()]) if (OURS.includes(name) || name.startsWith(FILTER)) given.delete(name);
  const words = query.kind === "example" ? known.examples[query.index] : query.text;
  const picture = query.kind === "mixed" ? query.picture : query;
  if (words) given.set("q", words);
  if (picture.kind === "item") given.set("item", picture.key);
  if (query.kind === "mixed" && picture.kind === "item") given.set("weight", query.weight);
  given.set("dim", dim);
  given.set("mode", mode);
  given.set("first", first_stage);
  given.set("k", k);
  for (const [column, value] of Object.entries(where)) given.set(FILTER + column, value);
  if (view !== VIEWS[0]) given.set("view", view);
  if (!cut) given.set("cut", "off");
  const address = `${location.pathname}?${given}${location.hash}`;
  if (address !== location.pathname + location.search + location.hash || identity !== history.state?.asked) {
    history[push ? "pushState" : "replaceState"]({ ...history.state, asked: identity }, "", address);
    before = undefined;
  }
}
