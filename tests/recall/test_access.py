"""Conditions on access and proof: what is known by heart ends with the right to it."""

from __future__ import annotations

import pytest

from app.testing.world import World
from tests.cache.reads import ACCOUNT, CAMPAIGNS, MEMBERS, TEAM
from tests.recall.asker import INSIGHTS, Asker, asker

# What BFF_ACCESS__* says where nothing is said (seconds).
TTL = 30
# Work is noted as often; a poll is not, so that facts and proof alone decide.
POLL = {"X_BFF_Background": "1"}
PAGES = f"/teams/{TEAM}/meta/pages?adAccountId={ACCOUNT}"
PERMISSIONS = f"/teams/{TEAM}/ad-accounts/{ACCOUNT}/permissions"


@pytest.mark.holds(53)
def test_a_permission_is_taken_away(ben: Asker, cleo: Asker) -> None:
    """Revoked through us: the next request of that user is refused, and nobody else's."""
    cleo.known()
    ben.known()
    admin = ben.client
    assert admin.request("DELETE", f"/api/v1{PERMISSIONS}/cleo").status_code == 204
    assert cleo.anew().status_code == 403
    assert ben.ask().status_code == 200
    granted = {"externalUserId": "cleo", "permission": "VIEWER"}
    assert admin.request("POST", f"/api/v1{PERMISSIONS}", json=granted).status_code == 201
    cleo.known()


@pytest.mark.holds(45, 53)
def test_a_member_is_removed(ben: Asker, cleo: Asker) -> None:
    """Removed through us: whatever of the team was known to him is gone."""
    members = Asker(cleo.gateway, cleo.client, MEMBERS)
    cleo.known()
    members.known()
    removed = ben.client.request("DELETE", f"/api/v1{MEMBERS}?externalUserId=cleo")
    assert removed.status_code == 204
    assert cleo.anew().status_code == 404
    assert members.anew().status_code == 404


@pytest.mark.holds(53)
@pytest.mark.parametrize("path", [CAMPAIGNS, INSIGHTS, MEMBERS, PAGES])
def test_behind_our_back(here: World, cleo: Asker, path: str) -> None:
    """Removed at the platform without us: refused as soon as facts and proof are too old,
    however long the answer itself would keep."""
    known = Asker(cleo.gateway, cleo.client, path)
    known.known()
    here.sandbox.world.remove(TEAM, "cleo")
    here.advance(TTL + 1)
    assert known.anew(**POLL).status_code in {403, 404}


@pytest.mark.holds(46, 53)
def test_the_permission_goes_behind_our_back(here: World, cleo: Asker) -> None:
    """Of account data each user's own proof decides: he is refused when it is too old."""
    figures = Asker(cleo.gateway, cleo.client, INSIGHTS)
    figures.known()
    here.sandbox.world.revoke(TEAM, "acc-1001", "cleo")
    here.advance(TTL + 1)
    assert figures.anew(**POLL).status_code == 403


@pytest.mark.holds(53)
def test_as_long_as_facts_are_believed(here: World, ben: Asker) -> None:
    """What keeps for long is recalled for as long as facts and proof are believed, then looked at."""
    figures = Asker(ben.gateway, ben.client, INSIGHTS)
    figures.known()
    here.advance(TTL - 5)
    figures.known()
    here.advance(6)
    here.forget_calls()
    assert figures.anew(**POLL).status_code == 200
    assert here.calls("getTeam")


@pytest.mark.holds(53, 77)
def test_refused_elsewhere(here: World, cleo: Asker) -> None:
    """The platform refuses him another question about the account: his proof is gone, and with it all
    that is known to him of it."""
    figures = Asker(cleo.gateway, cleo.client, INSIGHTS)
    figures.known()
    here.sandbox.world.revoke(TEAM, "acc-1001", "cleo")
    other = Asker(cleo.gateway, cleo.client, INSIGHTS.replace("2026-01-31", "2026-01-30"))
    assert other.anew().status_code == 403
    assert figures.anew().status_code == 403


