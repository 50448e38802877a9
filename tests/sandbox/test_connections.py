"""Operations 16–25 as they stand on the wire, and the consent page in between."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from .platform import GATEWAY, Platform, refused


def _connect(platform: Platform, user: str, **body: str) -> str:
    answer = platform.call("POST", "/connections", user, json={"platform": "meta", **body})
    assert (answer.status_code, set(answer.json())) == (201, {"authUrl"}), answer.text
    url: str = answer.json()["authUrl"]
    return url


def _decide(platform: Platform, url: str, **form: str | list[str]) -> httpx2.Response:
    state = parse_qs(urlsplit(url).query)["state"][0]
    return platform.http.post("/consent", data={"state": state, **form})


def test_tenant_connections(readonly: Platform) -> None:
    """The tenant's connections come wrapped twice, and whole, to any user."""
    data = readonly.data("GET", "/connections", "emil")
    assert (set(data), data["success"], data["count"]) == ({"success", "count", "data"}, True, 4)
    assert data["data"][0] == {
        "id": "conn-acme-brand",
        "platform": "meta",
        "adsAccounts": [
            {
                "adsAccount": {
                    "id": "acc-1001",
                    "accountId": "act_1001",
                    "accountName": "Acme Tents",
                }
            },
            {
                "adsAccount": {
                    "id": "acc-1002",
                    "accountId": "act_1002",
                    "accountName": "Acme Boots",
                }
            },
        ],
    }


def test_team_connections(readonly: Platform) -> None:
    """A team's connections have the same items, in a plain list."""
    everything = readonly.data("GET", "/connections", "kim")["data"]
    for team in ("acme-agency", "globex-agency"):
        listed = readonly.data("GET", f"/connections/team/team-{team}", "kim")
        assert listed == [one for one in everything if one["id"] == f"conn-{team}"]


def test_statuses(readonly: Platform) -> None:
    """Accounts are listed with their status under a misspelt key."""
    data = readonly.data("GET", "/connections/status", "ana")
    assert data["connected"][0] == {
        "platform": "meta",
        "connected": True,
        "ads_accooun_id": "act_1001",
        "account_name": "Acme Tents",
    }


def test_consent_page(readonly: Platform) -> None:
    """The consent page needs no script and loads nothing from elsewhere."""
    url = _connect(readonly, "ben", teamId="team-acme-brand", redirect=f"{GATEWAY}/back")
    state = json.loads(parse_qs(urlsplit(url).query)["state"][0])
    assert (state["tenantId"], state["teamId"]) == ("tenant-demo", "team-acme-brand")
    page = readonly.http.get(url)
    assert page.status_code == 200
    assert page.text.count('type="checkbox"') == 3
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_allowing(platform: Platform) -> None:
    """Allowing makes the connection with its accounts and campaigns, and leads back."""
    url = _connect(
        platform, "ben", teamId="team-acme-brand", redirect=f"{GATEWAY}/back?platform=meta"
    )
    before = platform.data("GET", "/connections/team/team-acme-brand", "ben")
    chosen = platform.http.get(url).text.partition('value="act_')[2].partition('"')[0]
    done = _decide(platform, url, decision="allow", account=[f"act_{chosen}"])
    assert done.status_code == 302
    assert done.headers["location"] == f"{GATEWAY}/back?platform=meta?connection=success"
    after = platform.data("GET", "/connections/team/team-acme-brand", "ben")
    assert after[:-1] == before
    account = after[-1]["adsAccounts"][0]["adsAccount"]["accountId"]
    path = f"/team-acme-brand/meta/campaigns?adAccountId={account}"
    assert len(platform.data("GET", path, "ben")) == 4


def test_cancelling(readonly: Platform) -> None:
    """Cancelling changes nothing and leads back too; allowing no account asks again."""
    url = _connect(readonly, "ana", workspaceId="acme", redirect=f"{GATEWAY}/back")
    done = _decide(readonly, url, decision="cancel")
    assert done.headers["location"] == f"{GATEWAY}/back?connection=cancelled"
    assert _decide(readonly, url, decision="allow").status_code == 400
    assert readonly.data("GET", "/connections", "ana")["count"] == 4


@pytest.mark.parametrize("state", ["", "{", "[]", '{"teamId":"nowhere","platform":"meta"}'])
def test_broken_state(readonly: Platform, state: str) -> None:
    """A state that cannot be used stops at a page."""
    assert readonly.http.get("/consent", params={"state": state}).status_code == 400


@pytest.mark.parametrize("body", [{"platform": "meta"}, {"platform": "paper", "teamId": "x"}])
def test_connecting_needs_platform_and_team(readonly: Platform, body: dict[str, str]) -> None:
    """A platform that is not offered, or no team at all, is a validation error."""
    answer = readonly.call("POST", "/connections", "ben", json=body)
    assert refused(answer, 400, "BAD_REQUEST")["details"]


