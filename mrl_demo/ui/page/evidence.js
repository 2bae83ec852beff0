// The evidence: one report at a time, ours at the left, the published figures at the right, how it was made below.
// Knows panels (`{title, columns, rows, over_dims, unit, fraction}`); nothing of the files they come from.

import { Chart } from "./charts.js";
import { make, say } from "./dom.js";
import { Table } from "./table.js";

const MADE = { source: "Source", command: "Command", commit: "Commit", date: "Date", hardware: "Hardware", trained: "Trained", data: "Data", seed: "Seed" };
const TOPS = [0.1, 0.2, 0.4, 0.6, 0.8, 1]; // of charts of shares
const CURVES = 8; // more cannot be told apart; the table has them all
const WIDE = 6; // a table of more columns takes the whole width

export function mount(element, props, server) {
  const root = element.querySelector(".mrl-evidence");
  if (root.dataset.mounted) return;
  root.dataset.mounted = "yes";
  new EvidenceTab(root, server).load();
}

class EvidenceTab {
  constructor(root, server) {
    Object.assign(this, { root, server, asking: 0 });
    this.find = (selector) => root.querySelector(selector);
    this.message = this.find(".mrl-message");
    this.select = this.find("#mrl-panel");
    this.again = this.find("[data-again]");
    this.again.addEventListener("click", () => this.load());
    this.select.addEventListener("change", () => this.panel(Number(this.select.value)));
  }

  async load() {
    this.again.hidden = true;
    say(this.message, "Reading the results …");
    this.message.dataset.tone = "";
    const reply = await this.ask(() => this.server.all_reports({}));
    this.again.hidden = Boolean(reply);
    if (!reply) return;
    if (!reply.reports.length) {
      say(this.message, "Nothing was measured yet: python -m mrl_demo evaluate does.");
      return;
    }
    this.buttons = reply.reports.map(({ name, title }) => make("button", { type: "button", "aria-pressed": "false", "data-report": name, text: title, onclick: () => this.report(name) }));
    this.find(".mrl-reports").append(...this.buttons);
    await this.report(reply.reports[0].name);
  }

  /** What the server says, or nothing when it said why not. */
  async ask(question) {
    const turn = ++this.asking;
    this.root.setAttribute("aria-busy", "true");
    const reply = (await question().catch(() => null)) ?? { error: "The server did not answer; try again in a moment." };
    if (turn !== this.asking) return null; // a later question took over
    this.root.setAttribute("aria-busy", "false");
    say(this.message, reply.error ?? "");
    this.message.dataset.tone = reply.error ? "bad" : "";
    return reply.error ? null : reply;
  }

  async report(name) {
    const reply = await this.ask(() => this.server.one_report({ name }));
    if (!reply) return;
    this.shown = reply;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.report === name));
    this.find(".mrl-report").hidden = false;
    say(this.find("#mrl-report-title"), reply.title);
    say(this.find(".mrl-report-note"), reply.note && `${reply.note[0].toUpperCase()}${reply.note.slice(1)}`);
    this.select.replaceChildren(...reply.panels.map((panel, index) => make("option", { value: index, text: panel.title })));
    this.find(".mrl-shown").hidden = reply.panels.length < 2;
    const made = this.find(".mrl-made");
    made.replaceChildren();
    for (const [key, text] of Object.entries(reply.made)) {
      made.append(make("div", {}, make("dt", { text: MADE[key] ?? key }), make("dd", { text })));
    }
    this.panel(0);
  }

  panel(index) {
    const panel = this.shown.panels[index];
    this.select.value = String(index);
    const beside = this.find(".mrl-beside");
    beside.replaceChildren();
    this.charts = [];
    const ours = this.shown.name !== "paper";
    this.draw(beside, panel, ours ? "Measured here" : "Published", this.shown.made, ours);
    for (const id of panel.beside) this.draw(beside, this.shown.published[id], "Published", { source: this.shown.published[id].source }, false);
    const alone = beside.children.length === 1, wide = panel.columns.length > WIDE;
    beside.classList.toggle("mrl-alone", alone && !wide);
    beside.classList.toggle("mrl-stacked", wide && (alone || !panel.over_dims));
    if (this.charts.length) this.look(Math.min(...this.charts[0].dims));
  }

  draw(beside, panel, whose, made, ours) {
    const heading = make("h3", {}, panel.title, make("small", { text: whose }));
    const section = make("section", { class: ours ? "mrl-ours" : "mrl-theirs", "aria-label": `${whose}: ${panel.title}` }, heading);
    if (panel.note) section.append(make("p", { text: panel.note }));
    beside.append(section);
    if (panel.over_dims) this.chart(section, panel);
    const details = make("details", { open: "" }, make("summary", { text: "Table" }));
    section.append(details);
    const name = `${this.shown.name}-${panel.title}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    const unit = panel.unit ? ` (${panel.unit})` : "";
    const columns = panel.over_dims ? [panel.columns[0], ...panel.columns.slice(1).map((text) => text + unit)] : panel.columns;
    new Table(details, name, () => ({ columns, rows: panel.rows, about: { title: panel.title, ...made }, digits: panel.fraction ? 3 : panel.unit === "%" ? 2 : undefined })).draw();
    if (!ours && panel.source) section.append(make("p", { class: "mrl-source", text: panel.source }));
  }

  /** Curves over dims; pointing at a dim in one reads the same dim in the other. */
  chart(section, panel) {
    const dims = panel.rows.map((row) => row[0]);
    const most = Math.max(...dims), least = Math.min(...dims);
    const known = { first_dim: least < most ? least : 1, full_dim: most, nested_dims: dims.filter((dim) => Number.isInteger(Math.log2(dim)) || dim === most) };
    const names = panel.columns.slice(1);
    const series = names.slice(0, CURVES).map((name, column) => ({
      name, points: panel.rows.filter((row) => row[column + 1] !== null && row[column + 1] !== undefined).map((row) => [row[0], row[column + 1]]),
    }));
    const values = series.flatMap((curve) => curve.points.map((point) => point[1]));
    // Shares begin at nothing and end where the data does: beside 100 %, what differs below 40 could not be seen.
    const whole = panel.fraction ? 1 : panel.unit === "%" ? 100 : 0;
    const range = whole ? [0, TOPS.map((part) => part * whole).find((top) => top >= Math.max(...values)) ?? whole] : null;
    const log = !range && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 50;
    const digits = panel.fraction ? 3 : panel.unit === "B" ? 0 : 2;
    const note = names.length > CURVES ? `The first ${CURVES} of ${names.length} columns; the table has all.` : "";
    const chart = new Chart(section, { id: panel.id, title: panel.title, note, unit: panel.unit === "%" ? "" : panel.unit, digits, log, range, series }, known, (dim) => this.look(dim));
    chart.details.remove(); // the table below holds more
    chart.draw([], "");
    this.charts.push({ chart, dims });
  }

  look(dim) {
    for (const { chart, dims } of this.charts) {
      const away = (each) => Math.abs(Math.log2(each) - Math.log2(dim));
      chart.at(dims.reduce((best, each) => (away(each) < away(best) ? each : best)));
    }
  }
}
