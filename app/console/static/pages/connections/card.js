// One connection with its ad accounts, and what can be done with them.

import { confirm } from "../../confirm.js";
import { html } from "../../elements.js";
import { disconnect, importMetaAccount, removeAdAccount } from "../../gateway/connections.js";
import { Problem } from "../../http.js";
import { complain, hush, say } from "../../notices.js";
import { worded } from "../../words.js";
import { isLost, isOutdated, lostWords, manages } from "../rights.js";

/** @typedef {import("../../gateway/connections.js").Connection} Connection */
/** @typedef {import("../../gateway/connections.js").AdAccount} AdAccount */
/** @typedef {import("../page.js").Context<"team">} Context */

const SHARED =
  "The ads platform would remove it for every team at once, and another team uses it as well. " +
  "Disconnect it there first, or disconnect only this team’s connection.";
const READ_ONLY =
  "You may not change this ad account. An admin of the team can give you the permission.";

/**
 * @param {Connection} connection
 * @param {Context} context
 */
export function connectionCard(connection, context) {
  const { id, platform, adAccounts } = connection;
  const accounts = adAccounts.map((one) => accountRow(one, connection, context));
  const end = html(
    "button",
    {
      type: "button",
      class: "small danger",
      "data-key": `end ${id}`,
      click: () => void letGo(connection, context),
    },
    "Disconnect",
    html("span", { class: "unseen" }, ` ${worded(platform)}, ${namesOf(connection)}`),
  );
  const title = html(
    "h2",
    { id: `connection-${id}`, class: "with-badge" },
    worded(platform),
    " ",
    html("span", { class: "badge good" }, "Connected"),
  );
  return html(
    "section",
    { class: "card", "aria-labelledby": title.id },
    html("header", { class: "panel-head" }, title, manages(context.scope.team) && end),
    accounts.length
      ? html("ul", { class: "rows" }, ...accounts)
      : html("p", { class: "quiet" }, "It has no ad accounts."),
  );
}

/**
 * @param {AdAccount} account
 * @param {Connection} connection
 * @param {Context} context
 */
function accountRow(account, { platform }, context) {
  const { adAccountId: id, name } = account;
  const fromMeta = platform.toLowerCase() === "meta";
  return html(
    "li",
    {},
    html(
      "span",
      {},
      html("span", { class: "who-is" }, name ?? id),
      name !== null && html("span", { class: "quiet small" }, ` ${id}`),
    ),
    html(
      "span",
      { class: "acts" },
      fromMeta && button("Import", account, (own) => start(own, account, context)),
      manages(context.scope.team) &&
        button("Remove", account, () => remove(account, context)),
    ),
  );
}

/**
 * @param {string} verb
 * @param {AdAccount} account
 * @param {(own: HTMLButtonElement) => Promise<void>} act
 */
function button(verb, { adAccountId, name }, act) {
  const said = html("span", { class: "unseen" }, ` ${name ?? adAccountId}`);
  const given = { type: "button", class: "small", "data-key": `${verb} ${adAccountId}` };
  const own = html("button", { ...given, click: () => void act(own) }, verb, said);
  return own;
}

/**
 * @param {HTMLButtonElement} own
 * @param {AdAccount} account
 * @param {Context} context
 */
async function start(own, { adAccountId, name }, { scope }) {
  if (own.hasAttribute("aria-disabled")) return;
  own.setAttribute("aria-disabled", "true");
  hush();
  try {
    await importMetaAccount(scope.team.id, adAccountId);
    say(`The import of ${name ?? adAccountId} has started. Its figures come in step by step.`);
  } catch (error) {
    complain(error, isLost(error) ? READ_ONLY : undefined);
  }
  own.removeAttribute("aria-disabled");
}

/**
 * @param {AdAccount} account
 * @param {Context} context
 */
async function remove({ adAccountId, name }, { scope, signal, refresh }) {
  const called = name ?? adAccountId;
  let outdated = false;
  const done = await confirm({
    title: `Remove ${called}?`,
    words: [
      `The ads platform forgets ${called} altogether: its figures, and who may use it.`,
      "Nothing changes at Meta itself; campaigns that are running go on.",
    ],
    verb: "Remove the ad account",
    act: () => removeAdAccount(scope.team.id, adAccountId),
    message(error) {
      outdated = isOutdated(error);
      const shared = error instanceof Problem && error.code === "account-shared";
      return shared ? SHARED : lostWords(error);
    },
    signal,
  });
  if (done) say(`${called} is removed.`);
  if (done || outdated) refresh();
}

/**
 * @param {Connection} connection
 * @param {Context} context
 */
async function letGo(connection, { scope, signal, refresh }) {
  const { id, platform } = connection;
  let outdated = false;
  const done = await confirm({
    title: `Disconnect ${worded(platform)}?`,
    words: [
      `The team loses ${namesOf(connection)}, and everything that hangs from the connection: ` +
        "figures, campaigns and permissions are not seen here any more.",
      `Campaigns that are running go on at ${worded(platform)}. To come back, somebody has to ` +
        "give his consent there again.",
    ],
    verb: "Disconnect",
    act: () => disconnect(scope.team.id, id),
    message(error) {
      outdated = isOutdated(error);
      return lostWords(error);
    },
    signal,
  });
  if (done) say(`${worded(platform)} is disconnected.`);
  if (done || outdated) refresh();
}

/** @param {Connection} connection */
function namesOf({ adAccounts }) {
  const names = adAccounts.map(({ name, adAccountId }) => name ?? adAccountId);
  return names.length ? new Intl.ListFormat("en").format(names) : "no ad account";
}
