// The fields of a new campaign about who sees it.

import { numberField, selectField, textField } from "../../fields.js";
import { IDS } from "../rules.js";
import { NARROWING } from "../targeting/audience.js";
import { targetingField } from "../targeting/field.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */

// Meta's numbers, as texts.
const ALL = "0";
const GENDERS = [
  { value: ALL, words: "Everybody" },
  { value: "1", words: "Men" },
  { value: "2", words: "Women" },
];

/** @param {() => AccountOfTeam | null} account */
export function createAudience(account) {
  return {
    places: targetingField({
      name: "places",
      pointer: "/body/targeting/geoLocations",
      label: "Where people are",
      search: "Find a country, region or city",
      types: ["location"],
      required: true,
      account,
    }),
    excluded: targetingField({
      name: "excluded",
      pointer: "/body/targeting/excludedGeoLocations",
      label: "But not in",
      search: "Find a place to leave out",
      empty: "No place is left out.",
      types: ["location"],
      account,
    }),
    ageMin: ageField("ageMin", "From age"),
    ageMax: ageField("ageMax", "To age"),
    genders: selectField({
      name: "genders",
      pointer: "/body/targeting/genders",
      label: "Gender",
      options: GENDERS,
      required: true,
    }),
    narrowing: targetingField({
      name: "narrowing",
      pointer: "/body/targeting",
      label: "Only people with",
      search: "Find interests and more",
      types: NARROWING,
      most: { familyStatus: 1 },
      account,
    }),
    audienceId: textField({
      name: "audienceId",
      label: "Audiences",
      hint: "Ids of saved or custom audiences, with commas between them.",
      rule: IDS,
    }),
  };
}

/**
 * @param {string} name
 * @param {string} label
 */
function ageField(name, label) {
  return numberField({
    name,
    pointer: `/body/targeting/${name}`,
    label,
    hint: "13 to 65",
    min: 13,
    max: 65,
    step: 1,
  });
}
