// The members of the team with their roles, and for its admins the way to change them.

import { confirm } from "../../confirm.js";
import { html } from "../../elements.js";
import { assignTeamMembers, getTeam, removeTeamMember } from "../../gateway/teams.js";
import { Problem } from "../../http.js";
import { say } from "../../notices.js";
import { atOnce } from "../../optimistic.js";
import { redraw } from "../../redraw.js";
import { worded } from "../../words.js";
import { isOutdated, isUnclear, lostWords, manages } from "../rights.js";

/** @typedef {import("../../gateway/teams.js").Member} Member */
/** @typedef {import("../page.js").Context<"team">} Context */

export function createMembers() {
  const list = html("ul", { class: "rows", tabindex: "-1", "aria-labelledby": "members-title" });
  const note = html("p", { class: "quiet small" });
  const element = html(
    "section",
    { class: "card", id: "members", "aria-labelledby": "members-title" },
    html("h2", { id: "members-title" }, "Members"),
    list,
    note,
  );
  /** @type {Context | null} */
  let shown = null;

  /** @param {Context} context */
  function show(context) {
    const { team } = context.scope;
    shown = context;
    draw(context, team.members);
    note.replaceChildren(noteOn(team));
    note.hidden = !note.textContent;
  }

  /**
   * @param {Context} context
   * @param {Member[]} members
   */
  function draw(context, members) {
    if (shown?.scope.team.id !== context.scope.team.id) return; // the reader has gone on
    redraw(list, members.map((member) => row(member, context, draw)));
    if (!members.length) list.append(html("li", { class: "quiet" }, "Nobody is in this team yet."));
  }

  return { element, show };
}

/** @param {import("../../gateway/teams.js").Team} team */
function noteOn(team) {
  if (team.myRole === null && team.workspaceAdmin)
    return "You are not in this team; you manage it as the workspace’s admin.";
  if (manages(team)) return "";
  return "Admins of the team add people, and say who may use its ad accounts.";
}

/**
 * @param {Member} member
 * @param {Context} context
 * @param {(context: Context, members: Member[]) => void} draw
 */
function row(member, context, draw) {
  const { externalUserId: user, role } = member;
  const { team } = context.scope;
  const own = user === context.session.user;
  // Whoever lost his role on the way could not take it back: so not for oneself.
  const changes = manages(team) && (!own || team.workspaceAdmin);
  return html(
    "li",
    {},
    html("span", { class: "who-is" }, user, own && " (you)"),
    html("span", { class: role === "ADMIN" ? "badge" : "badge other plainly" }, worded(role)),
    manages(team) &&
      html(
        "span",
        { class: "acts" },
        changes &&
          button(role === "ADMIN" ? "Make member" : "Make admin", user, () =>
            changeRole(member, context),
          ),
        button(own ? "Leave" : "Remove", user, () => remove(member, context, draw)),
      ),
  );
}

/**
 * @param {string} verb
 * @param {string} user
 * @param {() => Promise<void>} act
 */
function button(verb, user, act) {
  const name = html("span", { class: "unseen" }, ` ${user}`);
  const given = { type: "button", class: "small", "data-key": `${verb} ${user}` };
  return html("button", { ...given, click: () => void act() }, verb, name);
}

/**
 * @param {Member} member
 * @param {Context} context
 * @param {(context: Context, members: Member[]) => void} draw
 */
async function remove({ externalUserId: user }, context, draw) {
  const { scope, session, signal, refresh } = context;
  const { team } = scope;
  const own = user === session.user;
  const others = team.members.filter((one) => one.externalUserId !== user);
  const words = [
    own
      ? `You lose sight of “${team.name}” and of its ad accounts; an admin can add you again.`
      : `${user} loses sight of the team and of its ad accounts. Permissions on them end, and ` +
        "have to be granted again should the person come back.",
  ];
  if (!others.some(({ role }) => role === "ADMIN"))
    words.push("No admin is left in the team then: only the workspace’s admin can manage it.");
  const title = own ? `Leave “${team.name}”?` : `Remove ${user} from “${team.name}”?`;
  const verb = own ? "Leave the team" : "Remove from the team";
  if (!(await confirm({ title, words, verb, signal }))) return;
  const ask = async () => {
    await removeTeamMember(team.id, user);
    return others;
  };
  let outdated = false;
  const done = await atOnce({
    present: team.members,
    wanted: others,
    show: (members) => draw(context, members),
    ask,
    words: (error) => {
      outdated = isOutdated(error);
      return lostWords(error);
    },
  });
  if (done) say(own ? `You have left “${team.name}”.` : `${user} is not in the team any more.`);
  if (done || outdated) refresh();
}

/**
 * The platform cannot change a role, so this takes two steps; when the second fails, only that is
 * tried again.
 * @param {Member} member
 * @param {Context} context
 */
async function changeRole({ externalUserId: user, role: present }, { scope, signal, refresh }) {
  const { team } = scope;
  const role = present === "ADMIN" ? "MEMBER" : "ADMIN";
  let removed = false;
  let outdated = false;

  async function change() {
    if (!removed) await removeTeamMember(team.id, user);
    removed = true;
    const { data } = await assignTeamMembers(team.id, [{ externalUserId: user, role }]);
    if (data.failed.length) throw new Problem(0, { title: "The role was not changed" });
  }

  const done = await confirm({
    title: `Make ${user} ${role === "ADMIN" ? "an admin" : "a member"}?`,
    words: [
      `The ads platform cannot change a role: ${user} is removed and added again at once. ` +
        "Permissions on ad accounts end with that, and have to be granted again.",
      role === "ADMIN"
        ? "Admins manage people and connections, and every ad account of the team."
        : "Members use the ad accounts that they are given permission for.",
    ],
    verb: "Change the role",
    async act() {
      try {
        await change();
      } catch (error) {
        if (!isUnclear(error)) throw error;
        const { members } = (await getTeam(team.id)).data;
        const now = members.find((one) => one.externalUserId === user)?.role;
        removed = now === undefined;
        if (now !== role) throw error;
      }
    },
    message(error) {
      outdated = isOutdated(error);
      if (!removed) return lostWords(error);
      return `${user} was removed and could not be added again. Try once more, or add ${user} anew.`;
    },
    signal,
  });
  if (done) say(`${user} is ${role === "ADMIN" ? "an admin" : "a member"} of the team now.`);
  if (done || removed || outdated) refresh();
}
