// Which campaigns of the account are looked at: by text, by status, by objective.

import { html } from "../../elements.js";
import { go, oneOf, settle } from "../../place.js";
import { worded } from "../../words.js";

/** @typedef {import("../../gateway/campaigns.js").CampaignInFull} Campaign */
/** @typedef {{text: string, status: string, objective: string}} Chosen  empty: any */

const STATUSES = ["", "ACTIVE", "PAUSED"];
const OBJECTIVES = [
  "",
  "OUTCOME_TRAFFIC",
  "OUTCOME_SALES",
  "OUTCOME_LEADS",
  "OUTCOME_AWARENESS",
  "OUTCOME_ENGAGEMENT",
];

/** @param {(chosen: Chosen) => void} changed when text was typed; the rest comes with the place */
export function createFilters(changed) {
  const text = html("input", { type: "search", name: "text", autocomplete: "off", maxlength: 200 });
  const status = select("status", STATUSES, "Any status");
  const objective = select("objective", OBJECTIVES, "Any objective");
  const clear = html("button", { type: "button", class: "plain" }, "Clear filters");
  const element = html(
    "form",
    { class: "line filters", role: "search", "aria-label": "Filter campaigns" },
    html("label", {}, "Name or id", text),
    html("label", {}, "Status", status),
    html("label", {}, "Objective", objective),
    clear,
  );

  element.addEventListener("submit", (event) => event.preventDefault());
  text.addEventListener("input", () => {
    settle({ filters: { text: text.value } }); // no step of “back” for every letter
    changed(chosen());
    showClear();
  });
  for (const list of [status, objective])
    list.addEventListener("change", () => go({ filters: { [list.name]: list.value } }));
  clear.addEventListener("click", () => {
    go({ filters: { text: "", status: "", objective: "" } });
    text.focus(); // the button goes
  });

  /** @returns {Chosen} */
  function chosen() {
    return { text: text.value.trim(), status: status.value, objective: objective.value };
  }

  function showClear() {
    clear.hidden = !Object.values(chosen()).some(Boolean);
  }

  /**
   * What the address chooses.
   * @param {Record<string, string>} filters
   * @returns {Chosen}
   */
  function show(filters) {
    const typed = filters.text ?? "";
    if (typed !== text.value) text.value = typed; // otherwise the cursor would jump
    status.value = oneOf(STATUSES, filters.status);
    objective.value = oneOf(OBJECTIVES, filters.objective);
    showClear();
    return chosen();
  }

  return { element, show };
}

/**
 * @param {Campaign} campaign
 * @param {Chosen} chosen
 */
export function fits(campaign, { text, status, objective }) {
  const sought = text.toLocaleLowerCase();
  return (
    [campaign.name, campaign.id].some((one) => one?.toLocaleLowerCase().includes(sought)) &&
    (status === "" || campaign.status === status) &&
    (objective === "" || campaign.objective === objective)
  );
}

/**
 * @param {string} name
 * @param {readonly string[]} values
 * @param {string} any
 */
function select(name, values, any) {
  const listed = values.map((value) => html("option", { value }, worded(value) || any));
  return html("select", { name }, ...listed);
}
