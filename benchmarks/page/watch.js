// What a visitor sees, timed in the page itself: from a press to the end of the frame that shows its outcome.
// A task queued from requestAnimationFrame runs after that frame is drawn. Fills window.measured; changes nothing.

(() => {
  const root = document.querySelector(".mrl-search");
  const measured = (window.measured = { steps: [], answers: [], shifts: [] });

  function whenDrawn(then) {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = then;
      channel.port2.postMessage(0);
    });
  }

  root.querySelector("#mrl-dim-range").addEventListener("input", (event) => {
    whenDrawn(() => measured.steps.push(performance.now() - event.timeStamp));
  });

  // A search begins with Enter, an example or a chosen file. It ends when every picture of both grids is drawn.
  let began = null;
  const begin = (event) => { began = event.timeStamp; };
  root.querySelector("#mrl-text").addEventListener("keydown", (event) => event.key === "Enter" && begin(event), true);
  root.querySelector(".mrl-examples").addEventListener("click", begin, true);
  root.querySelector('input[type="file"]').addEventListener("change", begin, true);
  new MutationObserver(() => {
    if (began === null || root.getAttribute("aria-busy") === "true") return;
    const started = began;
    began = null;
    const answered = performance.now() - started;
    const missing = [...root.querySelectorAll(".mrl-tiles img")].filter((img) => !img.complete);
    const loaded = missing.map((img) => new Promise((done) => {
      for (const end of ["load", "error"]) img.addEventListener(end, done, { once: true });
    }));
    Promise.all(loaded).then(() => whenDrawn(() => measured.answers.push({
      answered,
      drawn: performance.now() - started,
      broken: [...root.querySelectorAll(".mrl-tiles img")].filter((img) => !img.naturalWidth).length,
      asked: root.querySelector("[data-asked]").textContent,
    })));
  }).observe(root, { attributes: true, attributeFilter: ["aria-busy"] });

  const named = (node) => (node ? node.nodeName.toLowerCase() + [...(node.classList ?? [])].map((name) => `.${name}`).join("") : "gone");

  // Every shift counts, also those that follow a key press, which the browser's own sum leaves out.
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const moved = sources.map(({ node, previousRect: from, currentRect: to }) => ({
        element: `${named(node?.parentElement)} > ${named(node)}`,
        right: to.x - from.x,
        down: to.y - from.y,
      }));
      measured.shifts.push({ value, moved });
    }
  }).observe({ type: "layout-shift", buffered: true });
})()
