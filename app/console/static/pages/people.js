// Who is in the team, what each may do with the ad account, and the team itself.

import { html } from "../elements.js";
import { createAccess } from "./people/access.js";
import { createAssignment } from "./people/assignment.js";
import { createMembers } from "./people/members.js";
import { createTeamSettings } from "./people/settings.js";

/** @returns {import("./page.js").PageOf<"team">} */
export function createPeoplePage() {
  const members = createMembers();
  const access = createAccess();
  const assignment = createAssignment();
  const settings = createTeamSettings();
  const parts = [members, assignment, access, settings];
  const element = html("div", { class: "stack" }, ...parts.map((one) => one.element));
  return {
    title: "People",
    needs: "team",
    element,
    show: (context) => parts.forEach((one) => one.show(context)),
    forget: access.forget,
  };
}
