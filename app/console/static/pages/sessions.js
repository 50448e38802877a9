// Where the reader is signed in, for how long here, and the way to end it elsewhere.

import { confirm } from "../confirm.js";
import { byId, html } from "../elements.js";
import { endOtherSessions, endSession, getSession, listSessions } from "../gateway/session.js";
import { lasting, moment } from "../moments.js";
import { say } from "../notices.js";
import { atOnce } from "../optimistic.js";
import { createPanel } from "../panel.js";
import { redraw } from "../redraw.js";

/** @typedef {import("../gateway/session.js").SessionEntry} SessionEntry */
/** @typedef {import("../gateway/session.js").Session} Session */

/** @type {Record<string, string>} */
const HOW = { oidc: "In a browser", native: "In an app" };

/** @returns {import("./page.js").PageOf<"user">} */
export function createSessionsPage() {
  const panel = createPanel({ id: "sessions", title: "Where you are signed in" });
  const list = html("ul", { class: "rows", tabindex: "-1", "aria-labelledby": "sessions-title" });
  const others = html(
    "button",
    { type: "button", class: "danger", click: () => void endOthers() },
    "Sign out everywhere else…",
  );
  const remaining = html("p", { class: "quiet small" });
  /** @type {SessionEntry[]} */
  let entries = [];
  let signal = new AbortController().signal;

  /** @param {SessionEntry[]} next */
  function draw(next) {
    entries = next;
    redraw(list, next.map((one) => row(one, remaining, end)));
    others.hidden = next.length < 2;
  }

  /** @param {SessionEntry} entry */
  async function end(entry) {
    const done = await atOnce({
      present: entries,
      wanted: entries.filter((one) => one !== entry),
      show: draw,
      ask: async () => {
        await endSession(entry.id);
        return entries.filter((one) => one !== entry);
      },
    });
    if (done) say(`The session of ${moment(entry.createdAt)} has ended.`);
  }

  async function endOthers() {
    const count = entries.length - 1;
    const done = await confirm({
      title: "Sign out everywhere else?",
      words: [
        `${count === 1 ? "One other session ends" : `${count} other sessions end`} at once. ` +
          "Whoever is at work there is asked to sign in again; what was not saved is lost.",
      ],
      verb: "Sign out everywhere else",
      act: endOtherSessions,
      signal,
    });
    if (!done) return;
    draw(entries.filter((one) => one.current));
    list.focus(); // the button is gone
    say("You are signed in only here now.");
  }

  async function load() {
    const [listed, session] = await Promise.all([listSessions(), getSession()]);
    return { data: { items: listed.data.items, session: session.data }, source: listed.source };
  }

  return {
    title: "Sessions",
    needs: "user",
    element: panel.element,
    show(context) {
      signal = context.signal;
      void panel.load("sessions", load, ({ items, session }) => {
        remaining.replaceChildren(left(session));
        draw(items);
        return [list, html("p", { class: "ending" }, others)];
      });
    },
    forget: panel.forget,
  };
}

/**
 * @param {SessionEntry} entry
 * @param {HTMLElement} remaining
 * @param {(entry: SessionEntry) => Promise<void>} end
 */
function row(entry, remaining, end) {
  const { id, how, createdAt, lastSeenAt, current } = entry;
  const words = html(
    "div",
    {},
    html(
      "p",
      {},
      html("span", { class: "who-is" }, HOW[how] ?? "Elsewhere"),
      " ",
      current && html("span", { class: "badge good" }, "This one"),
    ),
    html(
      "p",
      { class: "quiet small" },
      "Signed in ",
      time(createdAt),
      " · last seen ",
      time(lastSeenAt),
    ),
    current && remaining,
  );
  const said = html("span", { class: "unseen" }, ` the session of ${moment(createdAt)}`);
  const given = { type: "button", class: "small", "data-key": id };
  const button = current
    ? html("button", { ...given, click: signOut }, "Sign out here")
    : html("button", { ...given, click: () => void end(entry) }, "End", said);
  return html("li", {}, words, html("span", { class: "acts" }, button));
}

/** As the button at the top does. */
function signOut() {
  byId("sign-out", HTMLButtonElement).click();
}

/** @param {Session} session */
function left({ idleSecondsLeft, absoluteSecondsLeft }) {
  const latest = `at the latest in ${lasting(absoluteSecondsLeft)}`;
  if (idleSecondsLeft === null) return `Ends ${latest}.`;
  return `Ends after ${lasting(idleSecondsLeft)} without use, ${latest}.`;
}

/** @param {string} at */
function time(at) {
  return html("time", { datetime: at }, moment(at));
}
