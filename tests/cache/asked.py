"""What the machine's users ask, and how an answer and the platform's data are told alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.catalogue.campaigns import CampaignField, ListCampaigns
from app.catalogue.insights import GetMetaInsights
from app.catalogue.meta_account import ListMetaPages
from app.catalogue.operation import Read
from app.catalogue.teams import GetTeam, ListTeamMembers
from app.catalogue.workspaces import ListWorkspaceTeams
from app.sandbox.provider import HANDLERS
from app.sandbox.state import Asking, Sandbox
from tests.cache.reads import PAST, TEAM

AGENCY = "team-acme-agency"
ENTERPRISE = "acme"
Told = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Question:
    """`told` says what our answer says, `given` what the platform's data says, in the same words.

    `fresh` and `stale` are the declared seconds, `shared` the declared sharing.
    """

    name: str
    operation: Read[Any]
    number: int
    fresh: int
    stale: int
    shared: bool
    told: Told
    given: Told
    team: str | None
    account: str | None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)

    def data(self, sandbox: Sandbox) -> Any:
        """The platform's data now, for who may see all of it."""
        return HANDLERS[self.number](Asking(sandbox, None, self.path, self.query, self.body)).data

    def read(self, body: bytes) -> Any:
        return self.told(json.loads(body))


def _rows(*names: str) -> Told:
    return lambda data: [tuple(row.get(name) for name in names) for row in data]


def _items(*names: str) -> Told:
    rows = _rows(*names)
    return lambda answer: rows(answer["items"])


def _campaigns(team: str, account: str, *, names_only: bool = False) -> Question:
    fields = {"fields": "id,name"} if names_only else {}
    asked = (CampaignField.NAME,) if names_only else ()
    return Question(
        f"{'names' if names_only else 'campaigns'} of {account} in {team}",
        ListCampaigns(team_id=team, ad_account_id=account, fields=asked),
        33,
        60,
        600,
        True,
        _items("id", "name", "status"),
        _rows("id", "name", "status"),
        team,
        account,
        {"teamId": team},
        {"adAccountId": account, **fields},
    )


def _insights(day: int) -> Question:
    date = PAST + timedelta(days=day)
    fields = "impressions,clicks,spend,campaign_id,campaign_name"
    return Question(
        f"figures of {date}",
        GetMetaInsights(team_id=TEAM, ad_account_id="act_1001", start_date=date, end_date=date),
        32,
        3600,
        86_400,
        True,
        _items("campaignId", "campaignName", "impressions"),
        lambda data: [
            (row["campaign_id"], row["campaign_name"], int(row["impressions"])) for row in data
        ],
        TEAM,
        "act_1001",
        {"teamId": TEAM},
        {
            "adAccountId": "act_1001",
            "startDate": date.isoformat(),
            "endDate": date.isoformat(),
            "fields": fields,
        },
    )


PAGES = Question(
    "pages",
    ListMetaPages(team_id=TEAM, ad_account_id="act_1001"),
    27,
    300,
    3600,
    False,
    _items("id", "name"),
    _rows("id", "name"),
    TEAM,
    "act_1001",
    {"teamId": TEAM},
    {"adAccountId": "act_1001"},
)
MEMBERS = Question(
    "members",
    ListTeamMembers(team_id=TEAM),
    11,
    30,
    300,
    False,
    _items("id", "externalUserId", "role"),
    lambda data: [(one["id"], one["user"]["externalUserId"], one["role"]) for one in data],
    TEAM,
    None,
    {"teamId": TEAM},
)
THE_TEAM = Question(
    "team",
    GetTeam(team_id=TEAM),
    13,
    30,
    300,
    False,
    lambda answer: (answer["name"], [one["externalUserId"] for one in answer["members"]]),
    lambda data: (data["name"], [one["user"]["externalUserId"] for one in data["TeamMembers"]]),
    TEAM,
    None,
    {"id": TEAM},
)
TEAMS = Question(
    "teams",
    ListWorkspaceTeams(enterprise_id=ENTERPRISE),
    9,
    30,
    300,
    False,
    _items("id", "name"),
    _rows("id", "name"),
    None,
    None,
    {},
    {},
    {"enterpriseId": ENTERPRISE},
)

QUESTIONS = (
    _campaigns(TEAM, "act_1001"),
    _campaigns(TEAM, "act_1001", names_only=True),
    _insights(0),
    _insights(1),
    _campaigns(TEAM, "act_1002"),
    _campaigns(AGENCY, "act_1002"),
    PAGES,
    MEMBERS,
    THE_TEAM,
    TEAMS,
)
BY_NAME = {question.name: question for question in QUESTIONS}
