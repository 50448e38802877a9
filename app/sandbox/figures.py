"""Believable figures of a campaign's day, the same ones whenever they are asked for.

Everything is a whole number (money in cents) worked out per campaign and day from a hash, and
everything longer or finer is a sum or an exact partition of those. So ranges and breakdowns add
up to the last cent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from app.sandbox.records import Campaign

_DAY = 86_400
_WEEK = (0.97, 0.95, 0.96, 1.0, 1.06, 1.12, 1.04)


class Figures(NamedTuple):
    """Delivery, then what people did; `spend` and the values in cents."""

    impressions: int = 0
    spend: int = 0
    clicks: int = 0
    link_clicks: int = 0
    page_views: int = 0
    basket_adds: int = 0
    purchases: int = 0
    basket_value: int = 0
    purchase_value: int = 0


def total(parts: Iterable[Figures]) -> Figures:
    return Figures(*map(sum, zip(*parts, Figures(), strict=True)))


def delivered(campaign: Campaign, day: date, until: float) -> Figures:
    """What the campaign did that day, for the part of the day that it was active until then."""
    seconds = campaign.active_seconds(day, until)
    if seconds == 0:
        return Figures()
    whole = _whole_day(campaign, day)
    return whole if seconds == _DAY else Figures(*(value * seconds // _DAY for value in whole))


def _whole_day(campaign: Campaign, day: date) -> Figures:
    base = _fractions(campaign.id)
    noise = _fractions(f"{campaign.id} {day.isoformat()}")
    season = 1 + 0.12 * math.sin(2 * math.pi * day.timetuple().tm_yday / 365)
    spend = int(campaign.daily_budget * (0.62 + 0.2 * noise[0]) * _WEEK[day.weekday()] * season)
    cost_per_thousand = (550 + 900 * base[0]) * (0.88 + 0.24 * noise[1])
    impressions = int(spend * 1000 / cost_per_thousand)
    clicks = int(impressions * (0.008 + 0.018 * base[1]) * (0.85 + 0.3 * noise[2]))
    link_clicks = int(clicks * (0.66 + 0.2 * noise[3]))
    page_views = int(link_clicks * (0.7 + 0.2 * noise[4]))
    basket_adds = int(page_views * (0.06 + 0.1 * base[2]) * (0.8 + 0.4 * noise[5]))
    purchases = int(basket_adds * (0.25 + 0.3 * base[3]) * (0.8 + 0.4 * noise[6]))
    order = int((3_500 + 9_000 * base[4]) * (0.9 + 0.2 * noise[7]))
    return Figures(
        impressions,
        spend,
        clicks,
        link_clicks,
        page_views,
        basket_adds,
        purchases,
        basket_adds * order,
        purchases * order,
    )


def partition(whole: Figures, name: str, shares: Sequence[tuple[str, int]]) -> list[Figures]:
    """`whole` in as many parts as there are shares, which add up to it exactly.

    `name` tilts the shares a little, spend and response apart from impressions, so that no two
    campaigns look alike and rates differ between the parts.
    """
    shown, spent, response = [], [], []
    for value, share in shares:
        tilt = _fractions(f"{name} {value}")
        shown.append(int(share * (80 + 40 * tilt[0])))
        spent.append(int(shown[-1] * (0.8 + 0.4 * tilt[1])))
        response.append(int(shown[-1] * (0.8 + 0.4 * tilt[2])))
    by_field = [shown, spent, *[response] * (len(whole) - 2)]
    columns = [_split(value, weights) for value, weights in zip(whole, by_field, strict=True)]
    return [Figures(*row) for row in zip(*columns, strict=True)]


def _split(value: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder."""
    if value == 0:
        return [0] * len(weights)
    sum_of_weights = sum(weights)
    parts = [value * weight // sum_of_weights for weight in weights]
    remainders = [value * weight % sum_of_weights for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-remainders[n], n))
    for n in by_remainder[: value - sum(parts)]:
        parts[n] += 1
    return parts


def _fractions(seed: str) -> list[float]:
    """Eight numbers between 0 and 1 that belong to `seed`."""
    digest = blake2b(seed.encode(), digest_size=16).digest()
    return [int.from_bytes(digest[n : n + 2], "big") / 65_535 for n in range(0, 16, 2)]
