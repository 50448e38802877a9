"""Operations 32–34: Meta insights, campaigns and their status."""

from __future__ import annotations

from collections.abc import Callable

from app.sandbox.accounts import account_id, read_account
from app.sandbox.insights import read_question, report
from app.sandbox.projection import chosen_fields, is_wanted
from app.sandbox.records import Campaign, Status
from app.sandbox.refusal import not_found
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Fields, Reply, timestamp

_STATUSES: tuple[Status, ...] = ("PAUSED", "ACTIVE")

_USUAL_FIELDS = ("id", "name", "status", "objective")

# Money is in minor units and written as text, as Meta does.
_FIELDS: dict[str, Callable[[Campaign], object]] = {
    "id": lambda one: one.id,
    "name": lambda one: one.name,
    "status": lambda one: one.status,
    "objective": lambda one: one.objective,
    "effective_status": lambda one: one.status,
    "daily_budget": lambda one: str(one.daily_budget),
    "lifetime_budget": lambda _: "0",
    "budget_remaining": lambda one: str(one.daily_budget // 4),
    "buying_type": lambda _: "AUCTION",
    "special_ad_categories": lambda one: list(one.special_categories),
    "start_time": lambda one: timestamp(one.starts or one.history[0][0]),
    "stop_time": lambda one: None if one.ends is None else timestamp(one.ends),
    "created_time": lambda one: timestamp(one.created),
    "updated_time": lambda one: timestamp(one.updated),
}


def _get_insights(asking: Asking) -> Reply:
    question = read_question(asking.query, asking.sandbox.clock)
    return Reply(report(question, asking.campaigns(read_account(asking).id)))


def _get_campaigns(asking: Asking) -> Reply:
    account = read_account(asking)
    fields = chosen_fields(asking, _USUAL_FIELDS, _FIELDS)
    listed = [
        {field: _FIELDS[field](one) for field in fields}
        for one in asking.campaigns(account.id)
        if is_wanted(asking, "campaignId", one.id)
    ]
    return Reply(listed)


def _update_status(asking: Asking) -> Reply:
    account = asking.rights.writes(asking.path["teamId"], account_id(asking))
    body = Fields(asking.body)
    status = body.one_of("status", _STATUSES)
    body.done()
    campaign = asking.world.campaigns.get(asking.path["campaignId"])
    if campaign is None or campaign.account != account.id:
        raise not_found("Campaign")
    changed = asking.world.set_status(campaign.id, status)
    return Reply({"id": changed.id, "status": changed.status})


META: dict[int, Handler] = {32: _get_insights, 33: _get_campaigns, 34: _update_status}
