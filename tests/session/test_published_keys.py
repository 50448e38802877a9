"""Host tokens by published keys: when the keys are fetched, and what becomes of tokens when they change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from joserfc.jwk import Key
from starlette.responses import JSONResponse, Response
from structlog.testing import LogCapture

from app.clock import MovableClock
from app.errors import Unauthenticated, UpstreamUnavailable
from app.session.host_jwt import HostTokens
from app.session.host_keys import keys_of
from app.session.signatures import ENGINES, Engine

from .host_tokens import claims
from .http_fetch import HttpFetch
from .signers import Signer, signer
from .small_publisher import SmallPublisher
from .trusting import RULES, jwt_settings

FIRST, SECOND = signer("ES256", "first"), signer("RS256", "second")
UNKNOWN = signer("ES256", "unknown")
FAILURES = {
    "500": Response(status_code=500),
    "redirect": Response("", 302, {"Location": "/elsewhere"}),
    "no json": Response("no"),
    "no object": JSONResponse([]),
    "no set": JSONResponse({"keys": {}}),
    "deep": Response("[" * 100_000),
    "not utf-8": Response(b"\xff\xfe{}"),
}


class Counting:
    """An engine that counts the signatures that it is asked to check."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.checked = 0

    def payload(self, token: str, key: Key, algorithm: str) -> bytes:
        self.checked += 1
        return self.engine.payload(token, key, algorithm)


@dataclass
class Story:
    """A verifier whose keys are fetched from a real server, and the clock that it goes by."""

    tokens: HostTokens
    clock: MovableClock
    engines: Mapping[str, Counting]
    log: LogCapture
    made: dict[str, str] = field(default_factory=dict)

    def token(self, by: Signer, user: str = "cleo") -> str:
        return by.token(claims(self.clock.now(), sub=user))

    async def user(self, token: str) -> str:
        return (await self.tokens.verify(token)).user

    async def refused(self, token: str) -> None:
        with pytest.raises(Unauthenticated):
            await self.tokens.verify(token)

    @property
    def checked(self) -> int:
        return sum(engine.checked for engine in self.engines.values())

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(line["event"], line["reason"]) for line in self.log.entries]


@asynccontextmanager
async def story(publisher: SmallPublisher) -> AsyncIterator[Story]:
    settings = jwt_settings(secret=None, jwks_url=publisher.url, algorithms=("ES256", "RS256"))
    clock, fetch, log = MovableClock(), HttpFetch(), LogCapture()
    logger = structlog.wrap_logger(None, processors=[log], wrapper_class=structlog.BoundLogger)
    engines = {name: Counting(engine) for name, engine in ENGINES.items()}
    tokens = HostTokens(settings, RULES, keys_of(settings, fetch, clock, logger), clock, engines)
    try:
        yield Story(tokens, clock, engines, log)
    finally:
        await tokens.close()
        await fetch.client.aclose()


Told = Callable[[Story], Coroutine[Any, Any, None]]


def tell(publisher: SmallPublisher, told: Told) -> None:
    async def run() -> None:
        async with story(publisher) as one:
            await told(one)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def published(publisher: SmallPublisher) -> None:
    publisher.keys = [FIRST.published()]


def test_one_fetch_for_all_who_wait(publisher: SmallPublisher) -> None:
    """Fifty callers before any key is known cause one fetch, and all of them are told the truth."""

    async def told(one: Story) -> None:
        asked = (one.user(one.token(FIRST, f"user-{number}")) for number in range(50))
        assert await asyncio.gather(*asked) == [f"user-{number}" for number in range(50)]
        assert publisher.fetched == 1

    tell(publisher, told)


@pytest.mark.holds(33)
def test_the_hot_path_does_no_cryptography(publisher: SmallPublisher) -> None:
    """A token is checked once, then looked up until it expires; no other token is let in by that."""

    async def told(one: Story) -> None:
        good = one.token(FIRST)
        first = await one.tokens.verify(good)
        assert await one.tokens.verify(good) is first
        head, body, _ = good.split(".")
        await one.refused(f"{head}.{body}.{'A' * 86}")
        assert one.checked == 2
        assert await one.tokens.verify(good) is first
        one.clock.advance(725)
        await one.refused(good)
        assert one.checked == 2

    tell(publisher, told)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 3600),
        ({"Cache-Control": "public, max-age=1000"}, 1000),
        ({"Cache-Control": "max-age=1"}, 300),
        ({"Cache-Control": "max-age=864000"}, 3600),
        ({"Cache-Control": "no-store, max-age=3000"}, 300),
    ],
)
def test_keys_are_kept_as_long_as_granted(
    publisher: SmallPublisher, headers: dict[str, str], seconds: int
) -> None:
    """Within five minutes and an hour; for the last fifth of it they serve while newer ones come."""
    publisher.headers = headers

    async def told(one: Story) -> None:
        await one.user(one.token(FIRST))
        one.clock.advance(seconds * 0.8 - 5)
        await one.user(one.token(FIRST))
        assert publisher.fetched == 1
        one.clock.advance(10)
        publisher.keys = [SECOND.published()]
        assert (
            await one.user(one.token(FIRST)) == "cleo"
        )  # by the old keys, while the new ones come
        assert await one.user(one.token(SECOND)) == "cleo"
        await one.refused(one.token(FIRST))
        assert publisher.fetched == 2

    tell(publisher, told)


