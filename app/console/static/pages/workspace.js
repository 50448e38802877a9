// The workspace: its name and admin, its teams, and what only its admin may do.

import { html } from "../elements.js";
import { textField } from "../fields.js";
import { createForm } from "../forms.js";
import { updateWorkspace } from "../gateway/workspaces.js";
import { moment } from "../moments.js";
import { say } from "../notices.js";
import { whileAllowed } from "./rights.js";
import { createHandover } from "./workspace/handover.js";
import { createTeams } from "./workspace/teams.js";

/** @typedef {import("./page.js").Context<"workspace">} Context */

/** @returns {import("./page.js").PageOf<"workspace">} */
export function createWorkspacePage() {
  const facts = html("dl", { class: "facts" });
  const name = textField({ name: "name", label: "Name", required: true, maxlength: 200 });
  const form = createForm({
    label: "Rename the workspace",
    class: "form beside",
    fields: { name },
    submit: "Rename",
    act: rename,
  });
  const about = html(
    "section",
    { class: "card", id: "about", "aria-labelledby": "about-title" },
    html("h2", { id: "about-title" }, "About"),
    facts,
    form.element,
  );
  const teams = createTeams();
  const handover = createHandover();
  const element = html("div", { class: "stack" }, about, teams.element, handover.element);
  /** @type {Context | null} */
  let shown = null;
  let called = "";

  /** @param {{name: string}} entered */
  async function rename(entered) {
    if (!shown) return;
    const { refresh, scope } = shown;
    await whileAllowed(shown, async () => {
      const { data } = await updateWorkspace(scope.enterprise, entered.name);
      say(`The workspace is called “${data.name}” now.`);
      refresh();
    });
  }

  /** @param {Context} context */
  function show(context) {
    const { session, scope } = context;
    const { workspace, enterprise } = scope;
    const admin = workspace.adminExternalUserId;
    const administers = admin === session.user;
    shown = context;
    facts.replaceChildren(
      ...fact("Enterprise id", enterprise),
      ...fact("Admin", administers ? `${admin} (you)` : (admin ?? "Not told")),
      ...fact("Created", moment(workspace.createdAt)),
    );
    // What is being typed stays, unless it was about another workspace or an older name.
    const current = JSON.stringify([enterprise, workspace.name]);
    if (current !== called) {
      name.set(workspace.name);
      form.clear();
    }
    called = current;
    form.element.hidden = !administers;
    teams.show(context, administers);
    handover.show(context, administers);
  }

  return { title: "Workspace", needs: "workspace", element, show };
}

/**
 * @param {string} term
 * @param {string} words
 */
function fact(term, words) {
  return [html("div", {}, html("dt", {}, term), html("dd", {}, words))];
}
