"""Replicas of two releases on one Redis: nobody is signed out, answered wrongly, or made to pay twice.

The other release is this one with the versions of its records raised (later_release.py): `next` is
what a rolling upgrade meets; `after` is two releases ahead, which nobody should run beside this one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from app.clock import MovableClock
from app.commands.sandbox import sandbox_environment
from app.sandbox.server import SandboxOptions
from app.testing.world import API, API_KEY, Browser
from tests import drafts
from tests.commands.running import BFF, serving
from tests.ports import free_port
from tests.replicas.cluster import Replicas, platform
from tests.replicas.conftest import shared_redis as shared_redis
from tests.replicas.processes import settings_of
from tests.replicas.redis_server import RedisServer

ROOT = Path(__file__).parents[2]
TEAM = "/teams/team-acme-brand"
ACCOUNT = "adAccountId=act_1001"
CAMPAIGNS = f"{TEAM}/meta/campaigns?{ACCOUNT}"
CAMPAIGN = f"{TEAM}/meta/campaigns/cmp_1001_1?{ACCOUNT}"
TRAFFIC = f"{TEAM}/meta/campaigns/traffic?{ACCOUNT}"
PERMISSIONS = f"{TEAM}/ad-accounts/act_1001/permissions"


# Their places among the replicas.
THIS, NEXT, AFTER = 0, 1, 2


class Releases(Replicas):
    """One replica of each; a browser or client reaches any by its origin."""

    @contextmanager
    def browser(self, user: str, begins: int, ends: int | None = None) -> Iterator[Browser]:
        """Signed in at the one where its login `begins`, or where it `ends`. Browsers know one origin,
        that of the proxy before both."""
        end = self.origins[begins if ends is None else ends]
        with Browser(self.origins[begins]) as browser:
            browser.headers["Origin"] = self.origins[0]
            location = browser.choose(browser.get("/auth/login").headers["location"], user)
            browser.follow(location.replace(self.origins[0], end))
            yield browser


@pytest.fixture(scope="module")
def releases(
    shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Releases]:
    """All on one Redis and one platform. None of them ever failed at something of another's."""
    folder = tmp_path_factory.mktemp("releases")
    ports = [free_port() for _ in (THIS, NEXT, AFTER)]
    origins = [f"http://localhost:{port}" for port in ports]
    options = SandboxOptions(origin="", gateway_origin=origins[THIS], api_key=API_KEY)
    later = (sys.executable, "-m", "tests.upgrade.later_release")
    programs = [(BFF,), (*later, "next"), (*later, "after")]
    clock = MovableClock()
    with platform(clock, origins[THIS]) as sandbox, ExitStack() as stack:
        settings = sandbox_environment(sandbox.origin, options)
        settings |= settings_of(sandbox.origin, origins[THIS], shared_redis.url, folder)
        settings |= {"BFF_IDENTITY__SAME_USERS": "true", "PYTHONPATH": str(ROOT)}
        running = [
            stack.enter_context(
                serving("serve", cwd=folder, settings=settings, port=port, program=program)
            )
            for port, program in zip(ports, programs, strict=True)
        ]
        replicas = Releases(sandbox, origins, clock)
        stack.callback(replicas.close)
        yield replicas
        for one in running:
            assert "Traceback" not in one.said
            assert '"status":500' not in one.said


def at(browser: Browser, origin: str, path: str, method: str = "GET") -> httpx.Response:
    """One question of a browser's at another replica than the one that it signed in at."""
    return browser.request(method, origin + path)


@pytest.mark.parametrize("signed_in_at", [THIS, NEXT])
def test_a_session_of_one_release_is_one_of_the_next(releases: Releases, signed_in_at: int) -> None:
    """Whichever began it: both know it, and where it ends it is over at both."""
    with releases.browser("ben", signed_in_at) as browser:
        for origin in releases.origins:
            assert at(browser, origin, "/auth/session").json()["user"] == "ben"
            assert at(browser, origin, API + CAMPAIGNS).status_code == 200
        kept = {"Cookie": f"bff-dev={browser.session_cookie}"}
        ended = at(browser, releases.origins[NEXT - signed_in_at], "/auth/logout", "POST")
        assert ended.status_code == 200
        assert browser.get(API + CAMPAIGNS, headers=kept).status_code == 401


def test_a_login_begins_at_one_release_and_ends_at_the_next(releases: Releases) -> None:
    with releases.browser("ben", begins=THIS, ends=NEXT) as browser:
        assert browser.get("/auth/session").json()["user"] == "ben"


