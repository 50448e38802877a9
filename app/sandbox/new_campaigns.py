"""Operations 35–39: a campaign with its ad set, ad and creative, in one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from app.sandbox.accounts import written_account
from app.sandbox.campaign_rules import (
    AWARENESS,
    ENGAGEMENT,
    LEADS,
    SALES,
    TRAFFIC,
    Draft,
    Kind,
    read_draft,
)
from app.sandbox.records import GOALS, Ad, AdAccount, AdSet, Campaign, midnight_of
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Reply
from app.sandbox.world import World

_CENTS = 100
# What three of the samples say, copied from another operation.
_COPIED_MESSAGE = "Admin changed successfully"


def _create(kind: Kind, asking: Asking) -> Reply:
    account = written_account(asking)
    draft = read_draft(asking.body, kind)
    campaign = _campaign(draft, kind, account, asking.world, asking.sandbox.clock.now())
    asking.world.add_campaigns([campaign])
    if kind.status == 200 and asking.sandbox.switches.documented_bodies:
        return Reply(None, message=_COPIED_MESSAGE)
    ad_set = campaign.ad_sets[0]
    ids = {"campaignId": campaign.id, "adSetId": ad_set.id, "adId": ad_set.ads[0].id}
    return Reply(ids, kind.status)


def _campaign(draft: Draft, kind: Kind, account: AdAccount, world: World, now: float) -> Campaign:
    return Campaign(
        id=world.new_id("cmp"),
        account=account.id,
        name=draft.name,
        objective=kind.objective,
        daily_budget=draft.budget * _CENTS,
        created=now,
        updated=now,
        history=((now, draft.status),),
        ad_sets=(_ad_set(draft, kind, world),),
        starts=midnight_of(draft.start) if draft.start else None,
        ends=midnight_of(draft.end + timedelta(days=1)) if draft.end else None,
        special_categories=draft.special_categories,
    )


def _ad_set(draft: Draft, kind: Kind, world: World) -> AdSet:
    creative = replace(draft.creative, id=world.new_id("cr"))
    ad = Ad(world.new_id("ad"), f"{draft.name} ad", creative)
    goal = draft.goal or GOALS[kind.objective]
    return AdSet(world.new_id("set"), draft.ad_set_name, goal, (ad,), draft.targeting)


NEW_CAMPAIGNS: dict[int, Handler] = {
    35: partial(_create, TRAFFIC),
    36: partial(_create, SALES),
    37: partial(_create, LEADS),
    38: partial(_create, AWARENESS),
    39: partial(_create, ENGAGEMENT),
}
