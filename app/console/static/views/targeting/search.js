// Looking for what an audience can be narrowed to: a kind, some letters, and what they find.

import { html } from "../../elements.js";
import { searchTargeting } from "../../gateway/meta.js";
import { isAborted } from "../../http.js";
import { problemWords } from "../../notices.js";
import { TYPES } from "./audience.js";
import { sizeOf, whereOf } from "./options.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../../gateway/meta.js").TargetingOption} TargetingOption */
/** @typedef {import("../../gateway/meta.js").TargetingType} TargetingType */
/** @typedef {import("./audience.js").Chosen} Chosen */

const PAUSE_MS = 250; // people type faster than anybody should be asked
const SHOWN = 25;

/**
 * `fits` says what can be chosen at all, `isChosen` what already is.
 * @param {{label: string, types: readonly TargetingType[], placeholder?: string,
 *          describedBy?: string, account: () => AccountOfTeam | null,
 *          fits: (one: Chosen) => boolean, isChosen: (one: Chosen) => boolean,
 *          choose: (one: Chosen) => void}} search
 */
export function createTargetingSearch(search) {
  const { label, types, placeholder, describedBy, account, fits, isChosen, choose } = search;
  const input = html("input", {
    type: "search",
    autocomplete: "off",
    maxlength: 100,
    placeholder,
    "aria-describedby": describedBy,
  });
  const listed = types.map((one) => html("option", { value: one }, TYPES[one].words));
  const select = html("select", {}, ...listed);
  const status = html("p", { class: "quiet small", role: "status" });
  const list = html("ul", { class: "rows found", "aria-label": `${label}: found` });
  const failure = html("div", { role: "alert" });
  const element = html(
    "div",
    { class: "targeting" },
    html(
      "div",
      { class: "line" },
      types.length > 1 && html("label", {}, "Kind", select),
      html("label", { class: "wide" }, label, input),
    ),
    status,
    failure,
    list,
  );
  let under = new AbortController();
  /** @type {number | undefined} */
  let timer;
  /** @type {Chosen[]} */
  let found = [];
  /** @type {(() => void)[]} */
  let marks = [];

  input.addEventListener("input", () => soon(PAUSE_MS));
  select.addEventListener("change", () => soon(0));
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it stands in forms, and Enter must not send these
    soon(0);
  });

  /** @param {number} milliseconds */
  function soon(milliseconds) {
    clearTimeout(timer);
    under.abort();
    timer = window.setTimeout(() => void ask(), milliseconds);
  }

  async function ask() {
    const query = input.value.trim();
    const type = /** @type {TargetingType} */ (select.value);
    const reader = account();
    if (!query || !reader) return show([], "");
    under = new AbortController();
    failure.replaceChildren();
    say("Searching…");
    try {
      const { data } = await searchTargeting(reader, { type, query }, under.signal);
      const usable = data.map((option) => ({ type, option })).filter(fits);
      show(usable.slice(0, SHOWN), foundWords(usable.length, query));
    } catch (error) {
      if (isAborted(error)) return;
      show([], "");
      failure.replaceChildren(problemWords(error), again());
    }
  }

  function again() {
    const click = () => {
      input.focus(); // the button goes
      soon(0);
    };
    return html("button", { type: "button", click }, "Search again");
  }

  /**
   * @param {Chosen[]} options
   * @param {string} words
   */
  function show(options, words) {
    found = options;
    failure.replaceChildren();
    say(words);
    draw();
  }

  /** @param {string} words */
  function say(words) {
    status.replaceChildren(words);
  }

  function draw() {
    marks = [];
    list.replaceChildren(...found.map(row));
    list.hidden = found.length === 0;
  }

  /** What is chosen has changed elsewhere; the buttons stay, and with them the focus. */
  function refresh() {
    for (const mark of marks) mark();
  }

  /** @param {Chosen} one */
  function row(one) {
    const { name } = one.option;
    const about = [whereOf(one.option), sizeOf(one.option)].filter(Boolean).join(" · ");
    const words = html("span", {}, name, html("span", { class: "quiet small" }, about));
    const add = html("button", { type: "button" });
    marks.push(mark);
    mark();
    add.addEventListener("click", () => {
      if (isChosen(one)) return;
      choose(one);
      refresh();
    });
    return html("li", {}, words, add);

    function mark() {
      const chosen = isChosen(one);
      if (chosen) add.setAttribute("aria-disabled", "true"); // `disabled` would take the focus away
      else add.removeAttribute("aria-disabled");
      add.replaceChildren(
        chosen ? "Added" : "Add",
        html("span", { class: "unseen" }, ` ${name}, ${whereOf(one.option)}`),
      );
    }
  }

  function clear() {
    clearTimeout(timer);
    under.abort();
    input.value = "";
    show([], "");
  }

  return { element, input, refresh, clear };
}

/**
 * @param {number} count
 * @param {string} query
 */
function foundWords(count, query) {
  if (count === 0) return `Nothing found for “${query}”.`;
  if (count > SHOWN) return `The first ${SHOWN} of ${count}. More letters find fewer.`;
  return count === 1 ? "1 found" : `${count} found`;
}
