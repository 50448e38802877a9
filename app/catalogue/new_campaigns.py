"""Create Meta campaigns: campaign, ad set and ad in one call, paused unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.campaign_drafts import (
    AwarenessCampaignDraft,
    CampaignDraft,
    EngagementCampaignDraft,
    LeadCampaignDraft,
    SalesCampaignDraft,
    TrafficCampaignDraft,
)
from app.catalogue.campaigns import CampaignField, ListCampaigns
from app.catalogue.known import Known
from app.catalogue.operation import Rule, Upstream
from app.catalogue.shapes import Answer
from app.catalogue.spending import Spend
from app.catalogue.tags import Tag


class NewCampaign(Answer):
    """The ids of what was created; null where the platform does not tell."""

    campaign_id: str | None = None
    ad_set_id: str | None = None
    ad_id: str | None = None


class _Creation(Spend[NewCampaign], abstract=True):
    """What creating a campaign of any kind shares."""

    def drops(self, known: Known) -> set[Tag]:
        return {tags.account(self.ad_account_id)}

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        return ((f"/body{pointer}", sentence) for pointer, sentence in self._draft.faults(today))

    @classmethod
    def listing(cls, team_id: str, ad_account_id: str) -> ListCampaigns:
        return ListCampaigns(
            team_id=team_id, ad_account_id=ad_account_id, fields=(CampaignField.NAME,)
        )

    @classmethod
    def made(cls, found: str) -> NewCampaign:
        return NewCampaign(campaign_id=found)

    @property
    def name(self) -> str:
        return self._draft.campaign_name

    @property
    def daily_budget(self) -> int:
        return self._draft.budget

    @property
    def _draft(self) -> CampaignDraft:
        body = getattr(self, "body", None)
        assert isinstance(body, CampaignDraft)
        return body

    def answer(self, data: Any, known: Known) -> NewCampaign:
        """A 2xx is success whatever its body: some samples show no ids at all."""
        told = data if isinstance(data, dict) else {}
        ids = {name: told.get(name) for name in ("campaignId", "adSetId", "adId")}
        return NewCampaign(**{name: str(value) for name, value in ids.items() if value})


class CreateTrafficCampaign(_Creation):
    """Create a traffic campaign."""

    route = "POST /teams/{teamId}/meta/campaigns/traffic"
    upstream = Upstream(35, "POST /{teamId}/meta/campaigns/traffic?adAccountId", Evidence.INFERRED)
    access = (Rule.ACCOUNT_WRITE,)
    status = 201
    wire = Any

    body: TrafficCampaignDraft


class CreateSalesCampaign(_Creation):
    """Create a sales campaign."""

    route = "POST /teams/{teamId}/meta/campaigns/sales"
    upstream = Upstream(36, "POST /{teamId}/meta/campaigns/sales?adAccountId", Evidence.INFERRED)
    access = (Rule.ACCOUNT_WRITE,)
    status = 201
    wire = Any

    body: SalesCampaignDraft


class CreateLeadCampaign(_Creation):
    """Create a lead campaign."""

    route = "POST /teams/{teamId}/meta/campaigns/leads"
    upstream = Upstream(37, "POST /{teamId}/meta/campaigns/lead?adAccountId", Evidence.INFERRED)
    access = (Rule.ACCOUNT_WRITE,)
    status = 201
    wire = Any

    body: LeadCampaignDraft


class CreateAwarenessCampaign(_Creation):
    """Create an awareness campaign."""

    route = "POST /teams/{teamId}/meta/campaigns/awareness"
    upstream = Upstream(
        38, "POST /{teamId}/meta/campaigns/awareness?adAccountId", Evidence.INFERRED
    )
    access = (Rule.ACCOUNT_WRITE,)
    status = 201
    wire = Any

    body: AwarenessCampaignDraft


class CreateEngagementCampaign(_Creation):
    """Create an engagement campaign."""

    route = "POST /teams/{teamId}/meta/campaigns/engagement"
    upstream = Upstream(
        39, "POST /{teamId}/meta/campaigns/engagement?adAccountId", Evidence.INFERRED
    )
    access = (Rule.ACCOUNT_WRITE,)
    status = 201
    wire = Any

    body: EngagementCampaignDraft
