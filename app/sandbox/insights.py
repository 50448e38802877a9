"""Operations 32 and 22: figures of a period as rows, by level and breakdown."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.clock import Clock
from app.sandbox.figures import Figures, delivered, partition, total
from app.sandbox.records import Campaign, days
from app.sandbox.refusal import bad_request
from app.sandbox.wire import Fields, names

_HOUR = 3_600

LEVELS = ("campaign", "ad", "adset", "account")

BREAKDOWNS: dict[str, tuple[tuple[str, int], ...]] = {
    "gender": (("female", 54), ("male", 43), ("unknown", 3)),
    "country": (("DE", 38), ("FR", 24), ("GB", 21), ("SE", 10), ("AE", 7)),
    "age": (("18-24", 17), ("25-34", 31), ("35-44", 24), ("45-54", 15), ("55-64", 9), ("65+", 4)),
    "publisher_platform": (("facebook", 48), ("instagram", 41), ("audience_network", 8), ("messenger", 3)),
    "impression_device": (("iphone", 41), ("android_smartphone", 38), ("desktop", 15), ("ipad", 4), ("android_tablet", 2)),
}  # fmt: skip

_USUAL_FIELDS = ("impressions", "clicks", "spend", "cpm", "cpc")
_STORED_FIELDS = frozenset({*_USUAL_FIELDS, "actions", "action_values"})
_IDENTITY = ("campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name")
_LIVE_FIELDS = frozenset({"reach", "frequency", "ctr", "date_start", "date_stop", *_IDENTITY})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `live`: Meta answers it, not the platform's store, and writes figures as text.

    `until` is the end of the running hour: delivery is counted by the hour, so that two questions
    one after the other find the same figures.
    """

    level: str
    breakdown: str | None
    fields: tuple[str, ...]
    start: date
    end: date
    until: float
    live: bool


def read_question(query: Mapping[str, str], clock: Clock) -> Question:
    """Operation 32's parameters."""
    values = Fields(dict(query))
    start, end = _period(values, "startDate", "endDate")
    level = query.get("level") or "campaign"
    fields = tuple(names(query.get("fields"))) or _USUAL_FIELDS
    _known("level", [level], LEVELS)
    _known("fields", fields, _STORED_FIELDS | _LIVE_FIELDS)
    stored = level == "campaign" and _STORED_FIELDS.issuperset(fields)
    return Question(
        level, _breakdown(query), fields, start, end, _end_of_hour(clock), live=not stored
    )


def read_account_question(query: Mapping[str, str], clock: Clock) -> Question:
    """Operation 22's parameters, in its other naming style."""
    values = Fields(dict(query))
    metrics = values.text("metrics")
    start, end = _period(values, "start_date", "end_date")
    fields = tuple(names(metrics))
    _known("metrics", fields, (*_USUAL_FIELDS, "ctr", "reach", "frequency"))
    return Question(
        "account", _breakdown(query), fields, start, end, _end_of_hour(clock), live=False
    )


