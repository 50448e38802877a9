// The period: one of three usual ones, or two days of the reader's choice.

import { html } from "../elements.js";
import { lastDays, shifted, today } from "../period.js";
import { go } from "../place.js";

const LENGTHS = { 7: "7 days", 28: "28 days", 90: "90 days", custom: "Custom" };

export function createPeriodPicker() {
  const from = html("input", { type: "date", name: "from", required: true });
  const to = html("input", { type: "date", name: "to", required: true });
  const dates = html(
    "div",
    { class: "dates", hidden: true },
    html("label", {}, "From ", from),
    html("label", {}, "To ", to),
    html("button", { type: "submit" }, "Show"),
  );
  const form = html("form", { class: "period" }, segments(), dates);

  form.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.name !== "days") return;
    dates.hidden = event.target.value !== "custom";
    if (dates.hidden) go({ days: Number(event.target.value), from: "", to: "" });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go({ from: from.value, to: to.value });
  });
  for (const one of [from, to])
    one.addEventListener("input", () => to.setCustomValidity(order(from, to)));

  /** @param {import("../place.js").Place} place */
  function show(place) {
    const chosen = place.from ? "custom" : String(place.days);
    for (const input of form.querySelectorAll("input")) {
      if (input.name === "days") input.checked = input.value === chosen;
    }
    const period = place.from ? { startDate: place.from, endDate: place.to } : lastDays(place.days);
    dates.hidden = chosen !== "custom";
    from.value = period.startDate;
    to.value = period.endDate;
    // Somewhere it is tomorrow already, and the gateway allows for that.
    from.max = to.max = shifted(today(), 1);
  }

  return { element: form, show };
}

/**
 * @param {HTMLInputElement} from
 * @param {HTMLInputElement} to
 */
function order(from, to) {
  return from.value && to.value && from.value > to.value ? "The last day is before the first." : "";
}

function segments() {
  const radios = Object.entries(LENGTHS).map(([value, words]) =>
    html(
      "label",
      {},
      html("input", { type: "radio", name: "days", value }),
      html("span", {}, words),
    ),
  );
  const legend = html("legend", { class: "unseen" }, "Period");
  return html("fieldset", { class: "segments" }, legend, ...radios);
}
