"""Operations 26–28: import, Facebook pages, targeting search."""

from __future__ import annotations

from app.sandbox.accounts import team_accounts, writable_accounts
from app.sandbox.demo import MOST_CAMPAIGNS, campaigns_for
from app.sandbox.demo_ads import forms_of, pages_of
from app.sandbox.records import AdAccount, Campaign
from app.sandbox.state import Asking, Handler
from app.sandbox.targeting import TYPES, search
from app.sandbox.wire import Fields, Reply


def _import(asking: Asking) -> Reply:
    """Brings the rest of what the demo has for an account; later imports find nothing new."""
    campaigns: list[Campaign] = []
    for account in writable_accounts(asking):
        if asking.world.mark_imported(account.id):
            _fill(asking, account)
        campaigns += asking.world.campaigns_of(account.id)
    ad_sets = [ad_set for one in campaigns for ad_set in one.ad_sets]
    ads = sum(len(one.ads) for one in ad_sets)
    counts = {
        "campaigns": len(campaigns),
        "adSets": len(ad_sets),
        "ads": ads,
        "creatives": ads,
    }
    return Reply({"imported": counts})


def _fill(asking: Asking, account: AdAccount) -> None:
    found = campaigns_for(account, MOST_CAMPAIGNS, asking.sandbox.clock)
    known = asking.world.campaigns
    asking.world.add_campaigns([one for one in found if one.id not in known])
    for form_id, name, page in forms_of(account):
        asking.world.add_form(name, page, account.id, form_id)


def _get_pages(asking: Asking) -> Reply:
    pages = [page for account in team_accounts(asking) for page in pages_of(account)]
    return Reply([{"id": page.id, "name": page.name} for page in pages])


def _search_targeting(asking: Asking) -> Reply:
    team_accounts(asking)
    body = Fields(asking.body)
    kind, query = body.one_of("type", TYPES), body.text("query")
    body.done()
    return Reply(search(kind, query))


META_ACCOUNT: dict[int, Handler] = {26: _import, 27: _get_pages, 28: _search_targeting}
