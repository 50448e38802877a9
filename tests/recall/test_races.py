"""What ends while a request is being answered: its answer may still go out, and is not remembered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from app.sandbox.faults import Fault
from app.testing.world import Browser, GatewayServer, World, world
from tests.cache.reads import ACCOUNT, MEMBERS, TEAM
from tests.recall.asker import INSIGHTS, Asker, asker
from tests.session import host_tokens

# How long an answer is on its way (seconds); a busy machine has to manage the rest meanwhile.
SLOW = 1.5
INSIGHTS_NUMBER = 32


@contextmanager
def answering(running: World, one: Asker) -> Iterator[None]:
    """While inside, the platform has answered a request of his, and its answer is on its way."""
    running.sandbox.faults.add(Fault("latency", INSIGHTS_NUMBER, seconds=SLOW, after_effect=True))
    running.forget_calls()
    statuses: list[int] = []
    under_way = threading.Thread(target=lambda: statuses.append(one.ask().status_code))
    under_way.start()
    until = time.monotonic() + SLOW
    while not running.calls("getInsights"):
        assert time.monotonic() < until
    yield
    assert under_way.is_alive(), "it was answered too early to prove anything"
    under_way.join()
    assert statuses == [200]


def figures(of: Asker) -> Asker:
    return Asker(of.gateway, of.client, INSIGHTS)


@pytest.mark.holds(15)
def test_a_session_ends_meanwhile(here: World, ben: Asker) -> None:
    """A request in flight cannot bring back what a logout ended, known by heart or not."""
    assert isinstance(ben.client, Browser)
    cookie = {"Cookie": f"bff-dev={ben.client.session_cookie}"}
    with httpx.Client(
        base_url=here.origin, trust_env=False, headers={"X-BFF": "1"}, timeout=30
    ) as plain:
        old = Asker(here.gateway, plain, INSIGHTS, cookie)
        with answering(here, old):
            assert ben.client.post("/auth/logout").status_code == 200
        assert old.anew().status_code == 401


@pytest.mark.holds(53)
def test_a_permission_ends_meanwhile(here: World, cleo: Asker) -> None:
    """What was allowed when he asked is not allowed again when it has been revoked meanwhile."""
    ben = here.sign_in("ben")
    with answering(here, figures(cleo)):
        revoked = ben.api("DELETE", f"/teams/{TEAM}/ad-accounts/{ACCOUNT}/permissions/cleo")
        assert revoked.status_code == 204
    assert figures(cleo).anew().status_code == 403


@pytest.mark.holds(76)
@pytest.mark.parametrize("status", ["PAUSED", "ACTIVE"])
def test_a_change_is_made_meanwhile(here: World, cleo: Asker, status: str) -> None:
    """An answer that set out before a change is not remembered after it."""
    ben = here.sign_in("ben")
    with answering(here, figures(cleo)):
        changed = ben.api(
            "PATCH",
            f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId={ACCOUNT}",
            json={"status": status},
        )
        assert changed.status_code < 300, changed.text
    assert figures(cleo).anew().status_code == 200


@pytest.mark.holds(33)
def test_a_key_goes_meanwhile(way: type[GatewayServer], tmp_path: Path) -> None:
    """A token whose key went while it was answered is not remembered as good."""
    file = tmp_path / "secret"
    file.write_text(host_tokens.SECRET)
    jwt = {
        "secret_file": str(file),
        "algorithms": ["HS256"],
        "issuer": host_tokens.ISSUER,
        "audience": host_tokens.AUDIENCE,
    }
    other = "another secret of the product, as long as the first"
    with (
        world(gateway=way(), identity={"jwt": jwt, "same_users": True}) as running,
        httpx.Client(base_url=running.origin, trust_env=False, timeout=30) as plain,
    ):
        claims = host_tokens.claims(running.clock.now(), sub="ben")

        def by(secret: str) -> Asker:
            bearer = {"Authorization": f"Bearer {host_tokens.token(claims, secret)}"}
            return Asker(running.gateway, plain, INSIGHTS, bearer)

        for _ in range(2):
            assert by(host_tokens.SECRET).ask().status_code == 200
        running.advance(31)
        with answering(running, by(host_tokens.SECRET)):
            file.write_text(other)
            with httpx.Client(base_url=running.origin, trust_env=False) as second:
                new = Asker(running.gateway, second, MEMBERS, by(other).headers)
                assert new.ask().status_code == 200
        assert by(host_tokens.SECRET).anew().status_code == 401
        by(other).known()


@pytest.mark.holds(46, 53)
def test_facts_change_meanwhile(here: World, cleo: Asker) -> None:
    """Facts that say something else by the time of the answer count for the next request."""
    with answering(here, figures(cleo)):
        here.sandbox.world.remove(TEAM, "cleo")
        here.advance(6)
        changed = here.browsers[-1].api("PATCH", f"/teams/{TEAM}", json={"name": "x"})
        assert changed.status_code in {403, 404}
    assert figures(cleo).anew().status_code == 404


ENDS: dict[str, Callable[[World, Asker], object]] = {
    "idle": lambda here, _: here.advance(1801),
    "facts": lambda here, _: here.advance(31),
}


@pytest.mark.holds(12, 53)
@pytest.mark.parametrize("what", ENDS)
def test_time_passes_meanwhile(here: World, what: str) -> None:
    """What has ended by the time of the answer is not remembered as of that time."""
    ben = asker(here, "ben", INSIGHTS)
    with answering(here, ben):
        ENDS[what](here, ben)
    assert ben.anew().status_code == (401 if what == "idle" else 200)
