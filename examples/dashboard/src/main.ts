/** The page from its start: who is signed in, what he looks at, and how it ends. */

import "uplot/dist/uPlot.min.css";
import "./styles/page.css";
import "./styles/parts.css";

import { createClient, ProblemError, type SessionInfo } from "@ads-bff/client";

import { byId } from "./elements.js";
import { complain, hush, say, show } from "./notices.js";
import { inWords, stepOf } from "./period.js";
import { showPicker, startPicker } from "./picker.js";
import { here, periodOf, settle, signInAddress } from "./place.js";
import { report } from "./report.js";
import { type Scope, scopeAt } from "./scope.js";
import { whileSeen } from "./seen.js";
import { startBreakdown } from "./views/breakdown.js";
import { startTrend } from "./views/trend.js";

const client = createClient({ onSignedOut: signedOut });
const signIn = byId("sign-in", HTMLAnchorElement);
let session: SessionInfo | null = null;
let looking = new AbortController();

async function start(): Promise<void> {
  try {
    session = await client.GET("/auth/session");
  } catch (error) {
    // Nobody is signed in: `signedOut` has said so.
    if (!(error instanceof ProblemError && error.status === 401)) complain(error, start);
    return;
  }
  byId("user", HTMLElement).replaceChildren(session.name ?? session.user);
  visible({ who: true, picker: true, welcome: false });
  await follow();
}

/** Shows what the address says, in place of what was shown before. */
async function follow(): Promise<void> {
  if (!session) return;
  looking.abort();
  looking = new AbortController();
  const { signal } = looking;
  hush();
  try {
    const scope = await scopeAt(client, session.enterprises, here());
    if (!signal.aborted) await look(scope, signal);
  } catch (error) {
    if (signal.aborted || !session) return;
    visible({ main: false });
    complain(error, follow);
  }
}

async function look(scope: Scope, signal: AbortSignal): Promise<void> {
  const { workspace, team, account } = scope;
  settle({ workspace, team, account });
  const place = here();
  showPicker(scope, place);
  visible({ main: account !== "" });
  if (!account) return show("Nothing to show yet", missing(scope));
  const period = periodOf(place);
  const name = scope.accounts.find(([id]) => id === account)?.[1] ?? account;
  byId("title", HTMLElement).replaceChildren(`${name}, ${inWords(period)}`);
  document.title = `${name} – Campaign dashboard`;
  const trend = stepOf(period);
  const question = { teamId: team, adAccountId: account, ...period, compare: "previous" } as const;
  await report(client, trend ? { ...question, trend } : question, signal, {
    say,
    refused: ({ title, detail }) => {
      visible({ main: false });
      show(title, detail ?? "", "", follow);
    },
  });
}

function missing({ workspace, team }: Scope): string {
  if (!workspace) return "Your account belongs to no workspace.";
  if (!team) return "No team of this workspace lists you. Its admin can add you.";
  return "No ad account is connected to this team. Its admin can connect one.";
}

/** Called by the client once, whichever call finds out that the session is gone. */
function signedOut(): void {
  const ended = session !== null;
  session = null;
  looking.abort();
  hush();
  const words = ended ? "Your session has ended. Sign in to go on where you were." : null;
  if (words) byId("welcome-words", HTMLElement).replaceChildren(words);
  signIn.href = signInAddress();
  visible({ welcome: true, who: false, picker: false, main: false });
  if (ended) signIn.focus();
}

async function signOut(): Promise<void> {
  try {
    const { logoutUrl } = await client.POST("/auth/logout");
    looking.abort();
    // A path of this origin that leads to the identity provider's own logout.
    location.replace(logoutUrl ?? "/");
  } catch (error) {
    complain(error);
  }
}

function visible(parts: Record<string, boolean>): void {
  for (const [id, shown] of Object.entries(parts)) byId(id, HTMLElement).hidden = !shown;
}

byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  event.preventDefault(); // the address says where the reader is, and nothing else
  byId("main", HTMLElement).focus();
});
startPicker(() => void follow());
startTrend();
startBreakdown();
byId("sign-out", HTMLButtonElement).addEventListener("click", () => void signOut());
whileSeen(
  () => looking.abort(),
  () => void follow(),
);
window.addEventListener("popstate", () => void follow());
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload(); // “back” after signing out must not show what was there
});
void start();
