// What the team has connected, and for its admins the way to connect more.

import { html } from "../elements.js";
import { createConnection } from "../gateway/connections.js";
import { complain } from "../notices.js";
import { keep } from "../place.js";
import { worded } from "../words.js";

/** @typedef {import("../gateway/connections.js").Connection} Connection */

/** @returns {import("./page.js").PageOf<"team">} */
export function createConnectionsPage() {
  const list = html("ul", { class: "rows" });
  const button = html(
    "button",
    { type: "button", class: "primary", click: () => void connect(teamId) },
    "Connect Meta",
  );
  const element = html(
    "section",
    { class: "card", "aria-labelledby": "connected-title" },
    html("h2", { id: "connected-title" }, "Connected platforms"),
    list,
    html("p", {}, button),
  );
  let teamId = "";

  return {
    title: "Connections",
    needs: "team",
    element,
    show({ scope: { team, connections } }) {
      teamId = team.id;
      button.hidden = !(team.workspaceAdmin || team.myRole === "ADMIN");
      list.replaceChildren(...connected(connections));
    },
  };
}

/** @param {string} teamId */
async function connect(teamId) {
  try {
    const { data } = await createConnection(teamId, location.origin + location.pathname);
    keep();
    location.assign(safe(data.authUrl));
  } catch (error) {
    complain(error);
  }
}

/** @param {Connection[]} connections */
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
