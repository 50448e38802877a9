"""Sessions and their ends, by a clock that is moved."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from app.session.claims import Claims
from app.session.sessions import Sessions, key_of
from app.settings import SessionSettings

from .browser import Browser
from .conftest import World

ANA = Claims("ana", frozenset({"acme"}), "Ana", 0, None)


class StillClock:
    """Stands still until it is moved, so that a limit is met to the second."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture
def sessions(still: StillClock) -> Sessions:
    return Sessions(SessionSettings(idle_seconds=600, absolute_seconds=3600), still)


@pytest.mark.holds(10)
def test_ids_are_long_and_stay_outside(sessions: Sessions) -> None:
    """An id has 256 bits from the system, and the store, its records and their repr lack it."""

    async def story() -> None:
        ids = {await sessions.start(ANA, how="oidc") for _ in range(50)}
        assert len(ids) == 50
        assert {len(one) for one in ids} == {43}
        for one in ids:
            session = await sessions.find(one, extend=False)
            assert session is not None
            assert session.key == key_of(one) != one
            assert one not in repr(vars(sessions))
            assert session.key not in repr(session)

    asyncio.run(story())


@pytest.mark.holds(12)
@pytest.mark.parametrize(("later", "alive"), [(599, True), (600, False), (601, False)])
def test_idle_end(sessions: Sessions, still: StillClock, later: int, alive: bool) -> None:
    """A session that nobody uses ends, to the second."""

    async def story() -> None:
        one = await sessions.start(ANA, how="oidc")
        still.time += later
        assert (await sessions.find(one, extend=True) is not None) is alive

    asyncio.run(story())


@pytest.mark.holds(12)
@pytest.mark.parametrize(("later", "alive"), [(3599, True), (3600, False), (3601, False)])
def test_absolute_end(sessions: Sessions, still: StillClock, later: int, alive: bool) -> None:
    """A session that is used all the time ends too."""

    async def story() -> None:
        one = await sessions.start(ANA, how="oidc")
        for _ in range(6):
            still.time += 590
            assert await sessions.find(one, extend=True) is not None
        still.time = 1_000_000.0 + later
        assert (await sessions.find(one, extend=True) is not None) is alive

    asyncio.run(story())


@pytest.mark.holds(12, 17)
def test_looking_does_not_extend(sessions: Sessions, still: StillClock) -> None:
    """Only a person at work keeps a session alive: polls and peeks do not."""

    async def story() -> None:
        one = await sessions.start(ANA, how="oidc")
        still.time += 599
        assert await sessions.find(one, extend=False) is not None
        assert await sessions.peek(key_of(one)) is not None
        still.time += 2
        assert await sessions.find(one, extend=True) is None

    asyncio.run(story())


@pytest.mark.holds(15)
def test_ended_is_ended(sessions: Sessions) -> None:
    """Requests in flight while a session ends cannot bring it back."""

    async def story() -> None:
        one = await sessions.start(ANA, how="oidc")
        flying = [asyncio.create_task(sessions.find(one, extend=True)) for _ in range(20)]
        await sessions.end_by_id(one)
        await asyncio.gather(*flying)
        assert await sessions.find(one, extend=True) is None
        assert await sessions.peek(key_of(one)) is None
        assert await sessions.end_by_id(one) is None

    asyncio.run(story())


def test_the_longest_idle_makes_room(still: StillClock) -> None:
    """A full store ends the session that was used longest ago, and keeps to its bound."""

    async def story() -> None:
        sessions = Sessions(SessionSettings(), still, most=3)
        ids = [await sessions.start(ANA, how="oidc") for _ in range(3)]
        still.time += 1
        await sessions.find(ids[0], extend=True)
        ids.append(await sessions.start(ANA, how="oidc"))
        alive = [await sessions.find(one, extend=False) is not None for one in ids]
        assert alive == [True, False, True, True]

    asyncio.run(story())


@pytest.mark.holds(13)
def test_a_day_is_the_most() -> None:
    """No setting makes a session last more than 24 hours."""
    with pytest.raises(ValidationError):
        SessionSettings(absolute_seconds=86_401)


@pytest.mark.holds(12, 17)
def test_asking_for_the_session_does_not_extend_it(world: World, browser: Browser) -> None:
    """Over HTTP: neither /auth/session nor a background call postpones the end; a real call does."""
    browser.sign_in(world.provider)
    world.clock.advance(1000)
    left = browser.session().json()["idleSecondsLeft"]
    assert left == pytest.approx(800, abs=3)
    browser.http.get("/who", headers={"X-BFF-Background": "1"})
    assert browser.session().json()["idleSecondsLeft"] <= left
    browser.http.get("/who")
    assert browser.session().json()["idleSecondsLeft"] == pytest.approx(1800, abs=3)
    world.clock.advance(1801)
    assert browser.session().status_code == 401


@pytest.mark.holds(15)
def test_signing_out(world: World, browser: Browser) -> None:
    """The session ends on the server; the browser forgets cookie and cache, and may ask again."""
    browser.sign_in(world.provider)
    old = browser.session_cookie
    answer = browser.logout()
    assert (answer.status_code, answer.json()) == (200, {"logoutUrl": None})
    assert answer.headers["clear-site-data"] == '"cache"'
    assert answer.headers["cache-control"] == "no-store"
    assert "bff-dev=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" in answer.headers["set-cookie"]
    assert browser.session_cookie is None
    assert browser.logout().status_code == 200
    browser.http.cookies.set("bff-dev", old or "")
    assert browser.session().status_code == 401
    assert browser.http.get("/who").status_code == 401


@pytest.mark.holds(15)
def test_signing_out_is_a_post(world: World, browser: Browser) -> None:
    """A link or an image cannot sign anybody out."""
    browser.sign_in(world.provider)
    assert browser.http.get("/auth/logout", headers={"X-BFF": "1"}).status_code == 405
    assert browser.session().status_code == 200
