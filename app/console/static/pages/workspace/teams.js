// The teams of the workspace, and for its admin the way to create one.

import { html } from "../../elements.js";
import { textField } from "../../fields.js";
import { createForm } from "../../forms.js";
import { createTeam } from "../../gateway/teams.js";
import { say } from "../../notices.js";
import { linkTo } from "../../place.js";
import { redraw } from "../../redraw.js";
import { whileAllowed } from "../rights.js";

/** @typedef {import("../page.js").Context<"workspace">} Context */

export function createTeams() {
  const list = html("ul", { class: "rows", tabindex: "-1", "aria-labelledby": "teams-title" });
  const name = textField({ name: "name", label: "Name of the new team", required: true });
  const form = createForm({
    label: "Create a team",
    class: "form beside",
    fields: { name },
    submit: "Create team",
    act: create,
  });
  const element = html(
    "section",
    { class: "card", id: "teams", "aria-labelledby": "teams-title" },
    html("h2", { id: "teams-title" }, "Teams"),
    list,
    form.element,
  );
  /** @type {Context | null} */
  let shown = null;

  /** @param {{name: string}} entered */
  async function create(entered) {
    if (!shown) return;
    const { refresh, scope } = shown;
    await whileAllowed(shown, async () => {
      const { data } = await createTeam(scope.enterprise, entered.name);
      name.set("");
      say(`The team “${data.name}” is there. Choose it to add people and connect Meta.`);
      refresh();
    });
  }

  /**
   * @param {Context} context
   * @param {boolean} administers
   */
  function show(context, administers) {
    const { teams, enterprise } = context.scope;
    if (shown && shown.scope.enterprise !== enterprise) {
      name.set("");
      form.clear();
    }
    shown = context;
    redraw(list, teams.length ? teams.map(row) : [html("li", { class: "quiet" }, "None yet.")]);
    form.element.hidden = !administers;
  }

  return { element, show };
}

/** @param {import("../../gateway/workspaces.js").ListedTeam} team */
function row({ id, name, isDefault }) {
  const href = linkTo({ page: "people", team: id, account: "" });
  return html(
    "li",
    {},
    html("a", { href, "data-key": id }, name),
    isDefault && html("span", { class: "badge plainly" }, "Default"),
  );
}
