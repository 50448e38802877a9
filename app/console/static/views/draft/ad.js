// The fields of a new campaign about what its ad shows, in whose name, and where it leads.

import { selectField, textArea, textField } from "../../fields.js";
import { ADDRESS, ID, SECURE_ADDRESS } from "../rules.js";
import { choiceField } from "./kind.js";

const BUTTONS = [
  { value: "LEARN_MORE", words: "Learn more" },
  { value: "SHOP_NOW", words: "Shop now" },
  { value: "SIGN_UP", words: "Sign up" },
  { value: "SUBSCRIBE", words: "Subscribe" },
  { value: "GET_QUOTE", words: "Get quote" },
  { value: "APPLY_NOW", words: "Apply now" },
  { value: "DOWNLOAD", words: "Download" },
  { value: "BOOK_TRAVEL", words: "Book travel" },
];
const SHOWN = [
  { value: "image", words: "A picture" },
  { value: "video", words: "A video" },
];

export function createAd() {
  return {
    pageId: selectField({
      name: "pageId",
      label: "Facebook page",
      hint: "The ad appears in its name.",
      required: true,
      options: [{ value: "", words: "Choose a page" }],
    }),
    instagramActorId: textField({
      name: "instagramActorId",
      label: "Instagram account",
      hint: "Its id; without one the page speaks on Instagram too.",
      maxlength: 128,
      rule: ID,
    }),
    primaryText: textArea({
      ...below("primaryText"),
      label: "Text",
      required: true,
      rows: 3,
      maxlength: 5000,
    }),
    headline: textField({
      ...below("headline"),
      label: "Headline",
      required: true,
      maxlength: 255,
    }),
    description: textField({ ...below("description"), label: "Description", maxlength: 1000 }),
    callToAction: selectField({
      ...below("callToAction"),
      label: "Button",
      required: true,
      options: BUTTONS,
    }),
    url: textField({
      ...below("url"),
      label: "Where it leads",
      type: "url",
      placeholder: "https://",
      maxlength: 2000,
      rule: ADDRESS,
    }),
    shows: choiceField({ name: "shows", label: "It shows", options: SHOWN, class: "choices few" }),
    imageUrl: secure(
      "imageUrl",
      "Address of the picture",
      "Begins with https://. 1.91:1 looks best.",
    ),
    videoId: textField({
      ...below("videoId"),
      label: "Id of the video",
      hint: "As Meta’s media library names it.",
      required: true,
      maxlength: 128,
      rule: ID,
    }),
    thumbnailUrl: secure(
      "thumbnailUrl",
      "Address of its still picture",
      "Shown until the video plays. Begins with https://.",
    ),
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} hint
 */
function secure(name, label, hint) {
  const given = { ...below(name), label, hint, required: true, maxlength: 2000 };
  const address = { placeholder: "https://", rule: SECURE_ADDRESS };
  return textField({ ...given, ...address, type: "url" });
}

/** @param {string} name */
function below(name) {
  return { name, pointer: `/body/creatives/${name}` };
}
