// The fields of a new campaign about what it is after; which of them apply depends on its kind.

import { selectField, textField } from "../../fields.js";
import { ADDRESS, ID } from "../rules.js";

const EVENTS = [
  { value: "", words: "None" },
  { value: "PURCHASE", words: "Purchase" },
  { value: "ADD_TO_CART", words: "Added to the cart" },
  { value: "INITIATE_CHECKOUT", words: "Checkout begun" },
  { value: "SUBSCRIBE", words: "Subscription" },
  { value: "COMPLETE_REGISTRATION", words: "Registration" },
];
const ENGAGEMENTS = [
  { value: "", words: "Left to the platform" },
  { value: "POST_ENGAGEMENT", words: "Engagement with a post" },
];

export function createGoal() {
  return {
    leadFormId: selectField({
      name: "leadFormId",
      label: "Lead form",
      hint: "The forms of the chosen page.",
      required: true,
      options: [{ value: "", words: "Choose a form" }],
    }),
    engagementType: selectField({
      name: "engagementType",
      label: "Kind of engagement",
      options: ENGAGEMENTS,
    }),
    conversionLocation: selectField({
      name: "conversionLocation",
      label: "Where people are brought to",
      options: [],
    }),
    appId: id("appId", "Id of the app", "", true),
    objectStoreUrl: textField({
      name: "objectStoreUrl",
      label: "The app in its store",
      required: true,
      type: "url",
      placeholder: "https://",
      maxlength: 2000,
      rule: ADDRESS,
    }),
    optimizationGoal: selectField({
      name: "optimizationGoal",
      label: "Optimised for",
      options: [],
    }),
    pixelId: id("pixelId", "Pixel", "The id of the pixel that counts conversions."),
    conversionEvent: selectField({
      name: "conversionEvent",
      label: "What counts as a conversion",
      options: EVENTS,
    }),
    customConversionId: id("customConversionId", "Custom conversion", "Its id, if you made one."),
    catalogId: id("catalogId", "Catalogue", "The id of the catalogue that products come from."),
    productSetId: id("productSetId", "Product set", "The id of a part of the catalogue."),
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} hint
 * @param {boolean} [required]
 */
function id(name, label, hint, required) {
  return textField({ name, label, hint, required, maxlength: 128, rule: ID });
}
