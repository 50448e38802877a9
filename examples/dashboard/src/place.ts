/** Where the reader is. It stands in the address, so that reload, back and bookmarks work. */

import { isDay, lastDays, type Period } from "./period.js";

/** What was not chosen is empty. `from` and `to` go before `days`. */
export interface Place {
  workspace: string;
  team: string;
  account: string;
  days: number;
  from: string;
  to: string;
}

const DAYS = [28, 7, 90];
const PATH = /^\/teams\/([A-Za-z0-9_-]{1,128})(?:\/accounts\/([A-Za-z0-9_-]{1,128}))?$/;

export function here(): Place {
  const [, team = "", account = ""] = PATH.exec(location.pathname) ?? [];
  const query = new URLSearchParams(location.search);
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  const own = isDay(from) && isDay(to) && from <= to;
  return {
    workspace: query.get("workspace") ?? "",
    team,
    account,
    days: DAYS.find((one) => one === Number(query.get("days"))) ?? 28,
    from: own ? from : "",
    to: own ? to : "",
  };
}

export function periodOf({ days, from, to }: Place): Period {
  return from ? { startDate: from, endDate: to } : lastDays(days);
}

/** The reader chose something: a new step that “back” undoes. */
export function go(change: Partial<Place>): void {
  history.pushState(null, "", written({ ...here(), ...change }));
}

/** The page chose something for the reader: not a step of theirs. */
export function settle(change: Partial<Place>): void {
  history.replaceState(null, "", written({ ...here(), ...change }));
}

/** Where to sign in, and come back to this very place. */
export function signInAddress(): string {
  const back = location.pathname + location.search;
  return `/auth/login?${new URLSearchParams({ returnTo: back })}`;
}

function written({ workspace, team, account, days, from, to }: Place): string {
  const path = team && `teams/${team}${account && `/accounts/${account}`}`;
  const query = new URLSearchParams(from ? { from, to } : { days: String(days) });
  if (workspace) query.set("workspace", workspace);
  return `/${path}?${query}`;
}
