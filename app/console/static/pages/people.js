// Who is in the team.

import { html } from "../elements.js";
import { worded } from "../words.js";

/** @typedef {import("../gateway/teams.js").Team} Team */

/** @returns {import("./page.js").PageOf<"team">} */
export function createPeoplePage() {
  const list = html("ul", { class: "rows" });
  const element = html(
    "section",
    { class: "card", "aria-labelledby": "members-title" },
    html("h2", { id: "members-title" }, "Members"),
    list,
  );
  return {
    title: "People",
    needs: "team",
    element,
    show: ({ scope, session }) => list.replaceChildren(...members(scope.team, session.user)),
  };
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
