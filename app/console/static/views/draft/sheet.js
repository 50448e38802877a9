// All fields of a new campaign, laid out in groups; those that do not apply just now are not there.

import { html } from "../../elements.js";
import { createAd } from "./ad.js";
import { createAudience } from "./audience.js";
import { createBasics } from "./basics.js";
import { createGoal } from "./goal.js";
import { applies, GOALS, LOCATIONS, NEEDS } from "./rules.js";

/** @typedef {import("./rules.js").Entered} Entered */
/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {ReturnType<typeof createBasics> & ReturnType<typeof createAudience>
 *            & ReturnType<typeof createAd> & ReturnType<typeof createGoal>} Fields */

/**
 * The sheet is one field of the form; its value is everything, its parts are what applies.
 * @param {() => AccountOfTeam | null} account
 */
export function createSheet(account) {
  const basics = createBasics(account);
  const audience = createAudience(account);
  const ad = createAd();
  const goal = createGoal();
  /** @type {Fields} */
  const fields = { ...basics, ...audience, ...ad, ...goal };
  const names = /** @type {(keyof Fields)[]} */ (Object.keys(fields));
  const element = html(
    "div",
    { class: "stack sheet" },
    group("The campaign", basics),
    group("Who sees it", audience),
    group("The ad", ad),
    group("What it is after", goal),
  );
  arrange();

  /** @returns {Entered} */
  function value() {
    const pairs = names.map((name) => [name, fields[name].value()]);
    return Object.fromEntries(pairs);
  }

  /** Shows what applies to what is entered now. */
  function arrange() {
    const { kind } = value();
    fields.optimizationGoal.offer(GOALS[kind]);
    fields.conversionLocation.offer(LOCATIONS[kind]);
    const entered = value();
    for (const name of names) fields[name].element.hidden = !applies(name, entered);
    fields.url.demand(NEEDS.url(entered));
    fields.pixelId.demand(NEEDS.pixelId(entered));
    fields.conversionEvent.demand(NEEDS.conversionEvent(entered));
  }

  function parts() {
    const entered = value();
    return names.filter((name) => applies(name, entered)).map((name) => fields[name]);
  }

  /** @type {import("../../fields.js").Field<Entered>} */
  const sheet = {
    name: "draft",
    pointer: "/", // nowhere: what belongs to no part is told above the form
    element,
    value,
    set: () => {},
    check: () => "",
    fault: () => {},
    focus: () => fields.campaignName.focus(),
    parts,
  };
  return { sheet, fields, arrange };
}

/**
 * @param {string} title
 * @param {Record<string, import("../../fields.js").Field<any>>} fields
 */
export function group(title, fields) {
  const id = `group-${Object.keys(fields)[0]}`;
  const elements = Object.values(fields).map((one) => one.element);
  return html(
    "section",
    { class: "card", "aria-labelledby": id },
    html("h2", { id }, title),
    html("div", { class: "fields" }, ...elements),
  );
}
