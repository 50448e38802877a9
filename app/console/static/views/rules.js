// How texts must be written that several forms ask for, and the words for when they are not.

/** @typedef {import("../fields.js").Rule} Rule */

/** @type {Rule} */
export const ID = {
  pattern: "[A-Za-z0-9_\\-]{1,128}",
  words: "An id has only letters, digits, - and _.",
};
/** @type {Rule} */
export const IDS = {
  pattern: "[A-Za-z0-9_\\-]{1,128}([ ,]+[A-Za-z0-9_\\-]{1,128})*",
  words: "Write ids with commas between them. They have only letters, digits, - and _.",
};
/** @type {Rule} */
export const ADDRESS = {
  pattern: "https?://\\S+",
  words: "Write the whole address, from https:// on.",
};
/** @type {Rule} */
export const SECURE_ADDRESS = {
  pattern: "https://\\S+",
  words: "Write the whole address. It must begin with https://.",
};
/** @type {Rule} */
export const COUNTRY = {
  pattern: "[A-Za-z]{2}",
  words: "Write the country’s two letters, e.g. DE.",
};
/** @type {Rule} */
export const TELEPHONE = {
  pattern: "\\+?[0-9 \\(\\)\\-]{3,30}",
  words: "Write the number with digits and spaces, e.g. +49 30 123456.",
};
