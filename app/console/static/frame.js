// Around the pages: mounts the one that the address names, writes its heading, and says why when
// what it needs is not there.

import { byId, html } from "./elements.js";
import { Problem } from "./http.js";
import { createNavigation } from "./navigation.js";
import { problemWords } from "./notices.js";
import { createPages } from "./pages/list.js";
import { missingFor, whereabouts } from "./pages/page.js";
import { here } from "./place.js";

/** @typedef {import("./pages/page.js").Page} Page */
/** @typedef {import("./scope.js").Scope} Scope */
/** @typedef {import("./gateway/session.js").Session} Session */

const PRODUCT = "ads-bff console";
const NO_ACCESS = "An admin of the team can give you access to this ad account.";

/** @param {() => void} refresh asks anew for everything that is shown */
export function createFrame(refresh) {
  const pages = createPages();
  const navigation = createNavigation(pages);
  const title = byId("title", HTMLElement);
  const subtitle = byId("subtitle", HTMLElement);
  const mount = byId("page", HTMLElement);
  const controls = byId("controls", HTMLElement);
  const instead = byId("unavailable", HTMLElement);
  /** @type {Page | null} */
  let mounted = null;
  let visit = new AbortController();
  let told = "";
  let turn = 0;

  byId("refresh", HTMLButtonElement).addEventListener("click", refresh);

  /** The page that the address names; a name that none has leads to the first. */
  function named() {
    const { page } = here();
    const [first] = pages.keys();
    return pages.has(page) ? page : first;
  }

  /** Heading and links are right at once, before anything came. */
  function begin() {
    const name = named();
    navigation.show(name);
    const page = known(name);
    byId("heading", HTMLElement).hidden = false;
    title.replaceChildren(page.title);
    document.title = `${page.title} – ${PRODUCT}`;
    if (mounted !== null && mounted !== page) leave();
    // Who moved hears where he is; who just came reads from the top.
    if (told !== "" && told !== name) title.focus();
    told = name;
  }

  /**
   * @param {Session} session
   * @param {Scope} scope
   */
  function show(session, scope) {
    begin();
    const page = known(named());
    subtitle.replaceChildren(whereabouts(page, scope));
    const missing = missingFor(page, scope);
    if (missing) return unavailable(missing);
    enter(page);
    const mine = ++turn;
    const context = {
      session,
      scope,
      place: here(),
      signal: visit.signal,
      refresh,
      refused: (/** @type {unknown} */ error, /** @type {string | undefined} */ sentence) => {
        if (mine === turn) refuse(error, sentence);
      },
    };
    // What `needs` promises was looked at above.
    const shown = /** @type {import("./pages/page.js").PageOf<any>} */ (page);
    if (shown.subtitle) subtitle.replaceChildren(shown.subtitle(context));
    document.title = [page.title, scope.account?.name, PRODUCT].filter(Boolean).join(" – ");
    shown.show(context);
  }

  /** @param {Page} page */
  function enter(page) {
    instead.hidden = true;
    if (mounted === page) return;
    leave();
    mounted = page;
    mount.replaceChildren(page.element);
    controls.replaceChildren(...(page.controls ? [page.controls] : []));
  }

  function leave() {
    turn += 1;
    visit.abort();
    visit = new AbortController();
    mounted?.leave?.();
    mounted?.forget?.(); // what was called off is asked for again
    mounted = null;
    mount.replaceChildren();
    controls.replaceChildren();
  }

  /**
   * @param {unknown} error
   * @param {string} [sentence]
   */
  function refuse(error, sentence) {
    const forbidden = error instanceof Problem && error.status === 403;
    unavailable([problemWords(error, sentence ?? (forbidden ? NO_ACCESS : undefined))]);
  }

  /** @param {Node[]} content nothing when other parts of the page say what to do */
  function unavailable(content) {
    leave();
    instead.hidden = content.length === 0;
    instead.replaceChildren(...content);
  }

  /** @param {unknown} error */
  function failed(error) {
    const again = html("button", { type: "button", click: refresh }, "Try again");
    unavailable([problemWords(error), again]);
  }

  /** @param {string} name */
  function known(name) {
    const page = pages.get(name);
    if (!page) throw new TypeError(`there is no page ${name}`);
    return page;
  }

  function forget() {
    for (const page of pages.values()) page.forget?.();
  }

  /** Whether something was typed, on any page, that would be lost with this window. */
  function unsent() {
    return [...pages.values()].some((page) => page.unsent?.());
  }

  return { begin, show, failed, forget, leave, unsent };
}
