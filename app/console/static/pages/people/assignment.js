// Adding people to the team, several at a time: who could not be added is told by name, and stays
// in the form.

import { html } from "../../elements.js";
import { selectField, textArea } from "../../fields.js";
import { createForm } from "../../forms.js";
import { assignTeamMembers } from "../../gateway/teams.js";
import { hush, say } from "../../notices.js";
import { manages, whileAllowed } from "../rights.js";

/** @typedef {import("../../gateway/teams.js").Role} Role */
/** @typedef {import("../page.js").Context<"team">} Context */

const ROLES = [
  { value: "MEMBER", words: "Member: uses the ad accounts that permission is given for" },
  { value: "ADMIN", words: "Admin: manages people, connections and all ad accounts" },
];

export function createAssignment() {
  const people = textArea({
    name: "people",
    label: "Who",
    hint: "User ids of your product, one on each line.",
    pointer: "/body/members",
    rows: 2,
    required: true,
  });
  const role = selectField({ name: "role", label: "Role", options: ROLES, required: true });
  const failures = html("div", { class: "summary", role: "alert", hidden: true });
  const form = createForm({
    label: "Add people",
    fields: { people, role },
    submit: "Add to the team",
    act,
  });
  const element = html(
    "section",
    { class: "card", id: "assignment", "aria-labelledby": "assignment-title" },
    html("h2", { id: "assignment-title" }, "Add people"),
    failures,
    form.element,
  );
  /** @type {Context | null} */
  let shown = null;

  /** @param {{people: string, role: string}} entered */
  async function act(entered) {
    if (!shown) return;
    const context = shown;
    failures.hidden = true;
    const users = new Set(entered.people.split("\n").map((line) => line.trim()));
    users.delete("");
    const members = [...users].map((externalUserId) => ({
      externalUserId,
      role: /** @type {Role} */ (entered.role),
    }));
    await whileAllowed(context, async () => {
      const { data } = await assignTeamMembers(context.scope.team.id, members);
      told(data, context);
    });
  }

  /**
   * @param {import("../../gateway/teams.js").Assigned} outcome
   * @param {Context} context
   */
  function told({ assigned, failed }, { refresh }) {
    people.set(failed.map((one) => one.externalUserId).join("\n"));
    failures.hidden = failed.length === 0;
    if (failed.length) failures.replaceChildren(...notAdded(failed));
    if (!assigned.length) return hush();
    say(added(assigned.map((one) => one.externalUserId)));
    refresh();
  }

  /** @param {Context} context */
  function show(context) {
    if (shown && shown.scope.team.id !== context.scope.team.id) {
      people.set("");
      form.clear();
      failures.hidden = true;
    }
    shown = context;
    element.hidden = !manages(context.scope.team);
  }

  return { element, show };
}

/** @param {{externalUserId: string, reason: string}[]} failed */
function notAdded(failed) {
  const listed = failed.map(({ externalUserId, reason }) =>
    html("li", {}, html("strong", {}, externalUserId), `: ${reason.replace(/\.?$/, ".")}`),
  );
  return [html("p", {}, "Could not be added:"), html("ul", { class: "plainly" }, ...listed)];
}

/** @param {string[]} users */
function added(users) {
  const named = new Intl.ListFormat("en", { type: "conjunction" }).format(users);
  return `${named} ${users.length === 1 ? "is" : "are"} in the team now.`;
}
