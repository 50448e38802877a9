// The pages by their names in the address, in the order of the navigation. A new one is an import
// and an entry.

import { createCampaignsPage } from "./campaigns.js";
import { createConnectionsPage } from "./connections.js";
import { createLeadFormsPage } from "./lead_forms.js";
import { createNewCampaignPage } from "./new_campaign.js";
import { createOverviewPage } from "./overview.js";
import { createPeoplePage } from "./people.js";
import { createSessionsPage } from "./sessions.js";
import { createTargetingPage } from "./targeting.js";
import { createWorkspacePage } from "./workspace.js";

/** @returns {ReadonlyMap<string, import("./page.js").Page>} */
export function createPages() {
  /** @type {[string, import("./page.js").Page][]} */
  const pages = [
    ["overview", createOverviewPage()],
    ["campaigns", createCampaignsPage()],
    ["new-campaign", createNewCampaignPage()],
    ["lead-forms", createLeadFormsPage()],
    ["targeting", createTargetingPage()],
    ["people", createPeoplePage()],
    ["connections", createConnectionsPage()],
    ["workspace", createWorkspacePage()],
    ["sessions", createSessionsPage()],
  ];
  return new Map(pages);
}
