// What the workspace's admin cannot take back: handing it over, and deleting it.

import { confirm } from "../../confirm.js";
import { html } from "../../elements.js";
import { textField } from "../../fields.js";
import { createForm } from "../../forms.js";
import { changeWorkspaceAdmin, deleteWorkspace } from "../../gateway/workspaces.js";
import { Problem } from "../../http.js";
import { say } from "../../notices.js";
import { settle } from "../../place.js";
import { isOutdated, lostWords } from "../rights.js";

/** @typedef {import("../page.js").Context<"workspace">} Context */

const UNKNOWN =
  "Nothing was changed. Either the platform knows no user of that id, or you are not the admin any " +
  "more: close this to see.";

export function createHandover() {
  const user = textField({
    name: "externalUserId",
    label: "New admin",
    hint: "A user id of your product. You lose the workspace’s administration at once.",
    required: true,
    maxlength: 256,
  });
  const form = createForm({
    label: "Hand the workspace over",
    class: "form beside",
    fields: { user },
    submit: "Hand over…",
    act: handOver,
  });
  const end = html(
    "button",
    { type: "button", class: "danger", click: () => void remove() },
    "Delete this workspace…",
  );
  const element = html(
    "section",
    { class: "card", id: "handover", "aria-labelledby": "handover-title" },
    html("h2", { id: "handover-title" }, "What cannot be taken back"),
    form.element,
    html(
      "div",
      { class: "ending" },
      html(
        "p",
        { class: "quiet small" },
        "Deleting the workspace deletes every team in it, with its connections and permissions.",
      ),
      end,
    ),
  );
  /** @type {Context | null} */
  let shown = null;

  /** @param {{user: string}} entered */
  async function handOver(entered) {
    if (!shown) return;
    const { refresh, scope, signal } = shown;
    const { enterprise, workspace } = scope;
    let outdated = false;
    const done = await confirm({
      title: `Hand “${workspace.name}” over to ${entered.user}?`,
      words: [
        `${entered.user} becomes the admin of the workspace and of all its teams. You keep only ` +
          "the teams that list you, and cannot take the workspace back yourself.",
      ],
      verb: "Hand over",
      typed: { label: "To confirm, write the id of the new admin", value: entered.user },
      act: () => changeWorkspaceAdmin(enterprise, entered.user),
      message(error) {
        const unknown = error instanceof Problem && error.status === 404;
        outdated = isOutdated(error);
        return unknown ? UNKNOWN : lostWords(error);
      },
      signal,
    });
    if (done) {
      user.set("");
      say(`${entered.user} is the admin of “${workspace.name}” now.`);
    }
    if (done || outdated) refresh();
  }

  async function remove() {
    if (!shown) return;
    const { refresh, scope, signal } = shown;
    const { enterprise, workspace, teams } = scope;
    let outdated = false;
    const done = await confirm({
      title: `Delete “${workspace.name}”?`,
      words: [
        `Everybody loses the workspace and its teams: ${teams.map((one) => one.name).join(", ")}. ` +
          "Their connections and permissions end.",
        "This cannot be undone. Campaigns that are running go on at the ads networks.",
      ],
      verb: "Delete the workspace",
      typed: { label: `To confirm, write the enterprise id: ${enterprise}`, value: enterprise },
      act: () => deleteWorkspace(enterprise),
      message(error) {
        outdated = isOutdated(error);
        return lostWords(error);
      },
      signal,
    });
    if (done) {
      say(`The workspace “${workspace.name}” is deleted.`);
      settle({ team: "", account: "" });
    }
    if (done || outdated) refresh();
  }

  /**
   * @param {Context} context
   * @param {boolean} administers
   */
  function show(context, administers) {
    if (shown && shown.scope.enterprise !== context.scope.enterprise) {
      user.set("");
      form.clear();
    }
    shown = context;
    element.hidden = !administers;
  }

  return { element, show };
}