@pytest.mark.holds(76)
@pytest.mark.parametrize("through", [THIS, NEXT])
def test_a_change_through_one_release_is_seen_at_the_next(releases: Releases, through: int) -> None:
    """What both keep is dropped at both, though neither reads the answers of the other."""
    for status in ("PAUSED", "ACTIVE"):
        for replica in (THIS, NEXT):
            releases.read("ben", CAMPAIGNS, replica)
        client = releases.client("ben", through)
        assert client.api("PATCH", CAMPAIGN, json={"status": status}).status_code == 200
        for replica in (through, NEXT - through):
            items = releases.read("ben", CAMPAIGNS, replica)["items"]
            assert {one["id"]: one["status"] for one in items}["cmp_1001_1"] == status


@pytest.mark.holds(73)
def test_releases_never_give_each_others_answers(releases: Releases) -> None:
    """An answer may look or mean something else there: the platform is asked once by each."""
    asked = f"{TEAM}/meta/insights?{ACCOUNT}&startDate=2026-02-01&endDate=2026-02-07"
    before = len(releases.asked("getInsights"))
    for replica in (THIS, NEXT, THIS, NEXT):
        releases.read("ben", asked, replica)
    assert len(releases.asked("getInsights")) == before + 2


@pytest.mark.holds(95)
def test_releases_share_tokens(releases: Releases) -> None:
    """One exchange serves both."""
    before = len(releases.asked("exchangeToken"))
    for replica in (THIS, NEXT):
        releases.read("emil", TEAM, replica)
    assert len(releases.asked("exchangeToken")) == before + 1


@pytest.mark.holds(88)
@pytest.mark.parametrize("first", [THIS, NEXT])
def test_money_is_spent_once_by_both(releases: Releases, first: int) -> None:
    """The same key at the other release is answered with the first answer."""
    made = [_spend(releases, replica, f"once {first}") for replica in (first, NEXT - first)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[1].headers["idempotency-replayed"] == "true"
    assert made[0].json() == made[1].json()


def test_a_session_of_a_release_too_far_ahead_is_not_ended(releases: Releases) -> None:
    """It stands, and this release cannot read it: 503, as while Redis is away, and no cookie is taken.
    The other way round all is well."""
    with releases.browser("ben", AFTER) as browser:
        answer = at(browser, releases.origins[THIS], "/auth/session")
        assert (answer.status_code, answer.json()["code"]) == (503, "access-unavailable")
        assert "set-cookie" not in answer.headers
        assert browser.get("/auth/session").json()["user"] == "ben"
    with releases.browser("ben", THIS) as browser:
        assert at(browser, releases.origins[AFTER], "/auth/session").json()["user"] == "ben"


@pytest.mark.holds(76)
def test_of_a_release_too_far_ahead_neither_answers_nor_tokens_are_used(releases: Releases) -> None:
    """They count as not there: this release asks for its own, and both see each other's changes."""
    for replica in (AFTER, THIS, AFTER, THIS):
        assert releases.read("ben", CAMPAIGNS, replica)["items"]
    changed = releases.client("ben", AFTER).api("PATCH", CAMPAIGN, json={"status": "PAUSED"})
    assert changed.status_code == 200
    for replica in (THIS, AFTER):
        items = releases.read("ben", CAMPAIGNS, replica)["items"]
        assert {one["id"]: one["status"] for one in items}["cmp_1001_1"] == "PAUSED"


@pytest.mark.holds(54)
def test_a_permission_of_a_release_too_far_ahead_is_unknowable(releases: Releases) -> None:
    """What it says is not guessed: who it is about gets no account data here, and goes on there."""
    set_ = releases.client("ben", AFTER).api(
        "PATCH", f"{PERMISSIONS}/cleo", json={"permission": "VIEWER"}
    )
    assert set_.status_code == 204, set_.text
    assert releases.client("cleo", AFTER).api("GET", CAMPAIGNS).status_code == 200
    answer = releases.client("cleo", THIS).api("GET", CAMPAIGNS)
    assert (answer.status_code, answer.json()["code"]) == (503, "access-unavailable")


@pytest.mark.holds(88)
def test_money_is_not_spent_again_where_the_attempt_cannot_be_read(releases: Releases) -> None:
    assert _spend(releases, AFTER, "far ahead").status_code == 201
    again = _spend(releases, THIS, "far ahead")
    assert (again.status_code, again.json()["code"]) == (503, "access-unavailable")
    names = [one.name for one in releases.sandbox.world.campaigns.values()]
    assert names.count("far ahead") == 1


def _spend(releases: Releases, replica: int, name: str) -> httpx.Response:
    """A new campaign of that name, under a key that is the same each time."""
    body = drafts.BODIES["createTrafficCampaign"] | {"campaignName": name}
    key = {"Idempotency-Key": name.replace(" ", "-")}
    return releases.client("ben", replica).api("POST", TRAFFIC, json=body, headers=key)