def test_keys_that_ended_are_waited_for(publisher: SmallPublisher) -> None:
    """When nobody asked for longer than the keys are fresh, the next one waits for newer ones."""

    async def told(one: Story) -> None:
        await one.user(one.token(FIRST))
        one.clock.advance(3601)
        publisher.keys = [SECOND.published()]
        await one.refused(one.token(FIRST))
        assert publisher.fetched == 2

    tell(publisher, told)


@pytest.mark.holds(31, 33)
def test_a_key_that_goes_takes_its_tokens(publisher: SmallPublisher) -> None:
    """What a withdrawn key had verified is forgotten with it; the same keys in another order are no change."""
    publisher.keys = [FIRST.published(), SECOND.published()]

    async def told(one: Story) -> None:
        old = one.token(FIRST), one.token(SECOND)
        assert [await one.user(token) for token in old] == ["cleo", "cleo"]
        publisher.keys = [SECOND.published(), FIRST.published(), FIRST.published()]
        one.clock.advance(31)
        await one.refused(one.token(UNKNOWN))  # makes it look again
        assert [await one.user(token) for token in old] == ["cleo", "cleo"]
        assert (publisher.fetched, one.checked) == (2, 2)
        publisher.keys = [SECOND.published()]
        one.clock.advance(31)
        await one.refused(one.token(UNKNOWN))
        await one.refused(old[0])
        assert await one.user(old[1]) == "cleo"
        await one.refused(old[0])
        assert one.checked == 3
        publisher.keys = []
        one.clock.advance(31)
        await one.refused(one.token(UNKNOWN))
        await one.refused(old[1])
        assert [reason for event, reason in one.told if event == "keys.changed"] == [
            "2 usable, 0 ignored",
            "1 usable, 0 ignored",
            "0 usable, 0 ignored",
        ]

    tell(publisher, told)


@pytest.mark.holds(33)
def test_unknown_ids_cause_one_fetch_per_cooldown(publisher: SmallPublisher) -> None:
    """A flood of unknown key ids is one fetch in thirty seconds, and a new key is found by it."""

    async def told(one: Story) -> None:
        await one.user(one.token(FIRST))
        one.clock.advance(31)
        for number in range(20):
            await one.refused(FIRST.token(claims(one.clock.now()), kid=f"unknown-{number}"))
        assert publisher.fetched == 2
        publisher.keys = [FIRST.published(), SECOND.published()]
        await one.refused(one.token(SECOND))
        one.clock.advance(31)
        asked = (one.user(one.token(SECOND, f"user-{number}")) for number in range(20))
        assert len(await asyncio.gather(*asked)) == 20
        assert publisher.fetched == 3

    tell(publisher, told)


@pytest.mark.holds(33)
@pytest.mark.parametrize("name", FAILURES)
def test_the_last_good_keys_are_kept(publisher: SmallPublisher, name: str) -> None:
    """While newer keys cannot be had the old ones serve, new tokens too, for a day; the log says why."""

    async def told(one: Story) -> None:
        await one.user(one.token(FIRST))
        publisher.failing = FAILURES[name]
        for _ in range(2):
            one.clock.advance(3601)
            assert await one.user(one.token(FIRST)) == "cleo"
            await one.refused(one.token(UNKNOWN))
        assert publisher.fetched == 3
        assert [event for event, _ in one.told] == ["keys.changed", *["keys.not-renewed"] * 2]
        assert one.told[-1][1].startswith("keys of host tokens: ")
        one.clock.advance(86_400 - 2 * 3601)
        with pytest.raises(UpstreamUnavailable):
            await one.tokens.verify(one.token(FIRST))
        publisher.failing = None
        one.clock.advance(2)
        assert await one.user(one.token(FIRST)) == "cleo"
        assert publisher.elsewhere == 0

    tell(publisher, told)


@pytest.mark.parametrize("name", FAILURES)
def test_without_any_key_nobody_is_judged(publisher: SmallPublisher, name: str) -> None:
    """Before the first keys a token is a 503 and no 401, fetched for every two seconds at most."""
    publisher.failing = FAILURES[name]

    async def told(one: Story) -> None:
        for _ in range(5):
            with pytest.raises(UpstreamUnavailable) as raised:
                await one.tokens.verify(one.token(FIRST))
            assert "checked at the moment" in (raised.value.detail or "")
        await one.refused("a.b.c")
        assert publisher.fetched == 1
        publisher.failing = None
        one.clock.advance(2)
        assert await one.user(one.token(FIRST)) == "cleo"

    tell(publisher, told)


def test_nobody_listens_there(publisher: SmallPublisher) -> None:
    """An address where nobody answers at all is the same 503."""
    publisher.url = "http://127.0.0.1:9/keys"

    async def told(one: Story) -> None:
        with pytest.raises(UpstreamUnavailable):
            await one.tokens.verify(one.token(FIRST))

    tell(publisher, told)


def test_a_token_without_key_id(publisher: SmallPublisher) -> None:
    """The one key that fits is used; among two nobody guesses, and nobody is asked for more keys."""
    nameless, other = signer("ES256"), signer("ES256", "other")

    async def told(one: Story) -> None:
        assert await one.user(one.token(nameless)) == "cleo"
        publisher.keys = [FIRST.published(), other.published()]
        one.clock.advance(3601)
        await one.refused(one.token(nameless))
        one.clock.advance(31)
        await one.refused(one.token(nameless))
        assert publisher.fetched == 2

    tell(publisher, told)
