// Reads a line chart out, point by point: under the pointer or a finger, and with the arrow keys.

import { html } from "../elements.js";

/** @typedef {{name: string, text: string}} Reading */

const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowUp", 1],
  ["ArrowLeft", -1],
  ["ArrowDown", -1],
  ["PageUp", 7],
  ["PageDown", -7],
  ["Home", -Infinity],
  ["End", Infinity],
]);

/**
 * @param {ReturnType<typeof import("./line.js").lineChart>} chart
 * @param {string} label
 * @param {Reading[]} readings one per point
 * @param {{at: number}} memory which point was read last, for the chart that is drawn next
 */
export function readable(chart, label, readings, memory) {
  const last = readings.length - 1;
  const out = html("p", { class: "read-out", "aria-hidden": "true" });
  const handle = html("div", {
    class: "reader",
    role: "slider",
    tabindex: 0,
    "aria-label": label,
    "aria-valuemin": 1,
    "aria-valuemax": readings.length,
  });
  let at = Math.min(memory.at, last);
  read(at);
  quiet();

  handle.addEventListener("pointermove", (event) => read(chart.nearest(event.offsetX)));
  handle.addEventListener("pointerdown", (event) => read(chart.nearest(event.offsetX)));
  handle.addEventListener("pointerleave", () => {
    if (!handle.matches(":focus-visible")) quiet();
  });
  handle.addEventListener("focus", () => read(at));
  handle.addEventListener("blur", quiet);
  handle.addEventListener("keydown", (event) => {
    const step = STEPS.get(event.key);
    if (step === undefined) return;
    event.preventDefault();
    read(Math.min(last, Math.max(0, at + step)));
  });

  /** @param {number} n */
  function read(n) {
    if (n < 0) return;
    at = memory.at = n;
    const { name, text } = readings[n];
    chart.mark(n);
    handle.setAttribute("aria-valuenow", String(n + 1));
    handle.setAttribute("aria-valuetext", `${name}: ${text}`);
    out.replaceChildren(html("strong", {}, text), ` ${name}`);
  }

  /** Nobody looks at a point. */
  function quiet() {
    chart.mark(null);
    out.replaceChildren("\u00a0");
  }

  return html("div", {}, out, html("div", { class: "plot" }, chart.element, handle));
}
