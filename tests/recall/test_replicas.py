"""With several replicas: what ends or changes at one of them is known by heart at none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.cache import redis_link
from app.cache.redis_epochs import RedisEpochs, name_of
from app.clock import SystemClock
from app.leaving import revoke
from app.settings import load
from app.testing.world import GatewayServer
from tests.cache.reads import ACCOUNT, CAMPAIGNS, MEMBERS, TEAM
from tests.recall.asker import Asker, recalls
from tests.replicas.cluster import RING_KEY, Cluster, cluster
from tests.replicas.redis_server import RedisServer, redis_server
from tests.session.balanced import Balanced

# What a change at one replica may take until it is known at the others (seconds).
BOUND = 1.0
PATIENCE = 10.0
META = f"/teams/{TEAM}/meta"
PAUSE = f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId={ACCOUNT}"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """One for each test: some of them stop it."""
    with redis_server() as running:
        yield running


@pytest.fixture
def both(
    way: type[GatewayServer], redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    """Two replicas that answer known things in the same way."""
    monkeypatch.setattr(GatewayServer, "early", way.early)
    with cluster([redis.url] * 2, tmp_path / "bff.db") as running:
        yield running


@pytest.fixture
def ben(both: Cluster) -> Iterator[Balanced]:
    """Signed in, at both."""
    with Balanced(both) as browser:
        browser.sign_in("ben")
        yield browser


def at(both: Cluster, browser: Balanced, replica: int, path: str = CAMPAIGNS) -> Asker:
    """He asks that replica from now on."""
    return Asker(both.gateways[replica], browser.at(replica), path)


def bearer(both: Cluster, user: str, replica: int) -> Asker:
    """A native client of the product."""
    return Asker(both.gateways[replica], both.client(user, replica), CAMPAIGNS)


def within_bound(one: Asker, status: int) -> httpx.Response:
    """What he is answered at the latest after the time that news may take."""
    until = time.monotonic() + BOUND
    while True:
        answer = one.ask()
        if answer.status_code == status or time.monotonic() > until:
            assert answer.status_code == status
            return answer


def silent(replica: GatewayServer) -> None:
    """Returns when this replica has noticed that it hears nothing."""
    link, until = replica.parts.link, time.monotonic() + PATIENCE
    assert link is not None
    loop = next(iter(replica._server.servers)).get_loop()
    while loop.time() - link._answered < redis_link.SILENCE:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.holds(15)
def test_signed_out_elsewhere(both: Cluster, ben: Balanced) -> None:
    """A logout at one replica is a 401 at the other, where everything was known by heart."""
    for here, there in ((0, 1), (1, 0)):
        at(both, ben, here).known()
        at(both, ben, there).known()
        cookie = ben.at(here).session_cookie
        assert ben.at(here).post("/auth/logout").status_code == 200
        ben.at(there).cookies.set("bff-dev", cookie)
        answer = within_bound(at(both, ben, there), 401)
        assert answer.json()["code"] == "unauthenticated"
        assert at(both, ben, here).anew().status_code == 401
        ben.at(0).cookies.clear()
        ben.sign_in("ben")


@pytest.mark.holds(12)
def test_work_elsewhere_keeps_it_alive(both: Cluster, ben: Balanced) -> None:
    """Activity at one replica, known by heart or not, counts at both."""
    for replica in (0, 1, 0, 1):
        both.advance(1700)
        at(both, ben, replica).known()
    both.advance(1801)
    assert at(both, ben, 0).anew().status_code == at(both, ben, 1).anew().status_code == 401


@pytest.mark.holds(15, 53)
def test_revoked(both: Cluster, redis: RedisServer, ben: Balanced, tmp_path: Path) -> None:
    """`bff revoke` ends sessions and host tokens at every replica, known by heart or not; others are
    not concerned."""
    askers = [at(both, ben, 1), bearer(both, "ben", 0), bearer(both, "ben", 1)]
    other = bearer(both, "cleo", 0)
    for one in (*askers, other):
        one.known()
    environment = {
        "BFF_ENV": "development",
        "BFF_REDIS__URL": redis.url,
        "BFF_SESSION__KEYS": RING_KEY,
        "BFF_LEDGER__PATH": str(tmp_path / "bff.db"),
    }
    asyncio.run(revoke(load(environment), "ben", SystemClock(), PATIENCE))
    for one in askers:
        within_bound(one, 401)
        assert one.anew().status_code == 401
    assert other.ask().status_code == 200


@pytest.mark.holds(53)
def test_host_tokens_alone_are_revoked(both: Cluster) -> None:
    """The moment until which his tokens are good for nothing is enough, whatever else is kept."""
    ben, other = bearer(both, "ben", 1), bearer(both, "cleo", 1)
    # What the second of them fetches takes the place of what the first was given.
    for one in (ben, other, ben):
        one.known()
    revocations = both.gateways[0].parts.stores.revocations
    assert revocations is not None
    loop = next(iter(both.gateways[0]._server.servers)).get_loop()
    asyncio.run_coroutine_threadsafe(revocations.revoke("ben"), loop).result(PATIENCE)
    within_bound(ben, 401)
    assert ben.anew().status_code == 401
    other.known()


@pytest.mark.holds(76)
def test_a_write_through_another_replica(both: Cluster) -> None:
    """After a change through one replica the old answer is recalled at none."""
    cleo = [bearer(both, "cleo", replica) for replica in (0, 1)]
    for round_, status in enumerate(("PAUSED", "ACTIVE", "PAUSED", "ACTIVE")):
        for one in cleo:
            one.known()
        through = both.client("ben", round_ % 2)
        changed = through.api("PATCH", PAUSE, json={"status": status})
        assert changed.status_code < 300, changed.text
        # Where it went through at once, elsewhere when the news are there.
        assert shown(cleo[round_ % 2]) == status
        until = time.monotonic() + BOUND
        while shown(cleo[1 - round_ % 2]) != status:
            assert time.monotonic() < until


def shown(one: Asker) -> str:
    answer = one.ask()
    assert answer.status_code == 200
    found: str = next(
        item["status"] for item in answer.json()["items"] if item["id"] == "cmp_1001_1"
    )
    return found


@pytest.mark.holds(53)
def test_rights_end_elsewhere(both: Cluster) -> None:
    """Removed from the team, or the permission revoked, through another replica."""
    cleo = bearer(both, "cleo", 1)
    admin = both.client("ben", 0)
    permission = f"/teams/{TEAM}/ad-accounts/{ACCOUNT}/permissions"
    cleo.known()
    assert admin.api("DELETE", f"{permission}/cleo").status_code == 204
    within_bound(cleo, 403)
    assert cleo.anew().status_code == 403
    given = {"externalUserId": "cleo", "permission": "VIEWER"}
    assert admin.api("POST", permission, json=given).status_code == 201
    until = time.monotonic() + BOUND
    while cleo.ask().status_code != 200:
        assert time.monotonic() < until
    cleo.known()
    assert admin.api("DELETE", f"{MEMBERS}?externalUserId=cleo").status_code == 204
    within_bound(cleo, 404)
    assert cleo.anew().status_code == 404


@pytest.mark.holds(76, 77)
def test_a_silent_subscription(both: Cluster, redis: RedisServer) -> None:
    """While a replica cannot know what was dropped elsewhere it recalls nothing, and what it knew
    before counts for nothing afterwards."""
    ben = bearer(both, "ben", 0)
    ben.known()
    redis.freeze()
    try:
        silent(both.gateways[0])
        for _ in range(3):
            assert ben.anew().status_code in {200, 503}
    finally:
        redis.thaw()
    remembered_again(ben)


@pytest.mark.holds(15, 53)
def test_nobody_is_known_while_nothing_is_heard(
    both: Cluster, redis: RedisServer, ben: Balanced
) -> None:
    """Whether he is still signed in Redis alone can tell: what was known of his credential does not, for
    no question."""
    at(both, ben, 0).known()
    ben.at(0).patient = False
    redis.freeze()
    try:
        silent(both.gateways[0])
        for path in (f"{META}/ads?adAccountId={ACCOUNT}", MEMBERS, CAMPAIGNS):
            assert at(both, ben, 0, path).anew().status_code == 503
    finally:
        redis.thaw()


@pytest.mark.holds(15, 53, 76)
def test_redis_was_restarted(both: Cluster, redis: RedisServer, ben: Balanced) -> None:
    """A Redis that has forgotten everything has forgotten the sessions: nobody is recalled."""
    native = bearer(both, "ben", 0)
    browser = at(both, ben, 1)
    native.known()
    browser.known()
    redis.stop()
    for replica in both.gateways:
        silent(replica)
    redis.start()
    ben.at(1).patient = False
    until = time.monotonic() + PATIENCE
    while (status := browser.anew().status_code) != 401:
        assert status == 503
        assert time.monotonic() < until
    remembered_again(native)


@pytest.mark.holds(15, 76)
def test_a_subscription_that_was_cut(both: Cluster, redis: RedisServer, ben: Balanced) -> None:
    """What was said while it was cut nobody heard: all is looked at anew."""
    browser, native = at(both, ben, 1), bearer(both, "ben", 0)
    browser.known()
    native.known()
    eras = [gateway.parts.epochs.changes.era for gateway in both.gateways]
    with redis.client() as client:
        client.client_kill_filter(_type="pubsub", skipme=True)
    until = time.monotonic() + PATIENCE
    while any(
        gateway.parts.epochs.changes.era == era
        for gateway, era in zip(both.gateways, eras, strict=True)
    ):
        assert time.monotonic() < until
        time.sleep(0.01)
    for one in (browser, native):
        before = recalls(one.gateway)
        assert one.ask().status_code == 200
        assert recalls(one.gateway) == before
        remembered_again(one)


@pytest.mark.holds(15, 53)
def test_an_end_that_was_not_heard(both: Cluster, redis: RedisServer, ben: Balanced) -> None:
    """Who was signed out elsewhere meanwhile is not taken for signed in, whatever is asked: what was
    known of his credential before the cut counts for nothing."""
    there, link = both.gateways[1], both.gateways[1].parts.link
    assert link is not None
    at(both, ben, 1).known()
    cookie, era = ben.at(1).session_cookie, there.parts.epochs.changes.era
    hearing, link._receivers = link._receivers, {}  # what is said now is lost on its way
    assert ben.at(0).post("/auth/logout").status_code == 200
    with redis.client() as client:
        client.client_kill_filter(_type="pubsub", skipme=True)
    until = time.monotonic() + PATIENCE
    while there.parts.epochs.changes.era == era:
        assert time.monotonic() < until
        time.sleep(0.01)
    link._receivers = hearing
    ben.at(1).cookies.set("bff-dev", cookie)
    for path in (f"{META}/ads?adAccountId={ACCOUNT}", MEMBERS, CAMPAIGNS):
        assert at(both, ben, 1, path).anew().status_code == 401


def remembered_again(one: Asker) -> None:
    """In a while it is recalled as before."""
    before, until = recalls(one.gateway), time.monotonic() + PATIENCE
    while recalls(one.gateway) == before:
        assert one.ask().status_code in {200, 503}
        assert time.monotonic() < until


@pytest.mark.holds(76)
def test_what_redis_says_counts_before_the_news(both: Cluster) -> None:
    """A replica that learns from an answer of Redis that something was dropped does not wait for the
    message: nothing older is recalled from then on."""
    ben, parts = bearer(both, "ben", 0), both.gateways[0].parts
    ben.known()
    epochs, link = parts.epochs, parts.link
    assert isinstance(epochs, RedisEpochs)
    assert link is not None
    tags = [tag for tag in epochs._heard if tag.kind == "account"]
    keys = [f"{link.prefix}e:{name_of(tag).hex()}" for tag in tags]

    async def hear() -> None:
        """As it is between a drop at another replica and the arrival of its message."""
        for key in keys:
            await link.ask(lambda redis: redis.set(key, b"another!"))  # noqa: B023  # awaited at once
        await epochs.current(tags)

    loop = next(iter(both.gateways[0]._server.servers)).get_loop()
    asyncio.run_coroutine_threadsafe(hear(), loop).result(PATIENCE)
    ben.anew()
