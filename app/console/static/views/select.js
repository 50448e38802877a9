// A list to choose from whose choice stands in the address.

import { html } from "../elements.js";
import { go } from "../place.js";

/**
 * @param {string} name the filter in the address
 * @param {string} label
 * @param {Record<string, string>} options by their values, what they are called
 */
export function createSelect(name, label, options) {
  const choices = Object.entries(options).map(([value, words]) => html("option", { value }, words));
  const select = html("select", { name }, ...choices);
  select.addEventListener("change", () => go({ filters: { [name]: select.value } }));
  return { select, element: html("label", {}, label, select) };
}
