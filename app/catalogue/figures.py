"""Figures put together from rows: added up exactly, rates recomputed from the sums, changes.

A rate is never averaged: the parts that it is made of are added up first. Sums are decimal, so that
parts add up to their whole to the last digit. What is not known is null, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import Field

from app.catalogue.shapes import Answer

# As the Marketing API names them: on all channels together where it counts that, else on the site.
PURCHASES = ("omni_purchase", "purchase")


class Sums(NamedTuple):
    """What can be added up. `spend` and `purchase_value` are in whole currency units."""

    impressions: Decimal | None = None
    clicks: Decimal | None = None
    spend: Decimal | None = None
    purchases: Decimal | None = None
    purchase_value: Decimal | None = None

    def without(self, others: Sums) -> Sums:
        """What is left when the others are taken away; of what is not known nothing can be said."""
        return Sums(
            *(
                None if whole is None else whole - (part or 0)
                for whole, part in zip(self, others, strict=True)
            )
        )


class Figures(Answer):
    """Figures of a period. What the ads platform did not report is null, never 0.

    Money is in whole units of the account's currency, which the platform does not name.
    """

    impressions: int | None = Field(None, description="How often ads were shown")
    clicks: int | None = Field(None, description="All clicks")
    spend: float | None = Field(None, description="Spent, in whole currency units")
    ctr: float | None = Field(None, description="Clicks per 100 impressions (percent)")
    cpc: float | None = Field(None, description="Spend per click")
    cpm: float | None = Field(None, description="Spend per 1,000 impressions")
    purchases: float | None = Field(
        None, description="Purchases on all channels where they are counted, else on the site"
    )
    purchase_value: float | None = Field(None, description="What the purchases were worth")
    roas: float | None = Field(None, description="Purchase value per unit spent")


class Change(Answer):
    """From the earlier period to this one; null where one of the two is not known."""

    absolute: float | None
    relative: float | None = Field(
        description="As a fraction of the earlier figure, 0.25 for a quarter more; null when it was 0"
    )


class Changes(Answer):
    """The change of each figure."""

    impressions: Change
    clicks: Change
    spend: Change
    ctr: Change
    cpc: Change
    cpm: Change
    purchases: Change
    purchase_value: Change
    roas: Change


# A row of insights as the gateway answers it, its numbers decimal.
Row = Mapping[str, Any]


def sums_of(rows: Iterable[Row]) -> Sums:
    """What the rows say together. What no row says stays null."""
    return Sums(*(_sum(column) for column in zip(*map(_parts, rows), strict=True)))


def figures_of(sums: Sums) -> Figures:
    """The sums, and the rates that follow from them."""
    shown, clicks, spend, purchases, value = sums
    return Figures(
        impressions=None if shown is None else int(shown),
        clicks=None if clicks is None else int(clicks),
        spend=_float(spend),
        ctr=_rate(clicks, shown, 100),
        cpc=_rate(spend, clicks),
        cpm=_rate(spend, shown, 1000),
        purchases=_float(purchases),
        purchase_value=_float(value),
        roas=_rate(value, spend),
    )


def changes(now: Figures, then: Figures) -> Changes:
    """Figure by figure."""
    return Changes(
        **{name: _change(getattr(now, name), getattr(then, name)) for name in Changes.model_fields}
    )


def _parts(row: Row) -> Sums:
    return Sums(
        row.get("impressions"),
        row.get("clicks"),
        row.get("spend"),
        _purchases(row.get("actions")),
        _purchases(row.get("actionValues")),
    )


def _purchases(actions: Iterable[Row] | None) -> Decimal | None:
    """Never added: the one kind holds the other. A list with neither says that there were none."""
    if actions is None:
        return None
    by_type: dict[str, Decimal] = {one["actionType"]: one["value"] for one in actions}
    return next((by_type[kind] for kind in PURCHASES if kind in by_type), Decimal(0))


def _sum(column: Iterable[Decimal | None]) -> Decimal | None:
    known = [Decimal(value) for value in column if value is not None]
    return sum(known, Decimal(0)) if known else None


def _rate(part: Decimal | None, whole: Decimal | None, per: int = 1) -> float | None:
    """Null over nothing: what did not happen has no price."""
    return None if part is None or not whole else float(part * per / whole)


def _change(now: float | None, then: float | None) -> Change:
    if now is None or then is None:
        return Change(absolute=None, relative=None)
    # As decimals: 0.3 - 0.1 is 0.2 for whoever reads it.
    absolute = Decimal(str(now)) - Decimal(str(then))
    return Change(
        absolute=float(absolute),
        relative=float(absolute / Decimal(str(then))) if then else None,
    )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
