/** The campaigns, and what the totals hold beyond them. */

import type { CampaignsPart, Figures, TotalsPart } from "@ads-bff/client";

import { byId, element, fill, within } from "../elements.js";
import { mark } from "../section.js";
import { type Figure, nameOf, plain, written } from "../words.js";

const SHOWN: Figure[] = ["spend", "impressions", "clicks", "ctr", "purchases", "roas"];

const section = byId("campaigns", HTMLElement);
const table = within(section, "table", HTMLTableElement);

export function showCampaigns(
  part: CampaignsPart | null | undefined,
  totals: TotalsPart | null | undefined,
): void {
  mark(section, [["The campaigns", part]]);
  const rows = (part?.data?.items ?? []).map(({ campaignId, name, status, figures }) => [
    name ?? campaignId,
    element("span", { class: "state", "data-status": status ?? "" }, plain(status)),
    ...cells(figures),
  ]);
  const other = part?.data?.other;
  if (other && !isNothing(other)) rows.push(["Other campaigns", "", ...cells(other)]);
  if (totals?.data && rows.length) rows.push(["All", "", ...cells(totals.data)]);
  fill(table, ["Campaign", "Status", ...SHOWN.map(nameOf)], rows);
}

const cells = (figures: Figures | null) => SHOWN.map((one) => written(one, figures?.[one]));

const isNothing = ({ impressions, clicks, spend }: Figures) => !impressions && !clicks && !spend;
