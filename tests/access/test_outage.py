"""While the platform is unreachable: cached reads go on for a while, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.testing.world import Browser, World, world
from tests.access.acme import CAMPAIGNS, PERMISSIONS, TEAM, code, remove, revoke, set_status

INSIGHTS = f"/teams/{TEAM}/meta/insights?adAccountId=act_1001&startDate=2026-01-01&endDate="
READS = (CAMPAIGNS, f"{INSIGHTS}2026-01-31", f"/teams/{TEAM}", f"/teams/{TEAM}/members")
STALE = re.compile(r"bff; hit; ttl=-?\d+; detail=stale")
OUTAGES: dict[str, dict[str, Any]] = {
    "reset": {"kind": "reset"},
    "5xx": {"kind": "status", "status": 503},
    "429": {"kind": "rate-limit"},
    "failure at 200": {"kind": "unsuccessful"},
}


def fail(world_: World, how: str = "reset") -> None:
    world_.fault("*", times=None, **OUTAGES[how])


def served(browser: Browser, path: str) -> bool:
    """Whether the kept answer is served, marked; refused it has to be as `access-unavailable`."""
    answer = browser.api("GET", path)
    if answer.status_code == 200:
        assert STALE.fullmatch(answer.headers["cache-status"])
        return True
    assert (answer.status_code, code(answer)) == (503, "access-unavailable")
    return False


@pytest.mark.holds(54, 77)
@pytest.mark.parametrize("how", sorted(OUTAGES))
def test_cached_reads_outlive_an_outage(strict_world: World, how: str) -> None:
    """What was read is served, marked stale; what was not, and every write, is 503."""
    ben = strict_world.sign_in("ben")
    for path in READS:
        ben.read(path)
    strict_world.advance(100)
    fail(strict_world, how)
    assert all(served(ben, path) for path in READS)
    assert not served(ben, f"{INSIGHTS}2026-01-30")
    for answer in (
        set_status(ben),
        ben.api("PATCH", f"/teams/{TEAM}", json={"name": "New"}),
        ben.api("DELETE", f"/teams/{TEAM}/connections/conn-acme-brand"),
    ):
        assert (answer.status_code, code(answer)) == (503, "access-unavailable")
    strict_world.heal()
    strict_world.advance(2)  # a 429 is obeyed for a while
    assert ben.api("GET", CAMPAIGNS).headers["cache-status"] == "bff; fwd=miss; stored"


@pytest.mark.holds(54)
def test_a_stranger_gets_nothing_in_an_outage(either_world: World) -> None:
    """Who never had a positive decision gets nothing, of what others had read either."""
    cleo, emil, kim, zoe = (either_world.sign_in(user) for user in ("cleo", "emil", "kim", "zoe"))
    cleo.read(CAMPAIGNS)
    assert code(zoe.api("GET", CAMPAIGNS)) == "not-found"
    fail(either_world)
    assert code(zoe.api("GET", CAMPAIGNS)) in {"not-found", "access-unavailable"}
    assert not served(emil, CAMPAIGNS)
    assert not served(kim, CAMPAIGNS)


@pytest.mark.holds(54)
def test_what_the_ledger_keeps_is_not_listed_in_an_outage(strict_world: World) -> None:
    """Only cached reads go on: the list of permissions is none."""
    ben = strict_world.sign_in("ben")
    ben.read(PERMISSIONS)
    strict_world.advance(6)
    fail(strict_world)
    assert not served(ben, PERMISSIONS)


@pytest.fixture(params=["strict", "lax"])
def brief_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Outages are bridged for 200 s only."""
    with world(strict=request.param == "strict", access={"outage_seconds": 200}) as running:
        yield running


@pytest.mark.holds(54)
def test_the_outage_window_ends(brief_world: World) -> None:
    """OUTAGE_SECONDS after the last positive decision nothing is served any more."""
    cleo = brief_world.sign_in("cleo")
    for path in READS:
        cleo.read(path)
    fail(brief_world)
    brief_world.advance(195)
    assert all(served(cleo, path) for path in READS)
    brief_world.advance(10)
    assert not any(served(cleo, path) for path in READS)


@pytest.mark.holds(54)
def test_a_refusal_ends_the_window(strict_world: World) -> None:
    """Once the platform said no, an outage afterwards brings nothing back."""
    cleo = strict_world.sign_in("cleo")
    for path in READS:
        cleo.read(path)
    strict_world.sandbox.world.remove(TEAM, "cleo")
    strict_world.advance(31)
    assert code(cleo.api("GET", READS[-1])) == "not-found"
    fail(strict_world)
    assert not any(served(cleo, path) for path in READS)


@pytest.mark.holds(54)
def test_an_answer_without_him_ends_the_window(strict_world: World) -> None:
    """A platform that answers, and does not list him any more, has refused him too."""
    strict_world.sandbox.switches.enforce_permissions = False
    cleo = strict_world.sign_in("cleo")
    cleo.read(CAMPAIGNS)
    strict_world.sandbox.world.remove(TEAM, "cleo")
    strict_world.advance(31)
    assert code(cleo.api("GET", CAMPAIGNS)) == "not-found"
    fail(strict_world)
    assert code(cleo.api("GET", CAMPAIGNS)) in {"not-found", "access-unavailable"}


@pytest.mark.holds(53, 54)
def test_changes_through_us_end_the_window(either_world: World) -> None:
    """Who was removed, or whose account was revoked, through us is not served in an outage."""
    ben, cleo, dora = (either_world.sign_in(user) for user in ("ben", "cleo", "dora"))
    for browser in (cleo, dora):
        for path in READS:
            browser.read(path)
    remove(ben, "cleo")
    assert revoke(ben, "dora").status_code == 204
    fail(either_world)
    assert not any(served(cleo, path) for path in READS)
    for path in READS[:2]:
        assert dora.api("GET", path).status_code in {403, 503}


@pytest.mark.holds(54)
@pytest.mark.parametrize("kind", ["garbage", "content-type"])
def test_nonsense_is_no_outage(strict_world: World, kind: str) -> None:
    """A platform that answers what cannot be trusted bridges nothing: membership is unknowable."""
    cleo = strict_world.sign_in("cleo")
    for path in READS:
        cleo.read(path)
    strict_world.advance(31)
    strict_world.fault("getTeam", kind, times=None)
    assert not any(served(cleo, path) for path in READS)


@pytest.mark.holds(54)
def test_a_refused_key_is_no_outage(strict_world: World) -> None:
    """A platform that refuses our key bridges nothing either."""
    cleo = strict_world.sign_in("cleo")
    cleo.read(CAMPAIGNS)
    strict_world.advance(31)
    strict_world.fault("*", "key-revoked", times=None)
    answer = cleo.api("GET", CAMPAIGNS)
    assert (answer.status_code, code(answer)) == (502, "upstream-credentials")
