// What the campaign is for: one of five kinds, each with a sentence.

import { html } from "../../elements.js";
import { notesFor } from "../../fields.js";

/** @typedef {import("../../gateway/campaigns.js").Kind} Kind */

/** @type {readonly {value: Kind, words: string, about: string}[]} */
export const KINDS = [
  { value: "traffic", words: "Traffic", about: "Bring people to a site, an app or a chat" },
  { value: "sales", words: "Sales", about: "Find people who are likely to buy" },
  { value: "leads", words: "Leads", about: "Collect contacts with a lead form" },
  { value: "awareness", words: "Awareness", about: "Make something known to many" },
  { value: "engagement", words: "Engagement", about: "Get people to interact with a post" },
];

/**
 * One of a few, each with what it means.
 * @template {string} V
 * @param {{name: string, label: string, pointer?: string, hint?: string, class?: string,
 *          options: readonly {value: V, words: string, about?: string}[]}} given
 * @returns {import("../../fields.js").Field<V>}
 */
export function choiceField(given) {
  const { name, label, options, pointer = `/body/${name}` } = given;
  const { hint, fault, describedBy } = notesFor(given);
  const radios = options.map(({ value }, n) =>
    html("input", { type: "radio", name, value, checked: n === 0 }),
  );
  const cards = radios.map((radio, n) => {
    const about = options[n].about ?? "";
    const words = html("span", {}, options[n].words, html("span", { class: "quiet small" }, about));
    return html("label", { class: "choice" }, radio, words);
  });
  const element = html(
    "fieldset",
    { class: "field checks", "aria-describedby": describedBy },
    html("legend", {}, label),
    hint,
    html("div", { class: given.class ?? "choices" }, ...cards),
    fault,
  );
  const checked = () => radios.findIndex((radio) => radio.checked);
  return {
    name,
    pointer,
    element,
    value: () => options[Math.max(0, checked())].value,
    set: (wanted) => radios.forEach((radio) => void (radio.checked = radio.value === wanted)),
    check: () => "",
    fault(words) {
      fault.replaceChildren(words);
      fault.hidden = words === "";
    },
    focus: () => radios[Math.max(0, checked())].focus(),
  };
}
