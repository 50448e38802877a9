// What a new campaign chooses from the ad account: its Facebook pages, and the lead forms of one.

import { listLeadForms } from "../../gateway/lead_forms.js";
import { listMetaPages } from "../../gateway/meta.js";
import { Problem, isAborted } from "../../http.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../../fields.js").Option} Option */
/** @typedef {{offer: (options: readonly Option[]) => void,
 *             fault: (words: string) => void}} Select */
/** @typedef {{id: string | null, name: string | null}} Item */

/**
 * Fills a list with what the gateway answers; each answer belongs to what was asked for last. What
 * was chosen stays while the same is asked anew, and when that fails.
 * @param {Select} field
 */
export function createChoices(field) {
  let shown = "";
  let offered = "";

  /**
   * @param {string} key the same is not asked for again
   * @param {string} first what stands there as long as nothing is chosen
   * @param {() => Promise<{data: Item[]}>} ask
   * @returns {Promise<unknown>} the error, when there was one
   */
  async function load(key, first, ask) {
    if (key === shown) return null;
    shown = key;
    field.fault("");
    if (key !== offered) field.offer([none("Loading…")]);
    try {
      const { data } = await ask();
      if (key !== shown) return null;
      offered = key;
      const options = data.flatMap(asOption);
      field.offer([none(options.length ? first : "There are none"), ...options]);
      return null;
    } catch (error) {
      if (key !== shown) return null;
      shown = "";
      if (key !== offered) field.offer([none("Not available")]);
      if (!isAborted(error)) field.fault(failureWords(error));
      return error;
    }
  }

  /** @param {string} words */
  function empty(words) {
    shown = offered = "";
    field.offer([none(words)]);
  }

  return { load, empty, forget: () => void (shown = "") };
}

/**
 * The pages of an account.
 * @param {Select} field
 */
export function createPageChoices(field) {
  const choices = createChoices(field);
  return {
    forget: choices.forget,
    /** @param {AccountOfTeam} account */
    load: (account) =>
      choices.load(account.adAccountId, "Choose a page", () => listMetaPages(account)),
  };
}

/**
 * The lead forms of a page.
 * @param {Select} field
 */
export function createFormChoices(field) {
  const choices = createChoices(field);
  return {
    forget: choices.forget,
    /**
     * @param {AccountOfTeam} account
     * @param {string} pageId
     */
    async load(account, pageId) {
      if (!pageId) return choices.empty("Choose the Facebook page first");
      const key = `${account.adAccountId} ${pageId}`;
      await choices.load(key, "Choose a form", () => listLeadForms(account, pageId));
    },
  };
}

/**
 * What has no id cannot be chosen.
 * @param {Item} item
 */
function asOption({ id, name }) {
  return id ? [{ value: id, words: name ?? id }] : [];
}

/** @param {string} words */
function none(words) {
  return { value: "", words };
}

/** @param {unknown} error */
function failureWords(error) {
  const title = error instanceof Problem ? error.title : "Something went wrong";
  return `This list could not be loaded: ${title}. Refresh tries it again.`;
}
