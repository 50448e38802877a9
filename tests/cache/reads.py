"""Reads of Acme's brand team that the tests here ask for."""

from __future__ import annotations

from datetime import date

from app.catalogue.campaigns import (
    CampaignField,
    CampaignStatusChange,
    ListCampaigns,
    SetCampaignStatus,
)
from app.catalogue.insights import GetMetaInsights
from app.catalogue.permissions import AccessChange, ChangeAdAccountAccess
from app.catalogue.shapes import Permission, Status
from app.catalogue.teams import ListTeamMembers

TEAM = "team-acme-brand"
ACCOUNT = "act_1001"
# A day whose figures hardly change any more.
PAST = date(2026, 1, 15)
CAMPAIGNS = f"/teams/{TEAM}/meta/campaigns?adAccountId={ACCOUNT}"
MEMBERS = f"/teams/{TEAM}/members"


def campaigns(*fields: CampaignField, account: str = ACCOUNT) -> ListCampaigns:
    return ListCampaigns(team_id=TEAM, ad_account_id=account, fields=fields)


def insights(day: date, account: str = ACCOUNT) -> GetMetaInsights:
    return GetMetaInsights(team_id=TEAM, ad_account_id=account, start_date=day, end_date=day)


def members() -> ListTeamMembers:
    return ListTeamMembers(team_id=TEAM)


def pause(campaign: str = "cmp_1001_1") -> SetCampaignStatus:
    return SetCampaignStatus(
        team_id=TEAM,
        ad_account_id=ACCOUNT,
        campaign_id=campaign,
        body=CampaignStatusChange(status=Status.PAUSED),
    )


def permission(given: Permission, user: str = "cleo") -> ChangeAdAccountAccess:
    return ChangeAdAccountAccess(
        team_id=TEAM,
        ad_account_id=ACCOUNT,
        external_user_id=user,
        body=AccessChange(permission=given),
    )
