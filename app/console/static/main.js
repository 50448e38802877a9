// The console from its start: who is signed in, where he is, and what is shown there.

import { byId, html } from "./elements.js";
import { getSession, logout } from "./gateway.js";
import { SIGNED_OUT } from "./http.js";
import { complain, hush, problemWords, say } from "./notices.js";
import { inWords } from "./period.js";
import { here, keep, leave, periodOf, restore, settle } from "./place.js";
import { createScopes } from "./scope.js";
import { createPeople } from "./views/people.js";
import { createReport } from "./views/report.js";
import { createScopePicker } from "./views/scope_picker.js";
import { createWorkspaceForms } from "./views/workspace_forms.js";

/** @typedef {import("./gateway.js").Session} Session */
/** @typedef {import("./scope.js").Scope} Scope */

const OUTCOMES = new Map([
  ["success", "Meta is connected. Its ad accounts are in the list."],
  ["cancelled", "Nothing was connected: the consent was not given."],
]);

const NO_ACCESS = "An admin of the team can give you access to this ad account.";
const NO_TEAM = [
  "No team yet",
  "None of this workspace’s teams lists you. Ask an admin to add you.",
];
const NO_ACCOUNT = ["No ad account yet", "An admin of the team can connect Meta and bring one."];

const scopes = createScopes();
const picker = createScopePicker();
const report = createReport();
const people = createPeople();
const workspaceForms = createWorkspaceForms(refresh);
/** @type {Session | null} */
let session = null;
let turn = 0;

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
  visible({ starting: false, welcome: false, who: true, console: true });
  byId("user", HTMLElement).replaceChildren(session.name ?? session.user);
  await follow();
}

/** Shows what the address says. */
async function follow() {
  if (!session) return;
  const mine = ++turn;
  const { enterprises, user } = session;
  byId("console", HTMLElement).setAttribute("aria-busy", "true");
  try {
    const scope = await scopes.load(enterprises, here());
    if (mine === turn) show(scope, user);
  } catch (error) {
    if (mine === turn) unavailable([problemWords(error), again()]);
  } finally {
    if (mine === turn) byId("console", HTMLElement).removeAttribute("aria-busy");
  }
}

/**
 * @param {Scope} scope
 * @param {string} user
 */
function show(scope, user) {
  const { enterprise, workspace, team, connections, account } = scope;
  settle({ workspace: enterprise, team: team?.id ?? "", account: account?.id ?? "" });
  picker.show(scope);
  workspaceForms.show(scope);
  if (team) people.show(team, connections, user);
  else people.hide();
  if (workspace && team && account) return figures(workspace, team, account);
  if (!workspace) return unavailable([]);
  const [title, words] = team ? NO_ACCOUNT : NO_TEAM;
  unavailable([html("h1", {}, title), html("p", {}, words)]);
}

/**
 * @param {import("./gateway.js").Workspace} workspace
 * @param {import("./gateway.js").Team} team
 * @param {import("./scope.js").Choice} account
 */
function figures(workspace, team, account) {
  const place = here();
  const mine = turn;
  visible({ unavailable: false, report: true });
  document.title = `${account.name} – ads-bff console`;
  byId("title", HTMLElement).replaceChildren(account.name);
  const words = `${team.name}, ${workspace.name} · ${inWords(periodOf(place))}`;
  byId("subtitle", HTMLElement).replaceChildren(words);
  report.show({ teamId: team.id, adAccountId: account.id }, place, (problem) => {
    if (mine === turn)
      unavailable([html("h1", {}, account.name), problemWords(problem, NO_ACCESS)]);
  });
}

/** @param {Node[]} content */
function unavailable(content) {
  document.title = "ads-bff console";
  visible({ report: false, unavailable: content.length > 0 });
  byId("unavailable", HTMLElement).replaceChildren(...content);
}

function again() {
  return html("button", { type: "button", click: refresh }, "Try again");
}

function refresh() {
  scopes.forget();
  report.forget();
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
  welcome();
  say("Your session has ended. Sign in to go on.");
}

function welcome() {
  session = null;
  turn += 1; // what is still on its way is not shown
  visible({ starting: false, welcome: true, who: false, console: false });
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

byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  event.preventDefault(); // what stands after `#` is the place
  byId("main", HTMLElement).focus();
});
byId("sign-out", HTMLButtonElement).addEventListener("click", () => void signOut());
byId("refresh", HTMLButtonElement).addEventListener("click", refresh);
window.addEventListener(SIGNED_OUT, ended);
window.addEventListener("hashchange", () => {
  hush();
  void follow();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // “back” after signing out must not show what was there
});
void start();
