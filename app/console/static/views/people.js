// The team: who is in it, what is connected, and for its admins the way to connect more.

import { byId, html } from "../elements.js";
import { createConnection } from "../gateway.js";
import { complain } from "../notices.js";
import { keep } from "../place.js";
import { worded } from "../words.js";

/** @typedef {import("../gateway.js").Team} Team */

export function createPeople() {
  const section = byId("people", HTMLElement);
  const button = byId("connect", HTMLButtonElement);
  let teamId = "";

  button.addEventListener("click", async () => {
    try {
      const { data } = await createConnection(teamId, `${location.origin}/`);
      keep();
      location.assign(safe(data.authUrl));
    } catch (error) {
      complain(error);
    }
  });

  /**
   * @param {Team} team
   * @param {import("../gateway.js").Connection[]} connections
   * @param {string} user
   */
  function show(team, connections, user) {
    teamId = team.id;
    section.hidden = false;
    button.hidden = !(team.workspaceAdmin || team.myRole === "ADMIN");
    byId("people-title", HTMLElement).replaceChildren(team.name);
    byId("members", HTMLElement).replaceChildren(...members(team, user));
    byId("connections", HTMLElement).replaceChildren(...connected(connections));
  }

  return { show, hide: () => void (section.hidden = true) };
}

/**
 * @param {Team} team
 * @param {string} user
 */
function members(team, user) {
  const listed = team.members.map(({ externalUserId, role }) =>
    html(
      "li",
      {},
      html("span", {}, externalUserId, externalUserId === user && " (you)"),
      html("span", { class: "badge other" }, worded(role)),
    ),
  );
  const outside = team.myRole === null && team.workspaceAdmin;
  const note =
    outside && html("li", { class: "quiet" }, "You see this team as the workspace’s admin.");
  return note ? [...listed, note] : listed;
}

/** @param {import("../gateway.js").Connection[]} connections */
function connected(connections) {
  if (!connections.length) return [html("li", { class: "quiet" }, "Nothing is connected yet.")];
  return connections.map(({ platform, adAccounts }) =>
    html(
      "li",
      {},
      html("span", {}, worded(platform)),
      html(
        "span",
        { class: "quiet" },
        adAccounts.map(({ name, adAccountId }) => name ?? adAccountId).join(", "),
      ),
    ),
  );
}

/**
 * An address that a browser may be sent to; anything but the web is a mistake.
 * @param {string} address
 */
function safe(address) {
  const { protocol, href } = new URL(address, location.origin);
  if (protocol !== "https:" && protocol !== "http:") throw new TypeError("not a web address");
  return href;
}
