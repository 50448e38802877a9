// What a page of the console is, and what it is given. A page is a module `pages/<name>.js` with a
// `create…Page()`, and an entry in `pages/list.js`; its styles are `styles/pages/<name>.css`.

import { html } from "../elements.js";

/** @typedef {import("../scope.js").Scope} Scope */
/** @typedef {import("../gateway/workspaces.js").Workspace} Workspace */
/** @typedef {import("../gateway/teams.js").Team} Team */
/** @typedef {import("../scope.js").Choice} Choice */

/**
 * What is surely there, by what a page needs.
 * @typedef {{user: Scope,
 *            workspace: Scope & {workspace: Workspace},
 *            team: Scope & {workspace: Workspace, team: Team},
 *            account: Scope & {workspace: Workspace, team: Team, account: Choice}}} Scopes
 */
/** @typedef {keyof Scopes} Need */

/**
 * `refused` takes over with words when the gateway says that what the page is about is not for
 * this reader (e.g. 403 on the ad account); `refresh` asks for the scope anew and shows the page
 * again; `signal` ends when the reader leaves the page, or signs out.
 * @template {Need} N
 * @typedef {{session: import("../gateway/session.js").Session, scope: Scopes[N],
 *            place: import("../place.js").Place, signal: AbortSignal,
 *            refused: (error: unknown, sentence?: string) => void,
 *            refresh: () => void}} Context
 */

/**
 * The frame writes the heading (`title`, and below it where the reader is), sets `controls` beside
 * it, and mounts `element` while the page is shown. `show` is called with every new place or scope
 * and finds out itself what that changes; it must not take the focus. `leave` ends what goes on,
 * e.g. a stream. `forget`: what was asked may be out of date, the next `show` asks again. `unsent`:
 * whether something was typed that would be lost with the page.
 * @template {Need} N
 * @typedef {{title: string, needs: N, element: HTMLElement, controls?: HTMLElement,
 *            subtitle?: (context: Context<N>) => string, show: (context: Context<N>) => void,
 *            leave?: () => void, forget?: () => void, unsent?: () => boolean}} PageOf
 */
/** @typedef {{[N in Need]: PageOf<N>}[Need]} Page */

const NO_TEAM = [
  "No team yet",
  "None of this workspace’s teams lists you. Ask an admin to add you.",
];
const NO_ACCOUNT = ["No ad account yet", "An admin of the team can connect Meta and bring one."];

/**
 * Why the page cannot be shown, null when it can.
 * @param {Page} page
 * @param {Scope} scope
 * @returns {Node[] | null}
 */
export function missingFor({ needs }, { workspace, team, account }) {
  if (needs === "user") return null;
  if (!workspace) return [];
  if (needs === "workspace") return null;
  if (!team) return sentences(NO_TEAM);
  return needs === "team" || account ? null : sentences(NO_ACCOUNT);
}

/** @param {string[]} words */
function sentences([title, words]) {
  return [html("h2", {}, title), html("p", {}, words)];
}

/**
 * Where the reader is, as far as it matters to the page.
 * @param {Page} page
 * @param {Scope} scope
 */
export function whereabouts({ needs }, { workspace, team, account }) {
  const parts = { user: [], workspace: [workspace], team: [team, workspace] };
  const named = needs === "account" ? [account, team, workspace] : parts[needs];
  return named.flatMap((one) => (one ? [one.name] : [])).join(" · ");
}
