// From what was entered to the body that creates a lead form. Nothing here touches the page.

/** @typedef {{type: string, label: string, choices: string}} Question  one choice a line */
/**
 * What the form gives; texts are empty when nothing was entered.
 * @typedef {{pageId: string, name: string, language: string, intro: string[], introTitle: string,
 *            introContent: string, questions: Question[], privacyPolicyUrl: string,
 *            privacyPolicyName: string, thankTitle: string, thankBody: string, buttonText: string,
 *            buttonType: string, websiteUrl: string, countryCode: string,
 *            businessPhoneNumber: string}} Entered
 */

const MOST_OF_A_KEY = 60;

/**
 * Whether a field applies to what is entered. A field that is not here always does.
 * @param {string} name
 * @param {Entered} entered
 */
export function applies(name, { intro, buttonType }) {
  if (name === "introTitle" || name === "introContent") return intro.length > 0;
  if (name === "websiteUrl") return buttonType === "VIEW_WEBSITE";
  const calls = name === "countryCode" || name === "businessPhoneNumber";
  return !calls || buttonType !== "VIEW_WEBSITE";
}

/**
 * @param {Entered} entered
 * @returns {Record<string, unknown>}
 */
export function bodyOf(entered) {
  const { pageId, name, language, questions, privacyPolicyUrl, privacyPolicyName } = entered;
  return {
    pageId,
    name,
    language,
    questions: questions.map(question),
    privacyPolicyUrl,
    privacyPolicyName,
    thankYouPage: thankYou(entered),
    ...(applies("introTitle", entered) && {
      introPage: {
        title: entered.introTitle,
        style: "LIST_STYLE",
        content: lines(entered.introContent),
      },
    }),
  };
}

/** @param {Entered} entered */
function thankYou(entered) {
  const { thankTitle: title, thankBody: body, buttonText, buttonType } = entered;
  const page = { title, body, buttonText, buttonType };
  if (applies("websiteUrl", entered)) return { ...page, websiteUrl: entered.websiteUrl };
  const { countryCode, businessPhoneNumber } = entered;
  return { ...page, countryCode: countryCode.toUpperCase(), businessPhoneNumber };
}

/** @param {Question} question */
function question({ type, label, choices }) {
  const values = type === "CUSTOM" ? lines(choices) : [];
  if (!values.length) return { type, label };
  return { type, label, options: values.map((value, n) => ({ value, key: keyOf(value, n) })) };
}

/**
 * What the platform names a choice by; the place in it keeps equal ones apart.
 * @param {string} value
 * @param {number} n
 */
function keyOf(value, n) {
  const plain = value.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "_");
  const word = plain.replace(/^_+|_+$/g, "").toLowerCase().slice(0, MOST_OF_A_KEY);
  return word ? `${word}_${n + 1}` : `choice_${n + 1}`;
}

/** @param {string} text */
function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}
