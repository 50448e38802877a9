"""The caching rules of HTTP, section by section, as far as they bind a gateway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cache.entries import Content, Entry, Found, State
from app.cache.epochs import Snapshot
from app.catalogue.campaigns import CampaignField
from app.catalogue.keep import Keep
from app.catalogue.operation import Read
from app.clock import today
from app.errors import Problem
from app.gateway.answers import age, cache_status
from app.testing.world import Browser, World
from tests.cache.questions import READS, plain
from tests.cache.reads import CAMPAIGNS, MEMBERS, campaigns
from tests.cache.still import StillClock
from tests.inside import Inside, Platform, inside, platform

every_read = pytest.mark.parametrize("operation", READS, ids=lambda operation: str(operation.id))

# --- what a response says of itself ---------------------------------------------------------------

# RFC 8941: a list of one token, whose parameters are keys with a true, a token or an integer.
MEMBER = re.compile(r"(?P<cache>[a-z]+)(?P<parameters>(?:; [a-z]+(?:=(?:-?\d{1,15}|[a-z]+))?)*)")
seconds = st.floats(min_value=0, max_value=2_000_000_000, allow_nan=False)


def found(at: float, state: State, *, stored: bool = True, fresh: float = 60) -> Found:
    entry = Entry(Content(b"{}"), at, at + fresh, at + 600, Snapshot({}, storable=True))
    return Found(entry, state, stored)


@given(
    at=seconds, later=st.floats(-10, 100_000), state=st.sampled_from(State), stored=st.booleans()
)
def test_cache_status_is_a_structured_field(
    at: float, later: float, state: State, stored: bool
) -> None:
    """RFC 9211, section 2: `hit` or `fwd` and never both, `stored` with `fwd` only, `ttl` whole."""
    match = MEMBER.fullmatch(cache_status(found(at, state, stored=stored), at + later))
    assert match is not None
    assert match["cache"] == "bff"
    pairs = [part.partition("=") for part in match["parameters"].split("; ")[1:]]
    told = {name: value for name, _, value in pairs}
    assert len(told) == len(pairs)
    assert told.keys() <= {"hit", "fwd", "stored", "ttl", "detail"}
    assert ("hit" in told) != ("fwd" in told)
    assert told.get("fwd", "miss") == "miss"
    assert ("stored" in told) == (state is State.MISS and stored)
    assert ("ttl" in told) == ("hit" in told)
    assert ("detail" in told) == (state is State.STALE)
    assert state is not State.HIT or int(told["ttl"]) >= 0


@given(at=seconds, later=st.floats(-10, 100_000), more=st.floats(0, 100))
def test_age_counts_whole_seconds_since_the_platform_was_asked(
    at: float, later: float, more: float
) -> None:
    """RFC 9111, sections 4.2.3 and 5.1: never negative, never too young, and growing with time."""
    now = at + later
    counted = age(found(at, State.HIT).entry, now)
    assert counted >= 0
    assert counted <= max(0, now - at) < counted + 1
    assert counted <= age(found(at, State.HIT).entry, now + more)


@pytest.mark.holds(80)
def test_a_shared_copy_is_as_old_as_its_fetch(shared_world: World, ben: Browser) -> None:
    """RFC 9111, section 5.1: whoever is served it, its Age is counted from when it was asked for."""
    shared_world.parts.cache.store.clear()
    cleo = shared_world.sign_in("cleo")
    path = f"{CAMPAIGNS}&fields=status"
    for reader in (ben, cleo):
        reader.read(CAMPAIGNS)
    ben.read(path)
    shared_world.advance(20)
    answer = cleo.api("GET", path)
    assert answer.headers["cache-status"].startswith("bff; hit")
    assert int(answer.headers["age"]) in {20, 21}


# --- conditional requests -------------------------------------------------------------------------


@pytest.mark.holds(80)
@pytest.mark.parametrize("path", [CAMPAIGNS, f"{CAMPAIGNS}&limit=2", MEMBERS])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_304_has_the_headers_of_its_200(ben: Browser, path: str, method: str) -> None:
    """RFC 9110, section 15.4.5: what keeps a stored answer up to date, and nothing of its content."""
    whole = ben.api(method, path)
    answer = ben.api(method, path, headers={"If-None-Match": whole.headers["etag"]})
    assert answer.status_code == 304
    for name in ("cache-control", "etag", "vary"):
        assert answer.headers[name] == whole.headers[name]
    dates = [parsedate_to_datetime(one.headers["date"]) for one in (whole, answer)]
    assert dates == sorted(dates)
    gone = {"content-type", "content-length", "content-encoding", "last-modified", "expires"}
    assert not gone & set(answer.headers)


@pytest.mark.holds(80)
@pytest.mark.parametrize("many", [1, 200])
def test_a_list_of_etags_is_looked_through(ben: Browser, many: int) -> None:
    """RFC 9110, section 13.1.2: one of them that matches is enough, wherever in the list it stands."""
    etag = ben.api("GET", CAMPAIGNS).headers["etag"]
    others = [f'W/"other-{number}"' for number in range(many)]
    for listed in ([etag, *others], [*others, etag]):
        for comma in (",", ", ", " ,\t", ",,"):
            headers = {"If-None-Match": comma.join(listed)}
            assert ben.api("GET", CAMPAIGNS, headers=headers).status_code == 304
    headers = {"If-None-Match": ", ".join(others)}
    assert ben.api("GET", CAMPAIGNS, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"},
        {"Range": "bytes=0-9"},
        {"Range": "bytes=0-9", "If-Range": '"anything"'},
    ],
    ids=["date", "range", "if-range"],
)
def test_what_is_not_offered_changes_nothing(ben: Browser, headers: dict[str, str]) -> None:
    """RFC 9110, sections 13.1.3 and 14.2: without Last-Modified or ranges the answer is whole."""
    whole, answer = ben.api("GET", CAMPAIGNS), ben.api("GET", CAMPAIGNS, headers=headers)
    assert (answer.status_code, answer.content) == (200, whole.content)
    assert not {"last-modified", "accept-ranges", "content-range", "expires"} & set(answer.headers)


@pytest.mark.holds(80)
def test_a_condition_that_holds_saves_no_check(shared_world: World, ben: Browser) -> None:
    """RFC 9110, section 13.2.1: a refusal comes before the condition, and is no 304."""
    dora = shared_world.sign_in("dora")
    etag = dora.api("GET", CAMPAIGNS).headers["etag"]
    path = "/teams/team-acme-brand/ad-accounts/act_1001/permissions/dora"
    assert ben.api("DELETE", path).status_code == 204
    for condition in (etag, "*"):
        answer = dora.api("GET", CAMPAIGNS, headers={"If-None-Match": condition})
        assert answer.status_code == 403
    shared_world.sandbox.world.grant("team-acme-brand", "acc-1001", "dora", "VIEWER")
    given = {"externalUserId": "dora", "permission": "VIEWER"}
    ben.api("PATCH", path, json=given)


# --- requests that would have it their own way ----------------------------------------------------


@pytest.mark.holds(78)
@pytest.mark.parametrize("directive", ["no-cache", "no-store", "max-age=0", "min-fresh=99999"])
def test_no_caller_orders_a_fetch(shared_world: World, ben: Browser, directive: str) -> None:
    """RFC 9111, section 5.2.1: request directives are advice; a reload costs the platform nothing."""
    ben.read(CAMPAIGNS)
    shared_world.forget_calls()
    headers = {"Cache-Control": directive, "Pragma": "no-cache"}
    answer = ben.api("GET", CAMPAIGNS, headers=headers)
    assert answer.headers["cache-status"].startswith("bff; hit")
    assert shared_world.calls("getCampaigns") == []


# --- stale, by RFC 5861 ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def still() -> Iterator[Platform]:
    with platform(clock=StillClock()) as running:
        yield running


Told = Callable[[], Any]


class Aging:
    """One read at several ages; other reads see to it that the reader's proof never ends first."""

    def __init__(self, gateway: Inside, operation: type[Read[Any]]) -> None:
        self._gateway = gateway
        self._asked = plain(operation)
        self.keep: Keep = self._asked.kept(today(gateway.platform.clock))
        self._now = 0

    async def at(self, age: int) -> State:
        """Read when the first answer is of this age, with a proof that is not."""
        while self._now + 25 < age and not self._failing:
            await self._pass_by(25)
        await self._pass_by(age - self._now)
        return await self.now()

    async def now(self) -> State:
        answered = await self._gateway.ask("ana", self._asked)
        await self._gateway.settle()
        assert answered.found is not None
        return answered.found.state

    def fail(self) -> None:
        self._gateway.platform.fault("*", "reset", times=None)

    @property
    def _failing(self) -> bool:
        return bool(self._gateway.platform.sandbox.faults._waiting)

    async def _pass_by(self, seconds: int) -> None:
        self._now += seconds
        self._gateway.platform.clock.advance(seconds)
        if not self._failing:
            await self._gateway.ask("ana", campaigns(CampaignField.STOP_TIME))
            await self._gateway.settle()


@pytest.mark.holds(77)
@every_read
def test_stale_while_revalidate(still: Platform, operation: type[Read[Any]]) -> None:
    """RFC 5861, section 3: from the first second past its freshness on, served and renewed once."""
    still.forget()

    async def scenario(gateway: Inside) -> None:
        aging = Aging(gateway, operation)
        assert await aging.now() is State.MISS
        assert await aging.at(aging.keep.fresh - 1) is State.HIT
        assert await aging.at(aging.keep.fresh) is State.STALE
        assert await aging.now() is State.HIT

    inside(still, scenario)


@pytest.mark.holds(54, 77)
@every_read
def test_stale_if_error(still: Platform, operation: type[Read[Any]]) -> None:
    """RFC 5861, section 4: while the platform fails, to the last second of its window and no longer."""
    still.forget()

    async def scenario(gateway: Inside) -> None:
        aging = Aging(gateway, operation)
        await aging.now()
        aging.fail()
        assert await aging.at(aging.keep.stale - 1) is State.STALE
        with pytest.raises(Problem):
            await aging.at(aging.keep.stale)

    inside(still, scenario, access={"outage_seconds": 86_400})
