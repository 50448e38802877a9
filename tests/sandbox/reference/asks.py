"""A walk through every sample of the reference: what to send so that the sandbox answers it.

The order matters: what is made, changed and deleted on the way are the sandbox's own objects. A
body is the operation's sample with what has to name something that exists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from app.sandbox.operations import ADDRESSES
from tests.sandbox.platform import KEY, Platform

Name = tuple[int, str]

SAMPLES: dict[Name, Any] = {
    (one["operation"], one["part"]): one["body"]
    for one in json.loads(Path(__file__).with_name("samples.json").read_text("utf-8"))
}
_ADDRESSES = {address.number: address for address in ADDRESSES}
_BRAND = {"teamId": "team-acme-brand"}
_AGENCY = {"teamId": "team-acme-agency"}
_TENTS = "adAccountId=act_1001"
_EMIL = {"adAccountId": "act_1001", "externalUserId": "emil"}
_LONE = {"members": [{"externalUserId": "Team-Member-3", "role": "MEMBER"}]}
_TWO = {"members": ["Team-Member-1", "Team-Member-2"]}
_DAYS = "startDate=2026-01-01&endDate=2026-01-31"
_ACCOUNT_DAYS = "start_date=2026-01-01&end_date=2026-01-31"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `fault` is a status that the sandbox is told to answer with."""

    operation: int
    part: str
    user: str | None = None
    at: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: Mapping[str, object] = field(default_factory=dict)
    key: str | None = KEY
    fault: int | None = None
    empty: bool = False

    @property
    def name(self) -> Name:
        return self.operation, self.part


ASKS = (
    Ask(1, "201"),
    Ask(1, "400", empty=True),
    Ask(1, "401", key=None),
    Ask(1, "404", fault=404),
    Ask(1, "500", fault=500),
    Ask(2, "200", "1"),
    Ask(3, "201", "1"),
    Ask(3, "400", "1"),
    Ask(3, "401", "1", key=None),
    Ask(3, "403"),
    Ask(3, "404", "1", fault=404),
    Ask(4, "200", "1", {"id": "1"}),
    Ask(5, "200", "1", {"id": "1"}),
    Ask(7, "200", "1", {"enterpriseId": "1"}),
    Ask(9, "200", "ana", body={"enterpriseId": "acme"}),
    Ask(8, "201", "ana", body={"enterpriseId": "acme"}),
    Ask(10, "201", "kim", _AGENCY, body=_LONE),
    Ask(10, "200", "kim", _AGENCY),
    Ask(11, "200", "kim", _AGENCY),
    Ask(12, "200", "kim", _AGENCY, body=_TWO),
    Ask(13, "200", "kim", {"id": "team-acme-agency"}),
    Ask(14, "200", "kim", {"id": "team-acme-agency"}),
    Ask(16, "200", "ana"),
    Ask(17, "201", "ben", body=_BRAND),
    Ask(18, "200", "ben", _BRAND),
    Ask(19, "200", "ana"),
    Ask(22, "200", "cleo", {"id": "act_1001"}, f"{_ACCOUNT_DAYS}&metrics=impressions,clicks,spend"),
    Ask(23, "201", "ben", _BRAND, body=_EMIL),
    Ask(25, "200", "ben", _BRAND, body=_EMIL),
    Ask(24, "200", "ben", _BRAND, body=_EMIL),
    Ask(26, "200", "cleo", _BRAND, _TENTS),
    Ask(27, "200", "cleo", _BRAND, _TENTS),
    Ask(28, "200", "cleo", _BRAND, _TENTS),
    Ask(29, "200", "cleo", _BRAND, _TENTS),
    Ask(30, "200", "cleo", _BRAND, _TENTS),
    Ask(31, "200", "cleo", _BRAND, _TENTS),
    Ask(32, "200", "cleo", _BRAND, f"{_TENTS}&{_DAYS}"),
    Ask(33, "200", "cleo", _BRAND, _TENTS),
    Ask(
        34,
        "200",
        "cleo",
        {**_BRAND, "campaignId": "cmp_1001_1"},
        _TENTS,
        body={"status": "PAUSED"},
    ),
    Ask(35, "200", "cleo", _BRAND, _TENTS),
    Ask(36, "201", "cleo", _BRAND, _TENTS),
    Ask(38, "200", "cleo", _BRAND, _TENTS),
    Ask(39, "200", "cleo", _BRAND, _TENTS),
    Ask(40, "200", "cleo", _BRAND, _TENTS),
    Ask(41, "201", "cleo", _BRAND, _TENTS),
    Ask(15, "200", "ana", {"id": "team-acme-agency"}),
    Ask(6, "200", "4", {"id": "1"}),
    Ask(21, "200", "hugo", {"connectionId": "conn-globex-shop"}),
    Ask(20, "200", "kim", {"adsaccountid": "acc-2002"}),
)
_PEOPLE = ("4", "Team-Admin-1", "Team-Member-1", "Team-Member-2", "Team-Member-3")


def walk(platform: Platform, *, documented_bodies: bool = True) -> dict[Name, httpx2.Response]:
    """Every answer of the walk, with the samples' own bodies where those disagree with ours."""
    platform.sandbox.switches.documented_bodies = documented_bodies
    for user in _PEOPLE:
        platform.pair(user)
    return {ask.name: send(platform, ask) for ask in ASKS}


def send(platform: Platform, ask: Ask) -> httpx2.Response:
    """The sample's request, to the operation's address."""
    address = _ADDRESSES[ask.operation]
    if ask.fault is not None:
        order = {"operation": ask.operation, "kind": "status", "status": ask.fault}
        assert platform.order("/faults", **order).status_code == 204
    bearer = None
    if ask.user is not None:
        kind = "refreshToken" if address.name == "refreshToken" else "accessToken"
        bearer = platform.pair(ask.user)[kind]
    sample = SAMPLES.get((ask.operation, "request"))
    body = None if sample is None and not ask.body else {**(sample or {}), **ask.body}
    return platform.call(
        address.method,
        f"{address.path.format(**ask.at)}?{ask.query}",
        json={} if ask.empty else body,
        key=ask.key,
        bearer=bearer,
    )
