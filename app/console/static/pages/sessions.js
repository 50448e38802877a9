// Where the reader is signed in.

import { html } from "../elements.js";
import { listSessions } from "../gateway/session.js";
import { createPanel } from "../panel.js";

/** @typedef {import("../gateway/session.js").SessionEntry} SessionEntry */

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @returns {import("./page.js").PageOf<"user">} */
export function createSessionsPage() {
  const panel = createPanel({ id: "sessions", title: "Where you are signed in" });
  return {
    title: "Sessions",
    needs: "user",
    element: panel.element,
    show: () => void panel.load("sessions", listSessions, ({ items }) => [listed(items)]),
    forget: panel.forget,
  };
}

/** @param {SessionEntry[]} entries */
function listed(entries) {
  return html("ul", { class: "rows" }, ...entries.map(entry));
}

/** @param {SessionEntry} entry */
function entry({ createdAt, lastSeenAt, current }) {
  return html(
    "li",
    {},
    html(
      "span",
      {},
      "Signed in ",
      time(createdAt),
      html("span", { class: "quiet" }, " · last seen ", time(lastSeenAt)),
    ),
    current && html("span", { class: "badge good" }, "This one"),
  );
}

/** @param {string} moment */
function time(moment) {
  return html("time", { datetime: moment }, WHEN.format(new Date(moment)));
}
