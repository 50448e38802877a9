// The campaigns of one ad account, as they are set up: which, running or not, and what is in them.

import { html } from "../elements.js";
import { listCampaignsInFull } from "../gateway/campaigns.js";
import { Problem } from "../http.js";
import { createPanel } from "../panel.js";
import { linkTo } from "../place.js";
import { createFilters, fits } from "../views/campaign_list/filters.js";
import { campaignRows } from "../views/campaign_list/table.js";

/** @typedef {import("../gateway/campaigns.js").CampaignInFull} Campaign */
/** @typedef {import("../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */

const UNIT = "Budgets are written as the ads network answers them; it does not name their unit.";

/** @returns {import("./page.js").PageOf<"account">} */
export function createCampaignsPage() {
  const filters = createFilters(draw);
  const panel = createPanel({ id: "campaigns", title: "Campaigns", tools: filters.element });
  const create = html("a", { class: "button", href: "#" }, "New campaign");
  const count = html("p", { class: "quiet small", role: "status" });
  const table = html("div", {});
  /** @type {Set<string>} */
  const unfolded = new Set();
  /** @type {{campaigns: Campaign[], account: AccountOfTeam} | null} */
  let loaded = null;

  /** @param {import("./page.js").Context<"account">} context */
  function show({ scope, place, refused }) {
    const account = { teamId: scope.team.id, adAccountId: scope.account.id };
    const chosen = filters.show(place.filters);
    create.href = linkTo({ page: "new-campaign" });
    const asked = listed(account, refused);
    void panel.load(JSON.stringify(account), asked, (campaigns) => {
      loaded = { campaigns, account };
      draw(filters.show(place.filters));
      return [count, table, html("p", { class: "quiet small" }, UNIT)];
    });
    draw(chosen);
  }

  /** @param {import("../views/campaign_list/filters.js").Chosen} chosen */
  function draw(chosen) {
    if (!loaded) return;
    const { campaigns, account } = loaded;
    const fitting = campaigns.filter((one) => fits(one, chosen));
    count.replaceChildren(countWords(fitting.length, campaigns.length));
    table.replaceChildren(...(fitting.length ? [campaignRows(fitting, account, unfolded)] : []));
  }

  function forget() {
    loaded = null;
    panel.forget();
  }

  return {
    title: "Campaigns",
    needs: "account",
    element: panel.element,
    controls: create,
    show,
    forget,
  };
}

/**
 * @param {AccountOfTeam} account
 * @param {(error: unknown) => void} refused
 */
function listed(account, refused) {
  return () =>
    listCampaignsInFull(account).catch((error) => {
      if (error instanceof Problem && error.status === 403) refused(error);
      throw error;
    });
}

/**
 * @param {number} shown
 * @param {number} all
 */
function countWords(shown, all) {
  if (all === 0) return "This ad account has no campaigns yet.";
  if (shown === 0) return `None of the ${all} campaigns fits these filters.`;
  const campaigns = all === 1 ? "campaign" : "campaigns";
  return shown === all ? `${all} ${campaigns}` : `${shown} of ${all} ${campaigns}`;
}
