/** Workspace, team and ad account: what there is to choose from, and what is chosen. */

import { type BffClient, ProblemError } from "@ads-bff/client";

import type { Place } from "./place.js";

export type Choice = [id: string, name: string];

/** `workspace`, `team` and `account` are empty when there is none to choose. */
export interface Scope {
  workspaces: Choice[];
  teams: Choice[];
  accounts: Choice[];
  workspace: string;
  team: string;
  account: string;
}

/** What is at that place; where nothing, or something unknown, was chosen, the first there is. */
export async function scopeAt(
  client: BffClient,
  enterprises: readonly string[],
  place: Place,
): Promise<Scope> {
  const workspaces = await Promise.all(enterprises.map((id) => workspaceNamed(client, id)));
  const workspace = chosen(workspaces, place.workspace);
  const teams = workspace ? await teamsOf(client, workspace) : [];
  const team = chosen(teams, place.team);
  const accounts = team ? await accountsOf(client, team) : [];
  const account = chosen(accounts, place.account);
  return { workspaces, teams, accounts, workspace, team, account };
}

/** A workspace that does not exist yet, or is not for this reader, has no name to show. */
async function workspaceNamed(client: BffClient, enterpriseId: string): Promise<Choice> {
  try {
    const path = { enterpriseId };
    const { name } = await client.GET("/api/v1/workspaces/{enterpriseId}", { params: { path } });
    return [enterpriseId, name];
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not-found") {
      return [enterpriseId, enterpriseId];
    }
    throw error;
  }
}

/** The default team comes with the workspace; the work is in the others, so it is the last. */
async function teamsOf(client: BffClient, enterpriseId: string): Promise<Choice[]> {
  const path = { enterpriseId };
  try {
    const { items } = await client.GET("/api/v1/workspaces/{enterpriseId}/teams", {
      params: { path },
    });
    const ordered = [...items].sort((one, two) => Number(one.isDefault) - Number(two.isDefault));
    return ordered.map(({ id, name }) => [id, name]);
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not-found") return [];
    throw error;
  }
}

/** Each ad account once, though several connections may bring it. */
async function accountsOf(client: BffClient, teamId: string): Promise<Choice[]> {
  const { items } = await client.GET("/api/v1/teams/{teamId}/connections", {
    params: { path: { teamId } },
  });
  const found = items.flatMap(({ adAccounts }) => adAccounts);
  return [...new Map(found.map(({ adAccountId, name }) => [adAccountId, name ?? adAccountId]))];
}

function chosen(choices: readonly Choice[], wanted: string): string {
  const ids = choices.map(([id]) => id);
  return ids.includes(wanted) ? wanted : (ids[0] ?? "");
}
