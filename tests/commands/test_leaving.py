"""`bff revoke` and `bff forget`, run beside an installation of two replicas."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import pytest

from app.clock import Clock, SystemClock
from app.leaving import forget, revoke
from app.settings import Settings, SettingsFault, load
from app.testing.world import API, Browser
from tests.access.acme import CAMPAIGNS, PERMISSIONS, change, grant
from tests.commands.running import bff
from tests.money.asks import spend
from tests.money.lines import told
from tests.replicas.cluster import RING_KEY, Client, Cluster, cluster
from tests.replicas.redis_server import RedisServer, redis_server
from tests.session.balanced import Balanced

WORKSPACE = f"{API}/workspaces/acme"
CAMPAIGNS_PATH = f"{API}{CAMPAIGNS}"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """One for each test: what was revoked stays revoked there."""
    with redis_server() as running:
        yield running


@pytest.fixture
def both(redis: RedisServer, tmp_path: Path) -> Iterator[Cluster]:
    with cluster([redis.url] * 2, tmp_path / "bff.db") as running:
        yield running


def environment(folder: Path, redis: str) -> dict[str, str]:
    return {
        "BFF_ENV": "development",
        "BFF_REDIS__URL": redis,
        "BFF_SESSION__KEYS": RING_KEY if redis else "",
        "BFF_LEDGER__PATH": str(folder / "bff.db"),
    }


Deed = Callable[[Settings, str, Clock, float], Coroutine[None, None, list[str]]]


def said(deed: Deed, user: str, folder: Path, redis: str, patience: float = 10) -> list[str]:
    """What the command says, without the second that a process of its own takes to start."""
    return asyncio.run(deed(load(environment(folder, redis)), user, SystemClock(), patience))


def refused(deed: Deed, user: str, folder: Path, redis: str) -> str:
    """What the command says when it exits with 1; nobody waits for a Redis that is not there."""
    with pytest.raises(SettingsFault) as raised:
        said(deed, user, folder, redis, patience=0)
    return "\n".join(raised.value.sentences)


def told_audit(redis: RedisServer, folder: Path, path: Path) -> list[str]:
    """What `bff forget` says with that audit."""
    environ = environment(folder, redis.url) | {"BFF_AUDIT__PATH": str(path)}
    return asyncio.run(forget(load(environ), "ben", SystemClock(), 10))


def test_the_audit_is_told(redis: RedisServer, tmp_path: Path) -> None:
    """Of whom it was done to; where it cannot be, it is done all the same and the command says so."""
    path = tmp_path / "audit.jsonl"
    assert told_audit(redis, tmp_path, path)[0] == "Sessions ended: 0."
    events = [(line["event"], line["whom"]) for line in told(path)]
    assert events == [("user-revoked", "ben"), ("user-forgotten", "ben")]
    path.unlink()
    path.mkdir()
    sentences = told_audit(redis, tmp_path, path)
    assert sentences[0] == "Sessions ended: 0."
    assert "BFF_AUDIT__PATH" in sentences[-1]


REVOKED = [
    "Host tokens issued until now are refused.",
    "Platform tokens and what was kept for him are dropped.",
]


@pytest.mark.holds(15, 53)
def test_revoking(both: Cluster, redis: RedisServer, tmp_path: Path) -> None:
    """Sessions and host tokens of the user are good nowhere any more, those of others are; he may
    sign in again, is given new tokens at the platform, and the old host token stays refused."""
    with Balanced(both) as ben, Balanced(both) as ana:
        for browser, user in ((ben, "ben"), (ana, "ana")):
            browser.sign_in(user)
            assert browser.statuses(CAMPAIGNS_PATH) == [200, 200]
        old = [both.client("ben", replica) for replica in (0, 1)]
        assert [one.get(WORKSPACE).status_code for one in old] == [200, 200]
        begun = ben.start("ben")
        both.sandbox.calls.clear()

        done = bff("revoke", "--user", "ben", cwd=tmp_path, **environment(tmp_path, redis.url))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == ["Sessions ended: 1.", *REVOKED]
        assert ben.statuses() == ben.statuses(CAMPAIGNS_PATH) == [401, 401]
        until = time.monotonic() + 1
        while [one.get(WORKSPACE).status_code for one in old] != [401, 401]:
            assert time.monotonic() < until
        assert ana.statuses(CAMPAIGNS_PATH) == [200, 200]
        # The code was issued before: whoever holds it does not slip through.
        assert ben.finish(begun).status_code == 401

        both.advance(2)
        ben.sign_in("ben")
        assert ben.statuses(CAMPAIGNS_PATH) == [200, 200]
        exchanges = [c for c in both.sandbox.calls.list() if c.name == "exchangeToken"]
        assert [json.loads(call.body) for call in exchanges] == [{"externalUserId": "ben"}]
        assert [one.get(WORKSPACE).status_code for one in old] == [401, 401]
        with Client(both.gateways[1].origin, both.token("ben")) as new:
            assert new.get(WORKSPACE).status_code == 200


def test_revoking_again(both: Cluster, redis: RedisServer, tmp_path: Path) -> None:
    """Of a user of whom there is nothing, nothing is left: it succeeds, and says so."""
    for _ in range(2):
        told = said(revoke, "nobody", tmp_path, redis.url)
        assert told == ["Sessions ended: 0.", *REVOKED]


def test_forgetting(both: Cluster, redis: RedisServer, tmp_path: Path) -> None:
    """His sessions end, and the ledger no longer knows him, as holder or as giver; once more finds
    nothing."""
    with Balanced(both) as ben, Balanced(both) as emil:
        ben.sign_in("ben")
        emil.sign_in("emil")
        assert grant(ben.at(0), "emil", "VIEWER").status_code == 201
        assert change(ben.at(0), "cleo", "MANAGER").status_code == 204
        assert said(forget, "emil", tmp_path, redis.url) == [
            "Sessions ended: 1.",
            *REVOKED,
            "Permissions forgotten: 1.",
            "Permissions of others that no longer name him as their giver: 0.",
            "Writes that spend money forgotten: 0.",
        ]
        assert emil.statuses() == [401, 401]
        assert given(ben.at(1)) == [("cleo", "ben")]
        assert spend(ben.at(0), "key-1").status_code == 201
        assert said(forget, "ben", tmp_path, redis.url) == [
            "Sessions ended: 1.",
            *REVOKED,
            "Permissions forgotten: 0.",
            "Permissions of others that no longer name him as their giver: 1.",
            "Writes that spend money forgotten: 1.",
        ]
        both.advance(2)
        ben.sign_in("ben")
        assert given(ben.at(1)) == [("cleo", "")]
    once_more = said(forget, "emil", tmp_path, redis.url)
    assert [line.rpartition(" ")[2] for line in once_more if ":" in line] == [
        "0.",
        "0.",
        "0.",
        "0.",
    ]


def given(admin: Browser) -> list[tuple[str, str]]:
    """Who has a remembered permission on the account, and who set it."""
    return [(one["externalUserId"], one["setBy"]) for one in admin.read(PERMISSIONS)["items"]]


def test_without_redis(tmp_path: Path) -> None:
    """Sessions of another process are out of reach: exit 1, with a sentence that says what helps;
    the ledger forgets all the same, and none is made for that."""
    done = bff("forget", "--user", "ben", cwd=tmp_path, **environment(tmp_path, ""))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Permissions forgotten: 0." in done.stderr
    assert "Without BFF_REDIS__URL" in done.stderr
    assert "Permissions" not in refused(revoke, "ben", tmp_path, "")
    assert "Without BFF_REDIS__URL" in refused(revoke, "ben", tmp_path, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.holds(92)
@pytest.mark.parametrize("deed", [revoke, forget])
def test_with_redis_away(tmp_path: Path, deed: Deed) -> None:
    """Exit 1, and nothing is erased whose absence might give him more than he had."""
    told = refused(deed, "ben", tmp_path, "redis://127.0.0.1:1")
    assert told.startswith("Redis cannot be reached, ")
    assert told.count("\n") == 0


@pytest.mark.parametrize("user", ["", "..", "a/b", "a" * 257])
def test_what_is_no_id(tmp_path: Path, user: str) -> None:
    """A text that cannot be a user's id is refused, not looked for."""
    told = refused(revoke, user, tmp_path, "redis://127.0.0.1:1")
    assert told == "--user: that cannot be the id of a user."
