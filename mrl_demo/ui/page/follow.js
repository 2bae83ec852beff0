// Opens the tab that was looked at where one came from: the page of another encoder. Knows Gradio's tabs by their roles, and
// the menu in which it puts those that a narrow screen has no room for.

import { followed } from "./along.js";

const PATIENCE_MS = 5000, AGAIN_MS = 50;

export function toTab() {
  const name = followed("tab");
  const until = performance.now() + PATIENCE_MS;
  const look = () => {
    const tab = [...document.querySelectorAll('#tabs [role="tab"], #tabs .overflow-dropdown button')].find((one) => one.textContent.trim() === name);
    if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
    else if (!tab && performance.now() < until) setTimeout(look, AGAIN_MS);
  };
  if (name) look();
}
