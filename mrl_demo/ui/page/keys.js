// The keyboard: "/" goes to the query, the arrows move the dim wherever nothing else wants them.

const TYPED = "input, textarea, select, [contenteditable], [role=tab], .mrl-scroll, .mrl-rows";

export function listen(root, { onslash, onstep }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!root.isConnected || root.offsetParent === null) return; // another tab is looked at
    if (event.target.closest?.(TYPED)) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "/") onslash();
    else if (step && !event.shiftKey) onstep(step);
    else return;
    event.preventDefault();
  });
}
