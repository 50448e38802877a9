"""Redis or Valkey: whether it answers, and whether it keeps what the ledger must not lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError

from app.checking.asking import PATIENCE, skewed
from app.clock import Clock
from app.findings import Finding, fault, note, risk

SETTING = "BFF_REDIS__URL"
LEAST_VERSION = 7
_FAILURES = (RedisError, OSError, TimeoutError)


async def check_store(url: str, clock: Clock) -> list[Finding]:
    """What is to be said of the Redis at this address."""
    redis: Redis = Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        await redis.ping()
        told: Mapping[str, Any] = await redis.info("everything")
        seconds, microseconds = await redis.time()
        ahead = seconds + microseconds / 1e6 - clock.now()
        return [*_of_server(told), *_of_disk(told, await _fsync(redis)), *skewed(SETTING, ahead)]
    except (AuthenticationError, AuthorizationError):
        advice = "Mend the user and the password in the address; INFO, TIME and PING are asked."
        return [fault(f"{SETTING}: it refuses the credentials.", advice)]
    except _FAILURES as error:
        sentence = f"{SETTING}: no answer ({type(error).__name__})."
        return [fault(sentence, "See whether it runs, and whether this machine may reach it.")]
    finally:
        await redis.aclose()


async def _fsync(redis: Redis) -> str | None:
    """How soon a change is on the disk, None where that is not told: many hosts refuse CONFIG."""
    try:
        found = await redis.config_get("appendfsync")
    except ResponseError:
        return None
    return found.get("appendfsync")


def _of_server(told: Mapping[str, Any]) -> Iterator[Finding]:
    valkey = told.get("server_name") == "valkey"
    version = str(told.get("valkey_version" if valkey else "redis_version", "0"))
    name = f"{'Valkey' if valkey else 'Redis'} {version}"
    yield note(f"{SETTING}: {name} answers.")
    major = version.partition(".")[0]
    if not valkey and (not major.isdecimal() or int(major) < LEAST_VERSION):
        yield fault(
            f"{SETTING}: {name} is too old.", f"Use Redis {LEAST_VERSION} or later, or Valkey."
        )
    if told.get("role") == "slave":
        yield fault(f"{SETTING}: it is a replica, and takes no changes.", "Name the primary.")


def _of_disk(told: Mapping[str, Any], fsync: str | None) -> Iterator[Finding]:
    if told.get("maxmemory_policy") != "noeviction":
        yield fault(
            f"{SETTING}: it evicts when its memory is full: permissions, sessions, or that a campaign was "
            "made already.",
            "Set maxmemory-policy noeviction, and memory enough.",
        )
    if not told.get("aof_enabled"):
        yield fault(
            f"{SETTING}: it does not write its changes to a disk, and the ledger of permissions is there.",
            "Set appendonly yes.",
        )
    elif fsync is None:
        yield note(f"{SETTING}: it does not tell its appendfsync.", "Look whether it is always.")
    elif fsync != "always":
        yield risk(
            f"{SETTING}: with appendfsync {fsync} a machine that loses power forgets its last changes, and "
            "a campaign could be made twice when it is sent again.",
            "Set appendfsync always where that must not be.",
        )
