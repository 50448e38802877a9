// The lead forms of an ad account's pages.

import { path, send } from "../http.js";
import { all } from "./lists.js";

/**
 * @template T
 * @typedef {import("../http.js").Answer<T>} Answer
 */

/** @typedef {import("./campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {{id: string | null, name: string | null}} LeadForm */

/**
 * @param {AccountOfTeam} account
 * @param {string} pageId empty: of every page
 * @returns {Promise<Answer<LeadForm[]>>}
 */
export const listLeadForms = ({ teamId, adAccountId }, pageId) =>
  all(path`/teams/${teamId}/meta/lead-forms`, { adAccountId, pageId: pageId || null });

/**
 * @param {AccountOfTeam} account
 * @param {object} body
 * @param {string} key
 * @returns {Promise<Answer<{id: string | null}>>}
 */
export const createLeadForm = ({ teamId, adAccountId }, body, key) =>
  send("POST", path`/teams/${teamId}/meta/lead-forms`, { query: { adAccountId }, body, key });
