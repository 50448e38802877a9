// Where an answer came from and how old it is, in a few words.

import { html } from "./elements.js";

const MINUTE = 60;
const HOUR = 3600;

/**
 * @param {import("./http.js").Source} source
 * @returns {Node[]}
 */
export function sourceWords({ kind, age, milliseconds }) {
  const words = {
    cache: `Served from cache, ${ageWords(age)} old`,
    stale: `Served from cache, ${ageWords(age)} old, being refreshed`,
    platform: "Fresh from the ads platform",
    partial: "Fresh from the ads platform, without rows that could not be read",
    gateway: "From the gateway itself",
  }[kind];
  const duration = `${Math.max(1, Math.round(milliseconds))} ms`;
  return [
    html("span", { class: `dot ${kind}`, "aria-hidden": "true" }),
    html("span", {}, `${words} · ${duration}`),
  ];
}

/** @param {number} seconds */
export function ageWords(seconds) {
  if (seconds < 2 * MINUTE) return `${seconds} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  return `${Math.round(seconds / HOUR)} h`;
}
