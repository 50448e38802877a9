/** The totals, each with its change since the period before. */

import type { ComparisonPart, TotalsPart } from "@ads-bff/client";

import { byId, element, within } from "../elements.js";
import { mark } from "../section.js";
import { changed, FIGURES, nameOf, UNKNOWN, written } from "../words.js";

const section = byId("totals", HTMLElement);
const list = within(section, "dl", HTMLDListElement);

export function showTiles(
  totals: TotalsPart | null | undefined,
  comparison: ComparisonPart | null | undefined,
): void {
  mark(section, [
    ["The totals", totals],
    ["The period before", comparison],
  ]);
  const change = comparison?.data?.change;
  list.replaceChildren(
    ...FIGURES.map((figure) =>
      element(
        "div",
        { class: "tile" },
        element("dt", {}, nameOf(figure)),
        element("dd", { class: "value" }, totals ? written(figure, totals.data?.[figure]) : "…"),
        element("dd", { class: "change" }, change ? changed(figure, change[figure]) : UNKNOWN),
      ),
    ),
  );
}
