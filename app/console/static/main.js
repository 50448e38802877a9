// The console from its start: who is signed in, where he is, and what is shown there.

import { byId } from "./elements.js";
import { createFrame } from "./frame.js";
import { getSession, logout } from "./gateway/session.js";
import { SIGNED_OUT } from "./http.js";
import { complain, hush, say } from "./notices.js";
import { here, keep, leave, restore, settle } from "./place.js";
import { createProgress } from "./progress.js";
import { createScopes } from "./scope.js";
import { createStrip } from "./strip.js";
import { createScopePicker } from "./views/scope_picker.js";
import { createWorkspaceForms } from "./views/workspace_forms.js";

/** @typedef {import("./gateway/session.js").Session} Session */

const OUTCOMES = new Map([
  ["success", "Meta is connected. Its ad accounts are in the list."],
  ["cancelled", "Nothing was connected: the consent was not given."],
]);

const WAITING =
  "Your session has ended. What you typed is kept in this window: sign in in the new one that " +
  "opens, then come back.";

createProgress();
const strip = createStrip();
const scopes = createScopes();
const picker = createScopePicker();
const frame = createFrame(refresh);
const workspaceForms = createWorkspaceForms(refresh);
/** @type {Session | null} */
let session = null;
let turn = 0;
/** Whose text waits here for him to sign in again; empty when nobody's does. */
let awaited = "";

async function start() {
  sayOutcome();
  restore();
  try {
    session = (await getSession()).data;
  } catch (error) {
    welcome();
    complain(error);
    return;
  }
  await enter(session);
}

/** @param {Session} reader */
async function enter(reader) {
  visible({ starting: false, welcome: false, who: true, pages: true, console: true, strip: true });
  byId("user", HTMLElement).replaceChildren(reader.name ?? reader.user);
  await follow();
}

/** Shows what the address says. */
async function follow() {
  if (!session) return;
  const mine = ++turn;
  const reader = session;
  frame.begin();
  byId("console", HTMLElement).setAttribute("aria-busy", "true");
  try {
    const scope = await scopes.load(reader.enterprises, here());
    if (mine !== turn) return;
    const { enterprise, team, account } = scope;
    settle({ workspace: enterprise, team: team?.id ?? "", account: account?.id ?? "" });
    picker.show(scope);
    workspaceForms.show(scope);
    frame.show(reader, scope);
  } catch (error) {
    if (mine === turn) frame.failed(error);
  } finally {
    if (mine === turn) byId("console", HTMLElement).removeAttribute("aria-busy");
  }
}

function refresh() {
  scopes.forget();
  frame.forget();
  void follow();
}

async function signOut() {
  try {
    const { data } = await logout();
    leave();
    const elsewhere = data?.logoutUrl && new URL(data.logoutUrl, location.origin);
    if (elsewhere && elsewhere.origin === location.origin) return location.assign(elsewhere);
    location.reload(); // nothing of the user stays in memory
  } catch (error) {
    complain(error);
  }
}

/** The session ended while the reader was at work. */
function ended() {
  if (!session) return;
  keep();
  awaited = frame.unsent() ? session.user : "";
  welcome();
  if (awaited) byId("sign-in", HTMLAnchorElement).target = "_blank";
  say(awaited ? WAITING : "Your session has ended. Sign in to go on.");
}

/** Back in this window, maybe after signing in again in another one. */
async function comeBack() {
  if (!awaited || session || document.hidden) return;
  const found = await getSession({ background: true }).catch(() => null);
  if (!found || !awaited) return;
  if (found.data.user !== awaited) return location.reload(); // one reader's text is not another's
  awaited = "";
  byId("sign-in", HTMLAnchorElement).target = "";
  session = found.data;
  restore();
  hush();
  await enter(session);
}

function welcome() {
  session = null;
  turn += 1; // what is still on its way is not shown
  frame.leave();
  strip.forget();
  document.title = "ads-bff console";
  visible({ starting: false, welcome: true });
  visible({ who: false, pages: false, console: false, strip: false });
}

/** The outcome of a consent came back in the query; `restore` takes it out of the address. */
function sayOutcome() {
  const outcome = new URLSearchParams(location.search).get("connection");
  if (outcome === null) return;
  say(OUTCOMES.get(outcome) ?? "The connection did not come about.");
}

/** @param {Record<string, boolean>} parts */
function visible(parts) {
  for (const [id, shown] of Object.entries(parts)) byId(id, HTMLElement).hidden = !shown;
}

byId("sign-in", HTMLAnchorElement).search = String(
  new URLSearchParams({ returnTo: location.pathname }), // wherever the console is served
);
byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  event.preventDefault(); // what stands after `#` is the place
  byId("main", HTMLElement).focus();
});
byId("sign-out", HTMLButtonElement).addEventListener("click", () => void signOut());
window.addEventListener(SIGNED_OUT, ended);
window.addEventListener("focus", () => void comeBack());
document.addEventListener("visibilitychange", () => void comeBack());
window.addEventListener("hashchange", () => {
  hush();
  void follow();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // “back” after signing out must not show what was there
});
void start();