@pytest.mark.holds(45, 53, 77)
def test_newer_facts_say_no(here: World, cleo: Asker) -> None:
    """Once we were told that he is in the team no more, nothing is recalled to him: facts that another
    request of his brought count at once."""
    cleo.known()
    here.sandbox.world.remove(TEAM, "cleo")
    here.advance(6)
    # What changes something decides on facts of the last seconds.
    refused = cleo.client.request("PATCH", f"/api/v1/teams/{TEAM}", json={"name": "Another"})
    assert refused.status_code in {403, 404}
    assert cleo.anew().status_code == 404


@pytest.mark.holds(51, 53)
def test_newer_facts_say_another_role(here: World, ben: Asker) -> None:
    """The same where the platform answers on: who is no ADMIN of the team any more needs a permission,
    and his was revoked."""
    ana = here.sign_in("ana")
    assert ana.api("DELETE", f"{PERMISSIONS}/ben").status_code == 204
    ben.known()  # an ADMIN needs none
    world = here.sandbox.world
    world.remove(TEAM, "ben")
    world.assign(TEAM, "ben", "MEMBER")
    here.advance(6)
    changed = ben.client.request("PATCH", f"/api/v1/teams/{TEAM}", json={"name": "Another"})
    assert changed.status_code == 403
    assert ben.anew().status_code == 403


@pytest.mark.holds(54, 77)
def test_an_outage(here: World, ben: Asker) -> None:
    """What is answered on the last facts, because the platform cannot be asked, is never recalled; what
    is known is recalled until its time is over."""
    figures = Asker(ben.gateway, ben.client, INSIGHTS)
    figures.known()
    for operation in ("getTeam", "getInsights", "getTeamConnections"):
        here.fault(operation, "reset", times=None)
    figures.known()
    here.advance(TTL + 1)
    for _ in range(3):
        kept = figures.anew(**POLL)
        assert kept.status_code == 200
        assert "detail=stale" in kept.headers["cache-status"]
    here.heal()
    here.advance(10)
    assert "stale" not in figures.known().headers["cache-status"]


@pytest.mark.holds(54)
def test_an_outage_of_the_proof_alone(here: World, ben: Asker) -> None:
    """The same where only what would prove his reach cannot be asked for."""
    figures = Asker(ben.gateway, ben.client, INSIGHTS)
    figures.known()
    here.advance(TTL + 1)
    here.fault("getInsights", "reset", times=None)
    for _ in range(3):
        assert "detail=stale" in figures.anew(**POLL).headers["cache-status"]


@pytest.mark.holds(50)
def test_what_only_admins_may(here: World) -> None:
    """Operations that only admins may use rest on facts of five seconds, known by heart or not."""
    billing = asker(here, "ana", "/workspaces/acme/connections")
    billing.known()
    here.advance(6)
    here.forget_calls()
    assert billing.anew().status_code == 200
    assert here.calls("getWorkspace")


@pytest.mark.holds(46, 53)
def test_a_consent_begins(here: World, ben: Asker) -> None:
    """While a consent may be under way less is believed about a team's connections: what rests on
    older facts is forgotten."""
    ben.known()
    here.advance(3)
    started = ben.client.request(
        "POST",
        f"/api/v1/teams/{TEAM}/connections",
        json={"platform": "meta", "redirect": "/connected"},
    )
    assert started.status_code < 300, started.text
    here.forget_calls()
    assert ben.anew().status_code == 200
    assert here.calls("getTeamConnections")
    ben.known()
    here.advance(3)
    ben.anew()


@pytest.mark.holds(74)
def test_out_of_line(here: World, ben: Asker, cleo: Asker) -> None:
    """A user who is given something else than the team's copy is not recalled the copy; what he was given
    himself he is."""
    ben.known()
    cleo.known()
    elsewhere = asker(here, "cleo")
    assert elsewhere.anew().headers["cache-status"].startswith("bff; hit")
    elsewhere.known()
    earned = here.parts.reading._earned
    for key in [one for one in earned._proofs if one.reach.user == "cleo"]:
        earned.end(key)
    elsewhere.anew()
    assert cleo.known().status_code == 200
    assert ben.known().status_code == 200
