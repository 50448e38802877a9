// What one campaign consists of: its ad sets, and in each its ads. Asked for when somebody looks.

import { html } from "../../elements.js";
import { listAds, listAdSets } from "../../gateway/ads.js";
import { problemWords } from "../../notices.js";
import { busy } from "../../progress.js";
import { sourceWords } from "../../source.js";
import { worded } from "../../words.js";
import { statusBadge } from "../status.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../../gateway/ads.js").Ad} Ad */
/** @typedef {import("../../gateway/ads.js").AdSet} AdSet */

/**
 * @param {AccountOfTeam} account
 * @param {string} campaignId
 */
export function createParts(account, campaignId) {
  const element = html("div", { class: "parts" });
  let asked = false;

  /** Asks once; a failure can be tried again. */
  async function load() {
    if (asked) return;
    asked = true;
    const done = busy(element);
    try {
      const [sets, ads] = await Promise.all([
        listAdSets(account, campaignId),
        listAds(account, campaignId),
      ]);
      done();
      const source = html("p", { class: "source" }, ...sourceWords(sets.source));
      element.replaceChildren(...listed(sets.data, ads.data), source);
    } catch (error) {
      done();
      asked = false;
      element.replaceChildren(problemWords(error), again());
    }
  }

  function again() {
    const click = () => {
      element.replaceChildren();
      void load();
    };
    return html("button", { type: "button", click }, "Try again");
  }

  return { element, load };
}

/**
 * @param {AdSet[]} sets
 * @param {Ad[]} ads
 */
function listed(sets, ads) {
  if (!sets.length) return [html("p", { class: "quiet" }, "This campaign has no ad sets.")];
  const strays = ads.filter((ad) => !sets.some(({ id }) => id === ad.adSetId));
  const groups = sets.map((set) => group(set, ads.filter((ad) => ad.adSetId === set.id)));
  return [html("ul", { class: "ad-sets" }, ...groups), ...strays.map(line)];
}

/**
 * @param {AdSet} set
 * @param {Ad[]} ads
 */
function group(set, ads) {
  const aim = worded(set.optimizationGoal).toLowerCase();
  const goal = aim && `optimised for ${aim}`;
  const count = ads.length === 1 ? "1 ad" : `${ads.length} ads`;
  const about = ["Ad set", goal, count].filter(Boolean).join(" · ");
  return html(
    "li",
    {},
    html(
      "div",
      { class: "part" },
      html("span", {}, html("strong", {}, set.name ?? set.id), small(about)),
      statusBadge(set.status),
    ),
    ads.length > 0 && html("ul", {}, ...ads.map((ad) => html("li", {}, line(ad)))),
  );
}

/** @param {Ad} ad */
function line(ad) {
  return html(
    "div",
    { class: "part" },
    html("span", {}, ad.name ?? ad.id, small(ad.id)),
    statusBadge(ad.status),
  );
}

/** @param {string} words */
function small(words) {
  return html("span", { class: "quiet small" }, ` ${words}`);
}
