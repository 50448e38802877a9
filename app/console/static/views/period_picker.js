// The period: one of three usual ones, or two days of the reader's choice.

import { byId } from "../elements.js";
import { lastDays, shifted, today } from "../period.js";
import { go } from "../place.js";

export function createPeriodPicker() {
  const form = byId("period", HTMLFormElement);
  const dates = byId("dates", HTMLElement);
  const from = field(form, "from");
  const to = field(form, "to");

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

  return { show };
}

/**
 * @param {HTMLInputElement} from
 * @param {HTMLInputElement} to
 */
function order(from, to) {
  return from.value && to.value && from.value > to.value ? "The last day is before the first." : "";
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function field(form, name) {
  const found = form.elements.namedItem(name);
  if (!(found instanceof HTMLInputElement)) throw new TypeError(`the form has no field ${name}`);
  return found;
}
