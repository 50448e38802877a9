// The fields of a new campaign about what it is: kind, names, budget, dates, special subjects.

import { checkboxes, dateField, numberField, textField } from "../../fields.js";
import { targetingField } from "../targeting/field.js";
import { choiceField, KINDS } from "./kind.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */

const CATEGORIES = [
  { value: "EMPLOYMENT", words: "Employment" },
  { value: "HOUSING", words: "Housing" },
  { value: "CREDIT", words: "Credit" },
  { value: "FINANCIAL_PRODUCTS_SERVICES", words: "Financial products and services" },
  { value: "ISSUES_ELECTIONS_POLITICS", words: "Social issues, elections or politics" },
  { value: "ONLINE_GAMBLING_AND_GAMING", words: "Online gambling and gaming" },
];
const STATUSES = [
  { value: "PAUSED", words: "Paused", about: "Nothing is spent until somebody resumes it" },
  { value: "ACTIVE", words: "Running", about: "Delivers, and spends, as soon as Meta approves" },
];

/** @param {() => AccountOfTeam | null} account */
export function createBasics(account) {
  return {
    kind: choiceField({ name: "kind", label: "What is it for?", options: KINDS }),
    campaignName: textField({
      name: "campaignName",
      label: "Name of the campaign",
      required: true,
      maxlength: 200,
    }),
    adSetName: textField({
      name: "adSetName",
      label: "Name of the ad set",
      hint: "E.g. whom it is for. The ad set holds audience and ad.",
      required: true,
      maxlength: 200,
    }),
    budget: numberField({
      name: "budget",
      label: "Daily budget",
      hint: "In whole units of the account’s currency, e.g. 50 for 50.00.",
      required: true,
      min: 1,
      max: 1_000_000,
      step: 1,
    }),
    startDate: dateField({
      name: "startDate",
      label: "First day",
      hint: "Without one it can start at once.",
    }),
    endDate: dateField({
      name: "endDate",
      label: "Last day",
      hint: "Without one it goes on until it is paused.",
    }),
    status: choiceField({
      name: "status",
      label: "Once created it is",
      options: STATUSES,
      class: "choices pair",
    }),
    specialAdCategories: checkboxes({
      name: "specialAdCategories",
      label: "Is it about one of these?",
      hint: "Meta limits the targeting of ads on these subjects, and wants to know.",
      options: CATEGORIES,
    }),
    specialAdCountry: targetingField({
      name: "specialAdCountry",
      pointer: "/body/specialAdCountry",
      label: "Countries whose rules apply",
      search: "Find a country",
      types: ["location"],
      kind: "country",
      required: true,
      account,
    }),
  };
}
