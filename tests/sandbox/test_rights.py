"""Who may do what, with the switches in both positions."""

from __future__ import annotations

import pytest

from app.sandbox.operations import ADDRESSES

from .platform import Platform

_CAMPAIGNS = "/team-acme-brand/meta/campaigns?adAccountId=act_1001"
_INSIGHTS = (
    "/team-acme-brand/meta/insights?adAccountId=act_1001&startDate=2026-01-01&endDate=2026-01-02"
)
_STATUS = "/team-acme-brand/meta/campaigns/cmp_1001_1/status?adAccountId=act_1001"

# (operation, method, path, body) → users by their verdict. The bodies of changes are invalid on
# purpose: 400 or 404 for their content proves that the caller got past the door.
_READ_ACME = ("GET", "/workspace/acme", None)
_LIST_TEAMS = ("POST", "/team/enterprise", {"enterpriseId": "acme"})
_READ_TEAM = ("GET", "/team/team-acme-brand", None)
_READ_CONNECTIONS = ("GET", "/connections/team/team-acme-brand", None)
_CHANGE_TEAM = ("PATCH", "/team/team-acme-brand", {"name": ""})
_READ_CAMPAIGNS = ("GET", _CAMPAIGNS, None)
_READ_INSIGHTS = ("GET", _INSIGHTS, None)
_SET_STATUS = ("PATCH", _STATUS, {"status": "NEITHER"})
_CHANGE_ADMIN = ("PATCH", "/workspace/acme/change-admin", {"adminId": ""})
_DELETE_TEAM = ("DELETE", "/team/team-acme-default", None)

_Request = tuple[str, str, dict[str, str] | None]

_ALLOWED: list[tuple[_Request, set[str], set[str]]] = [
    (_READ_ACME, {"ana", "ben", "cleo", "dora", "emil", "kim"}, set()),
    (_LIST_TEAMS, {"ana", "ben", "cleo", "dora", "emil", "kim"}, set()),
    (_READ_TEAM, {"ana", "ben", "cleo", "dora", "emil"}, {"kim"}),
    (_READ_CONNECTIONS, {"ana", "ben", "cleo", "dora", "emil"}, {"kim"}),
    (_CHANGE_TEAM, {"ana", "ben"}, {"cleo", "dora", "emil", "kim"}),
    (_READ_CAMPAIGNS, {"ana", "ben", "cleo", "dora"}, {"emil", "kim"}),
    (_READ_INSIGHTS, {"ana", "ben", "cleo", "dora"}, {"emil", "kim"}),
    (_SET_STATUS, {"ana", "ben", "cleo"}, {"dora", "emil", "kim"}),
    (_CHANGE_ADMIN, {"ana"}, {"ben", "cleo", "dora", "emil", "kim"}),
    (_DELETE_TEAM, {"ana"}, {"ben", "cleo", "dora", "emil", "kim"}),
]

_EVERYONE = ("ana", "ben", "cleo", "dora", "emil", "gwen", "hugo", "kim", "zoe")


def _passed(platform: Platform, request: _Request, user: str) -> int:
    """The verdict alone: 403, 404, or 0 for everything that got past the door."""
    method, path, body = request
    status = platform.call(method, path, user, json=body).status_code
    return status if status in (403, 404) else 0


@pytest.mark.parametrize(("request_", "allowed", "forbidden"), _ALLOWED)
def test_strict(
    readonly: Platform, request_: _Request, allowed: set[str], forbidden: set[str]
) -> None:
    """Roles decide: those of the workspace get 403 for what is not theirs, strangers 404."""
    for user in _EVERYONE:
        expected = 0 if user in allowed else 403 if user in forbidden else 404
        assert _passed(readonly, request_, user) == expected, user


def test_lax(platform: Platform) -> None:
    """With permissions not enforced any user of the tenant gets in everywhere."""
    platform.sandbox.switches.enforce_permissions = False
    for request, _, _ in _ALLOWED:
        assert {_passed(platform, request, user) for user in _EVERYONE} == {0}, request


def test_account_of_another_team(platform: Platform) -> None:
    """An account that is not connected to the team is found only when nobody looks."""
    path = "/team-acme-brand/meta/campaigns?adAccountId=act_2001"
    assert platform.call("GET", path, "ben").status_code == 404
    assert platform.order("/switches", enforcePermissions=False).status_code == 200
    assert platform.call("GET", path, "ben").status_code == 200
    assert platform.call("GET", path.replace("2001", "9"), "ben").status_code == 404


def test_key_alone(platform: Platform) -> None:
    """With tokens not enforced the key is enough for the Meta operations, and only for those."""
    assert platform.call("GET", _CAMPAIGNS).status_code == 403
    assert platform.order("/switches", enforceTokens=False).json() == {
        "enforcePermissions": True,
        "enforceTokens": False,
        "documentedBodies": False,
        "filterCampaigns": False,
    }
    assert platform.call("GET", _CAMPAIGNS).status_code == 200
    assert platform.call("GET", _CAMPAIGNS, bearer="rubbish").status_code == 200
    assert platform.call("PATCH", _STATUS, json={"status": "PAUSED"}).status_code == 200
    assert platform.call("GET", "/team/team-acme-brand").status_code == 403


def test_key_alone_with_a_token(platform: Platform) -> None:
    """A living token that comes along still names the user whose permissions count."""
    platform.sandbox.switches.enforce_tokens = False
    assert platform.call("GET", _CAMPAIGNS, "emil").status_code == 403
    assert platform.call("GET", _CAMPAIGNS, "dora").status_code == 200


def test_which_need_the_key_alone(platform: Platform) -> None:
    """With tokens not enforced twelve of the Meta operations ask for no user, the others still do."""
    platform.sandbox.switches.enforce_tokens = False
    ids = {"teamId": "team-acme-brand", "campaignId": "cmp_1001_1"}
    meta = [address for address in ADDRESSES if address.number >= 26]
    paths = {one.number: f"{one.path.format(**ids)}?adAccountId=act_1001" for one in meta}
    asked = {
        one.number: platform.call(one.method, paths[one.number], json={}).status_code
        for one in meta
    }
    assert {number for number, status in asked.items() if status == 403} == {27, 28, 29, 37}
    assert set(asked) == set(range(26, 42))


def test_a_platform_that_filters(platform: Platform) -> None:
    """With the switch on nobody is refused, and users of one account are shown different campaigns."""

    def shown(user: str) -> frozenset[str]:
        answer = platform.call("GET", _CAMPAIGNS, user)
        assert answer.status_code == 200
        return frozenset(one["id"] for one in answer.json()["data"])

    everything = shown("ben")
    assert platform.order("/switches", filterCampaigns=True).status_code == 200
    views = {shown(user) for user in ("ben", "cleo", "dora")}
    assert len(views) == 3
    assert all(frozenset() < view < everything for view in views)
