// The bar of links to the pages.

import { byId, html } from "./elements.js";
import { linkTo } from "./place.js";

/** @param {ReadonlyMap<string, import("./pages/page.js").Page>} pages */
export function createNavigation(pages) {
  const links = new Map(
    [...pages].map(([name, { title }]) => [name, html("a", { href: "#" }, title)]),
  );
  byId("pages", HTMLElement).replaceChildren(
    html("ul", {}, ...[...links.values()].map((link) => html("li", {}, link))),
  );

  /**
   * Links keep the team, the ad account and the period.
   * @param {string} current
   */
  function show(current) {
    for (const [name, link] of links) {
      link.href = linkTo({ page: name });
      if (name === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const link = links.get(current);
    // On a phone the bar scrolls by itself; the page must not.
    const bar = link?.closest("ul");
    if (link && bar) bar.scrollLeft = link.offsetLeft - bar.clientWidth / 2;
  }

  return { show };
}
