/** What the sections of the page have in common: waiting, and what is said of a part. */

import { within } from "./elements.js";
import { noteOn, type Part } from "./words.js";

/** Says how the parts came about. A part that was not told yet is being waited for. */
export function mark(section: HTMLElement, parts: [string, Part | null | undefined][]): void {
  const waiting = parts.some(([, part]) => !part);
  if (waiting) section.setAttribute("aria-busy", "true");
  else section.removeAttribute("aria-busy");
  const notes = parts.map(([name, part]) => (part ? noteOn(name, part) : "")).filter(Boolean);
  const note = within(section, ".note", HTMLElement);
  note.hidden = notes.length === 0;
  note.replaceChildren(notes.join(" "));
}
