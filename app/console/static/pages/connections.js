// What the team has connected, and for its admins the way to connect more and to let go.

import { html } from "../elements.js";
import { createConnection } from "../gateway/connections.js";
import { complain, hush } from "../notices.js";
import { keep } from "../place.js";
import { redraw } from "../redraw.js";
import { connectionCard } from "./connections/card.js";
import { createWorkspaceWide } from "./connections/workspace_wide.js";
import { isOutdated, lostWords, manages } from "./rights.js";

/** @typedef {import("./page.js").Context<"team">} Context */

/** @returns {import("./page.js").PageOf<"team">} */
export function createConnectionsPage() {
  const list = html("div", { class: "stack", tabindex: "-1", role: "region", id: "connected" });
  list.setAttribute("aria-label", "Connections of the team");
  const button = html(
    "button",
    { type: "button", class: "primary", click: () => void connect() },
    "Connect Meta",
  );
  const hint = html("p", { class: "quiet" });
  const connecting = html("section", { class: "card", "aria-label": "Connect" }, hint, button);
  const wide = createWorkspaceWide();
  const element = html("div", { class: "stack" }, list, connecting, ...wide.elements);
  /** @type {Context | null} */
  let shown = null;

  /** @param {Context} context */
  function show(context) {
    const { team, connections } = context.scope;
    shown = context;
    redraw(list, connections.length ? connections.map((one) => connectionCard(one, context)) : []);
    list.hidden = connections.length === 0;
    button.hidden = !manages(team);
    connecting.hidden = button.hidden && connections.length > 0;
    hint.replaceChildren(hintOn(context));
    wide.show(context);
  }

  async function connect() {
    if (!shown || button.hasAttribute("aria-disabled")) return;
    hush();
    button.setAttribute("aria-disabled", "true");
    try {
      const back = location.origin + location.pathname;
      const { data } = await createConnection(shown.scope.team.id, back);
      keep();
      location.assign(safe(data.authUrl));
    } catch (error) {
      complain(error, lostWords(error));
      if (isOutdated(error)) shown.refresh();
    }
    button.removeAttribute("aria-disabled");
  }

  return { title: "Connections", needs: "team", element, show, forget: wide.forget };
}

/** @param {Context} context */
function hintOn({ scope: { team, connections } }) {
  if (!manages(team)) return "Nothing is connected yet. An admin of the team can connect Meta.";
  const consent = "Meta asks for your consent on a page of its own, and brings you back here.";
  return connections.length
    ? `More ad accounts come with another connection. ${consent}`
    : `Nothing is connected yet. ${consent}`;
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
