// The team itself: its name for its admins, and its end for the workspace's admin.

import { confirm } from "../../confirm.js";
import { html } from "../../elements.js";
import { textField } from "../../fields.js";
import { createForm } from "../../forms.js";
import { deleteTeam, renameTeam } from "../../gateway/teams.js";
import { say } from "../../notices.js";
import { settle } from "../../place.js";
import { isOutdated, lostWords, manages, whileAllowed } from "../rights.js";

/** @typedef {import("../page.js").Context<"team">} Context */

export function createTeamSettings() {
  const name = textField({ name: "name", label: "Name", required: true, maxlength: 200 });
  const form = createForm({
    label: "Rename the team",
    class: "form beside",
    fields: { name },
    submit: "Rename",
    act: rename,
  });
  const words = html("p", { class: "quiet small" });
  const end = html(
    "button",
    { type: "button", class: "danger", click: () => void remove() },
    "Delete this team…",
  );
  const ending = html("div", { class: "ending" }, words, end);
  const element = html(
    "section",
    { class: "card", id: "team-settings", "aria-labelledby": "team-settings-title" },
    html("h2", { id: "team-settings-title" }, "The team itself"),
    form.element,
    ending,
  );
  /** @type {Context | null} */
  let shown = null;
  let called = "";

  /** @param {{name: string}} entered */
  async function rename(entered) {
    if (!shown) return;
    const { refresh, scope } = shown;
    await whileAllowed(shown, async () => {
      const { data } = await renameTeam(scope.team.id, entered.name);
      say(`The team is called “${data.name}” now.`);
      refresh();
    });
  }

  async function remove() {
    if (!shown) return;
    const { refresh, scope, signal } = shown;
    const { team, accounts } = scope;
    let outdated = false;
    const done = await confirm({
      title: `Delete “${team.name}”?`,
      words: [
        `Everybody in it (${count(team.members.length)}) loses the team, its connections and ` +
          `the permissions given in it${accounts.length ? `, and with them ${listed(accounts)}` : ""}.`,
        "This cannot be undone. Campaigns that are running go on at the ads networks.",
      ],
      verb: "Delete the team",
      typed: { label: `To confirm, write the team’s name: ${team.name}`, value: team.name },
      act: () => deleteTeam(team.id),
      message(error) {
        outdated = isOutdated(error);
        return lostWords(error);
      },
      signal,
    });
    if (done) {
      say(`The team “${team.name}” is deleted.`);
      settle({ team: "", account: "" });
    }
    if (done || outdated) refresh();
  }

  /** @param {Context} context */
  function show(context) {
    const { team } = context.scope;
    // What is being typed stays, unless it was about another team or an older name.
    const current = JSON.stringify([team.id, team.name]);
    if (current !== called) {
      name.set(team.name);
      form.clear();
    }
    called = current;
    shown = context;
    element.hidden = !manages(team);
    ending.hidden = !team.workspaceAdmin;
    end.hidden = team.isDefault;
    words.replaceChildren(
      team.isDefault
        ? "This is the workspace’s default team: it cannot be deleted."
        : "Deleting the team takes its connections and permissions with it.",
    );
  }

  return { element, show };
}

/** @param {number} members */
function count(members) {
  return members === 1 ? "1 person" : `${members} people`;
}

/** @param {{name: string}[]} accounts */
function listed(accounts) {
  return new Intl.ListFormat("en").format(accounts.map((one) => one.name));
}
