// Filters by attribute: one menu a column, in a panel that opens below the query.
// Hands `{column: value}` to `onchange`; what it leaves, the server finds out.

import { make, say } from "./dom.js";

export class Filters {
  constructor(root, known, onchange) {
    this.columns = known.filters;
    this.panel = root.querySelector("#mrl-filters");
    this.button = root.querySelector('[data-opens="filters"]');
    this.button.hidden = !this.columns.length;
    this.menus = this.columns.map(({ column, label, values }) => {
      const menu = make("select", { onchange: () => onchange(this.chosen()) }, make("option", { value: "", text: `any ${label}` }));
      values.forEach(([value, count], index) => menu.append(make("option", { value: String(index), text: `${value === "" ? "none" : value} (${count})` })));
      this.panel.append(make("label", {}, make("span", { text: label }), menu));
      return { column, menu, values };
    });
    this.panel.append(make("button", { type: "button", text: "Take all off", onclick: () => onchange({}) }));
  }

  chosen() {
    const where = {};
    for (const { column, menu, values } of this.menus) if (menu.value !== "") where[column] = values[Number(menu.value)][0];
    return where;
  }

  /** Show which filters are in force. */
  show(where) {
    for (const { column, menu, values } of this.menus) {
      const index = values.findIndex(([value]) => column in where && String(value) === String(where[column]));
      menu.value = index < 0 ? "" : String(index);
    }
    const number = Object.keys(where).length;
    say(this.button, number ? `Filter: ${number} on` : "Filter");
    this.button.classList.toggle("mrl-on", number > 0);
  }
}

/** Such as "colour red, category mug". */
export function filterSaid(where) {
  return Object.entries(where).map(([column, value]) => `${column.replaceAll("_", " ")} ${value === "" ? "none" : value}`).join(", ");
}
