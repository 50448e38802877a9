"""The parts of a dashboard, made of the answers to its reads."""

from __future__ import annotations

from collections.abc import Sequence

from app.catalogue.composed import Part, PartStatus, Piece, part_of
from app.catalogue.dashboard_shapes import (
    BreakdownOfDashboard,
    BreakdownPart,
    CampaignFigures,
    CampaignsOfDashboard,
    CampaignsPart,
    Segment,
)
from app.catalogue.figures import Figures, Row, Sums, figures_of, sums_of
from app.catalogue.insights import Breakdown


def _rows(piece: Piece | None) -> list[Row] | None:
    return None if piece is None or piece.data is None else piece.data["items"]


def sums_in(piece: Piece | None) -> Sums | None:
    rows = _rows(piece)
    return None if rows is None else sums_of(rows)


def figures_in(piece: Piece) -> Figures | None:
    sums = sums_in(piece)
    return None if sums is None else figures_of(sums)


def status_of(piece: Piece) -> PartStatus:
    return part_of(Part, None, piece).status


def campaigns_part(
    totals: Sums | None, figures: Piece | None, listed: Piece | None
) -> CampaignsPart:
    """Every campaign that is listed or has figures; without the list there is no status to tell."""
    rows, campaigns = _rows(figures), _rows(listed)
    if rows is None and campaigns is None:
        return part_of(CampaignsPart, None, figures, listed)
    by_id: dict[str, Row] = {one["id"]: one for one in campaigns or []}
    reported: dict[str, list[Row]] = {}
    for row in rows or []:
        if row.get("campaignId") is not None:
            reported.setdefault(row["campaignId"], []).append(row)
    sums = {one: sums_of(reported[one]) for one in reported}
    items = [
        CampaignFigures(
            campaign_id=one,
            name=by_id.get(one, {}).get("name") or _name(reported.get(one, ())),
            status=by_id.get(one, {}).get("status"),
            objective=by_id.get(one, {}).get("objective"),
            figures=figures_of(sums[one]) if one in sums else None,
        )
        for one in sorted({*by_id, *reported}, key=lambda one: (-_spend(sums.get(one)), one))
    ]
    other = None
    if totals is not None and rows is not None:
        named = [row for of_one in reported.values() for row in of_one]
        other = figures_of(totals.without(sums_of(named) if named else Sums()))
    data = CampaignsOfDashboard(items=items, other=other)
    return part_of(CampaignsPart, data, figures, listed)


def _name(rows: Sequence[Row]) -> str | None:
    return next((row["campaignName"] for row in rows if row.get("campaignName")), None)


def _spend(sums: Sums | None) -> float:
    return -1.0 if sums is None or sums.spend is None else float(sums.spend)


def breakdown_part(by: Breakdown, piece: Piece | None) -> BreakdownPart:
    rows = _rows(piece)
    if rows is None:
        return part_of(BreakdownPart, None, piece)
    by_value: dict[str, list[Row]] = {}
    for row in rows:
        by_value.setdefault((row.get("breakdown") or {}).get("value") or "unknown", []).append(row)
    sums = {value: sums_of(found) for value, found in by_value.items()}
    order = sorted(sums, key=lambda value: (-_spend(sums[value]), value))
    if by is Breakdown.AGE:
        order = sorted(sums)
    items = [Segment(value=value, figures=figures_of(sums[value])) for value in order]
    return part_of(BreakdownPart, BreakdownOfDashboard(items=items), piece)