def test_deleting_an_account(platform: Platform) -> None:
    """An account is deleted by its internal id and for every team of the tenant."""
    refused(platform.call("DELETE", "/connections/ads-account/act_1002", "ben"), 404, "NOT_FOUND")
    answer = platform.call("DELETE", "/connections/ads-account/acc-1002", "ben").json()
    assert answer["data"] == {
        "tenantId": "tenant-demo",
        "adsAccountId": "acc-1002",
        "deletedConnections": 0,
        "deletedAdsAccount": True,
    }
    assert "acc-1002" in answer["message"]
    agency = platform.data("GET", "/connections/team/team-acme-agency", "kim")
    assert [one["adsAccount"]["id"] for one in agency[0]["adsAccounts"]] == ["acc-1003"]


def test_disconnecting(platform: Platform) -> None:
    """A connection goes with what hung from it; an account that others have stays connected."""
    refused(platform.call("DELETE", "/connections/conn-acme-brand", "kim"), 403, "FORBIDDEN")
    answer = platform.call("DELETE", "/connections/conn-acme-brand", "ben").json()
    assert isinstance(answer["data"]["deleted"], dict)
    assert "all related data" in answer["message"]
    statuses = platform.data("GET", "/connections/status", "ben")["connected"]
    connected = {one["ads_accooun_id"]: one["connected"] for one in statuses}
    assert (connected["act_1001"], connected["act_1002"]) == (False, True)
    assert not platform.sandbox.world.grants


@pytest.mark.parametrize("account", ["act_1001", "acc-1001"])
def test_account_insights(readonly: Platform, account: str) -> None:
    """One account's numbers are an object of numbers by name, or a list of them by breakdown."""
    path = f"/connections/{account}/insights?start_date=2026-01-01&end_date=2026-01-07"
    whole = readonly.data("GET", f"{path}&metrics=impressions,spend", "cleo")
    assert set(whole) == {"impressions", "spend"}
    parts = readonly.data("GET", f"{path}&metrics=impressions&breakdown=gender", "cleo")
    assert {part["gender"] for part in parts} == {"female", "male", "unknown"}
    assert sum(part["impressions"] for part in parts) == whole["impressions"]


def test_account_insights_refusals(readonly: Platform) -> None:
    """Dates and metrics are required; an account of others is refused."""
    answer = readonly.call("GET", "/connections/act_1001/insights?start_date=2026-01-01", "cleo")
    assert len(refused(answer, 400, "BAD_REQUEST")["details"]) >= 2
    path = "/insights?start_date=2026-01-01&end_date=2026-01-07&metrics=spend"
    refused(readonly.call("GET", f"/connections/act_1001{path}", "emil"), 403, "FORBIDDEN")
    refused(readonly.call("GET", f"/connections/act_2001{path}", "cleo"), 404, "NOT_FOUND")


def _grant(platform: Platform, action: str, user: str, **body: str) -> httpx2.Response:
    wanted = {"adAccountId": "act_1001", "externalUserId": "emil", **body}
    return platform.call("POST", f"/team-acme-brand/ads-accounts/{action}", user, json=wanted)


def test_permission_life(platform: Platform) -> None:
    """A permission is given, changed and taken away, and bites each time."""
    read = "/team-acme-brand/meta/campaigns?adAccountId=act_1001"
    write = "/team-acme-brand/meta/campaigns/cmp_1001_1/status?adAccountId=act_1001"
    given = _grant(platform, "assign", "ben", permission="VIEWER")
    assert given.status_code == 201
    assert set(given.json()["data"]) == {"id", "permission", "updatedAt", "createdAt", "adsAccount"}
    assert given.json()["data"]["adsAccount"] == {"accountId": "act_1001"}
    assert platform.call("GET", read, "emil").status_code == 200
    status = {"status": "PAUSED"}
    refused(platform.call("PATCH", write, "emil", json=status), 403, "FORBIDDEN")
    changed = _grant(platform, "change", "ben", permission="MANAGER")
    assert (changed.status_code, changed.json()["data"]) == (200, None)
    assert platform.call("PATCH", write, "emil", json=status).status_code == 200
    assert _grant(platform, "revoke", "ben").json()["data"] is None
    refused(platform.call("GET", read, "emil"), 403, "FORBIDDEN")


def test_permission_refusals(platform: Platform) -> None:
    """Only a team's admin gives permissions, to its members, on its accounts."""
    refused(_grant(platform, "assign", "cleo", permission="VIEWER"), 403, "FORBIDDEN")
    refused(_grant(platform, "assign", "ben", permission="OWNER"), 400, "BAD_REQUEST")
    stranger = _grant(platform, "assign", "ben", permission="VIEWER", externalUserId="hugo")
    refused(stranger, 400, "BAD_REQUEST")
    foreign = _grant(platform, "assign", "ben", permission="VIEWER", adAccountId="act_2001")
    refused(foreign, 404, "NOT_FOUND")
    again = _grant(platform, "assign", "ben", permission="VIEWER", externalUserId="cleo")
    refused(again, 400, "BAD_REQUEST")
    refused(_grant(platform, "change", "ben", permission="VIEWER"), 404, "NOT_FOUND")
    refused(_grant(platform, "revoke", "ben"), 404, "NOT_FOUND")
