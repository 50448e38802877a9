// Workspace, team and ad account: what there is to choose from, and what is chosen.

import { listTeamConnections } from "./gateway/connections.js";
import { getTeam } from "./gateway/teams.js";
import { getWorkspace, listWorkspaceTeams } from "./gateway/workspaces.js";
import { Problem } from "./http.js";

/** @typedef {import("./gateway/workspaces.js").Workspace} Workspace */
/** @typedef {import("./gateway/workspaces.js").ListedTeam} ListedTeam */
/** @typedef {import("./gateway/teams.js").Team} Team */
/** @typedef {import("./gateway/connections.js").AdAccount} AdAccount */
/** @typedef {import("./gateway/connections.js").Connection} Connection */
/** @typedef {{id: string, name: string}} Choice */
/**
 * `enterprise` is empty when none is known; `workspace` null when it is absent, or not for this
 * reader; `team` and `account` null when there is none to choose.
 * @typedef {{enterprise: string, workspaces: Choice[], workspace: Workspace | null,
 *            teams: ListedTeam[], team: Team | null, connections: Connection[],
 *            accounts: Choice[], account: Choice | null}} Scope
 */

const NAMED_AT_ONCE = 8;
/** @type {Scope} */
const NOTHING = {
  enterprise: "",
  workspaces: [],
  workspace: null,
  teams: [],
  team: null,
  connections: [],
  accounts: [],
  account: null,
};

/** What was asked is remembered until `forget`. */
export function createScopes() {
  /** @type {Map<string, Promise<any>>} */
  const asked = new Map();

  /**
   * What is at that place; where the reader has not chosen, the first that makes sense.
   * @param {string[]} enterprises
   * @param {import("./place.js").Place} place
   * @returns {Promise<Scope>}
   */
  async function load(enterprises, place) {
    const known = enterprises.length ? enterprises : [place.workspace].filter(Boolean);
    const enterprise = known.includes(place.workspace) ? place.workspace : known[0];
    if (!enterprise) return NOTHING;
    const [workspaces, workspace] = await Promise.all([named(known), workspaceOf(enterprise)]);
    const above = { ...NOTHING, enterprise, workspaces, workspace };
    return workspace ? { ...above, ...(await belowWorkspace(enterprise, place)) } : above;
  }

  /**
   * @param {string} enterprise
   * @param {import("./place.js").Place} place
   * @returns {Promise<Partial<Scope>>}
   */
  async function belowWorkspace(enterprise, place) {
    /** @type {ListedTeam[]} */
    const teams = await once(`teams ${enterprise}`, () => listWorkspaceTeams(enterprise));
    // The default team comes with the workspace; the work is in the others.
    const usual = teams.find((one) => !one.isDefault) ?? teams[0];
    const chosen = teams.find(({ id }) => id === place.team) ?? usual;
    if (!chosen) return { teams };
    const [team, connections] = await Promise.all([
      once(`team ${chosen.id}`, () => getTeam(chosen.id)),
      once(`connections ${chosen.id}`, () => listTeamConnections(chosen.id)),
    ]);
    const accounts = accountsOf(connections);
    const account = accounts.find(({ id }) => id === place.account) ?? accounts[0] ?? null;
    return { teams, team, connections, accounts, account };
  }

  /**
   * The first few workspaces by name, the others by their id.
   * @param {string[]} known
   * @returns {Promise<Choice[]>}
   */
  async function named(known) {
    const choices = known.map(async (id, n) => {
      const workspace = n < NAMED_AT_ONCE ? await workspaceOf(id).catch(() => null) : null;
      return { id, name: workspace?.name ?? id };
    });
    return Promise.all(choices);
  }

  /**
   * @param {string} enterprise
   * @returns {Promise<Workspace | null>} null for what is absent, or not for this reader
   */
  function workspaceOf(enterprise) {
    return once(`workspace ${enterprise}`, () => getWorkspace(enterprise).catch(absent));
  }

  /**
   * A failure is not remembered.
   * @param {string} key
   * @param {() => Promise<{data: any}>} ask
   * @returns {Promise<any>}
   */
  function once(key, ask) {
    const running = asked.get(key) ?? ask().then(({ data }) => data);
    asked.set(key, running);
    running.catch(() => asked.delete(key));
    return running;
  }

  return { load, forget: () => asked.clear() };
}

/** @param {unknown} error */
function absent(error) {
  if (error instanceof Problem && error.status === 404) return { data: null };
  throw error;
}

/**
 * Each ad account once, though several connections may bring it.
 * @param {Connection[]} connections
 * @returns {Choice[]}
 */
function accountsOf(connections) {
  const ofMeta = connections.filter(({ platform }) => platform.toLowerCase() === "meta");
  const found = ofMeta.flatMap((one) => one.adAccounts);
  return [...new Map(found.map(({ adAccountId, name }) => [adAccountId, name ?? adAccountId]))].map(
    ([id, name]) => ({ id, name }),
  );
}