def _end_of_hour(clock: Clock) -> float:
    return (clock.now() // _HOUR + 1) * _HOUR


def _period(values: Fields, first: str, last: str) -> tuple[date, date]:
    start, end = values.day(first), values.day(last)
    values.done()
    if start > end:
        raise bad_request("Validation failed", [f"{first} must not be after {last}"])
    return start, end


def _breakdown(query: Mapping[str, str]) -> str | None:
    breakdown = query.get("breakdown") or None
    if breakdown is not None:
        _known("breakdown", [breakdown], BREAKDOWNS)
    return breakdown


def _known(what: str, asked: Iterable[str], allowed: Iterable[str]) -> None:
    if unknown := sorted(set(asked) - set(allowed)):
        raise bad_request("Validation failed", [f"unknown {what}: {', '.join(unknown)}"])


def report(question: Question, campaigns: Iterable[Campaign]) -> list[dict[str, object]]:
    """Operation 32's rows: one per thing of that level that delivered, and breakdown value."""
    return [
        _row(question, identity, value, figures)
        for (identity, value), figures in _grouped(question, campaigns).items()
        if figures != Figures()
    ]


def report_account(question: Question, campaigns: Iterable[Campaign]) -> object:
    """Operation 22: one object of numbers, or a list of them when there is a breakdown."""
    grouped = _grouped(question, campaigns)
    if question.breakdown is None:
        return _figures(question, total(grouped.values()))
    return [
        {question.breakdown: value, **_figures(question, figures)}
        for (_, value), figures in grouped.items()
    ]


# The identity of a row: the six identity fields in their order, as far down as its level goes.
_Identity = tuple[str, ...]


def _grouped(
    question: Question, campaigns: Iterable[Campaign]
) -> dict[tuple[_Identity, str | None], Figures]:
    parts: defaultdict[tuple[_Identity, str | None], list[Figures]] = defaultdict(list)
    for campaign in campaigns:
        first = max(question.start, campaign.first_day)
        for day in days(first, min(question.end, _last_day(question))):
            figures = delivered(campaign, day, question.until)
            for identity, whole in _of_level(question.level, campaign, figures):
                for value, part in _broken_down(question.breakdown, campaign, whole):
                    parts[identity, value].append(part)
    return {key: total(found) for key, found in parts.items()}


def _last_day(question: Question) -> date:
    return datetime.fromtimestamp(question.until - 1, tz=UTC).date()


def _of_level(
    level: str, campaign: Campaign, whole: Figures
) -> Iterator[tuple[_Identity, Figures]]:
    identity = (campaign.id, campaign.name)
    if level == "account":
        yield (), whole
    elif level == "campaign":
        yield identity, whole
    else:
        shares = [(one.id, 1) for one in campaign.ad_sets]
        parts = partition(whole, campaign.id, shares)
        for ad_set, part in zip(campaign.ad_sets, parts, strict=True):
            if level == "adset":
                yield (*identity, ad_set.id, ad_set.name), part
                continue
            ads = partition(part, ad_set.id, [(one.id, 1) for one in ad_set.ads])
            for ad, figures in zip(ad_set.ads, ads, strict=True):
                yield (*identity, ad_set.id, ad_set.name, ad.id, ad.name), figures


def _broken_down(
    breakdown: str | None, campaign: Campaign, whole: Figures
) -> Iterator[tuple[str | None, Figures]]:
    if breakdown is None:
        yield None, whole
        return
    shares = BREAKDOWNS[breakdown]
    for (value, _), part in zip(shares, partition(whole, campaign.id, shares), strict=True):
        yield value, part


def _row(
    question: Question, identity: _Identity, value: str | None, figures: Figures
) -> dict[str, object]:
    row: dict[str, object] = {
        name: text
        for name, text in zip(_IDENTITY, identity, strict=False)
        if name in question.fields
    }
    row |= _figures(question, figures)
    if question.breakdown is not None:
        row[question.breakdown] = value
    row["date_start"] = question.start.isoformat()
    row["date_stop"] = question.end.isoformat()
    return row


def _figures(question: Question, figures: Figures) -> dict[str, object]:
    """The asked figures; a rate over nothing is left out, as Meta does."""
    span = (question.end - question.start).days + 1
    known = {**_rates(figures, span), **_lists(question, figures)}
    return {
        name: _written(question, known[name])
        for name in question.fields
        if known.get(name) is not None
    }


def _rates(figures: Figures, span: int) -> dict[str, int | float | None]:
    shown, clicks, spend = figures.impressions, figures.clicks, figures.spend / 100
    reach = int(shown / (1.1 + 0.35 * math.log(span)))
    return {
        "impressions": shown,
        "clicks": clicks,
        "spend": spend,
        "cpm": round(spend / shown * 1000, 6) if shown else None,
        "cpc": round(spend / clicks, 6) if clicks else None,
        "ctr": round(clicks / shown * 100, 6) if shown else None,
        "reach": reach,
        "frequency": round(shown / reach, 6) if reach else None,
    }


def _lists(question: Question, figures: Figures) -> dict[str, list[dict[str, object]]]:
    actions = {
        "link_click": figures.link_clicks,
        "landing_page_view": figures.page_views,
        "add_to_cart": figures.basket_adds,
        "purchase": figures.purchases,
        "omni_purchase": figures.purchases,
    }
    values = {
        "add_to_cart": figures.basket_value / 100,
        "purchase": figures.purchase_value / 100,
        "omni_purchase": figures.purchase_value / 100,
    }
    return {"actions": _list(question, actions), "action_values": _list(question, values)}


def _list(question: Question, by_type: Mapping[str, int | float]) -> list[dict[str, object]]:
    return [
        {"action_type": kind, "value": _written(question, value)}
        for kind, value in by_type.items()
        if value
    ]


def _written(question: Question, value: object) -> object:
    return str(value) if question.live and isinstance(value, (int, float)) else value
