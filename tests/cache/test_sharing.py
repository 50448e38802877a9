"""Readers who were given the same share what one of them fetches, and nobody else takes part."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.catalogue import tags
from app.catalogue.keep import ByPeriod
from app.catalogue.operation import Read
from app.catalogue.permissions import RevokeAdAccountAccess
from app.catalogue.shapes import Permission
from app.errors import Forbidden, Problem
from tests.cache.lens import Lens, Marked, nothing
from tests.cache.questions import SHARED, question
from tests.cache.reads import ACCOUNT, TEAM, permission
from tests.cache.still import StillClock
from tests.inside import Inside, Platform, inside

# The access TTL and an operation's freshness, as they are by default (seconds).
TTL = 30
FRESH = 60
LESS = Marked("canary-less", 770_001)
EMPTY = '{"items":[],"nextCursor":null}'
# What is kept of a day long past is fresh for longer.
LONG = {operation.id: 3600 if operation.keep == ByPeriod() else FRESH for operation in SHARED}

pytestmark = pytest.mark.holds(74)


@dataclass
class Stage:
    """A platform seen through a lens, and what is asked of one shared operation."""

    platform: Platform
    lens: Lens
    operation: type[Read[Any]]

    def fetched(self) -> list[str]:
        """With whose tokens this operation was asked since the last look."""
        assert self.operation.upstream is not None
        calls = self.platform.sandbox.calls.list(self.operation.upstream.number)
        users = [str(call.user) for call in calls]
        self.platform.sandbox.calls.clear()
        return users

    async def read(self, gateway: Inside, user: str, *numbers: int) -> str:
        """What this user is told of these questions."""
        told = [await gateway.ask(user, question(self.operation, number)) for number in numbers]
        await gateway.settle()
        return "".join(one.body.decode() for one in told)

    def pass_by(self, seconds: float) -> None:
        self.platform.clock.advance(seconds)


@pytest.fixture(scope="module")
def lens() -> Lens:
    return Lens()


@pytest.fixture(scope="module")
def seen(lens: Lens) -> Iterator[Platform]:
    with lens.platform(StillClock()) as running:
        for page in range(1, 7):
            running.sandbox.world.add_form(f"Form {page}", f"page_1001_{page}", "acc-1001")
        yield running


@pytest.fixture(params=SHARED, ids=lambda operation: str(operation.id))
def stage(request: pytest.FixtureRequest, seen: Platform, lens: Lens) -> Iterator[Stage]:
    seen.forget()
    yield Stage(seen, lens, request.param)
    lens.views.clear()
    world = seen.sandbox.world
    world.set_status("cmp_1001_1", "ACTIVE")
    world.grant(TEAM, "acc-1001", "cleo", "MANAGER")


def test_what_one_of_the_line_fetches_serves_all_of_it(stage: Stage) -> None:
    """After one answer that is the same, the other questions are asked once for all."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo", "dora"):
            await stage.read(gateway, user, 0)
        assert stage.fetched() == ["ben", "cleo", "dora"]
        told = {await stage.read(gateway, user, 1, 2, 3) for user in ("cleo", "ben", "dora")}
        assert stage.fetched() == ["cleo"] * 3
        assert len(told) == 1

    inside(stage.platform, scenario)


def test_who_never_was_given_the_same_shares_nothing(stage: Stage) -> None:
    """His answers are his own, fetched with his own token, and nobody else is told of them."""
    stage.lens.views["dora"] = LESS

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0, 1)
        stage.fetched()
        for number in (0, 1):
            assert LESS.is_in(await stage.read(gateway, "dora", number))
        assert stage.fetched() == ["dora", "dora"]
        for user in ("ben", "cleo"):
            assert not LESS.is_in(await stage.read(gateway, user, 0, 1))
        assert stage.fetched() == []

    inside(stage.platform, scenario)


def test_an_empty_answer_lets_nobody_in(stage: Stage) -> None:
    """Who is shown nothing is shown nothing of what others fetched, first or last."""
    stage.lens.views["dora"] = nothing

    async def scenario(gateway: Inside) -> None:
        assert await stage.read(gateway, "dora", 0) == EMPTY
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0, 1)
        stage.fetched()
        assert await stage.read(gateway, "dora", 0, 1, 2) == EMPTY * 3
        assert stage.fetched() == ["dora", "dora"]
        assert await stage.read(gateway, "ben", 2) != EMPTY

    inside(stage.platform, scenario)


def test_an_answer_that_differs_leaves_the_line_as_it_is(stage: Stage) -> None:
    """Who is suddenly given something else is on his own, and the line's copies are untouched."""

    async def scenario(gateway: Inside) -> None:
        told = await stage.read(gateway, "ben", 0, 1)
        await stage.read(gateway, "cleo", 0)
        stage.pass_by(TTL + 1)
        stage.lens.views["cleo"] = LESS
        stage.fetched()
        for number in (0, 1):
            assert LESS.is_in(await stage.read(gateway, "cleo", number))
        assert stage.fetched() == ["cleo", "cleo"]
        assert await stage.read(gateway, "dora", 0, 1) == told
        assert stage.fetched() == ["dora"]

    inside(stage.platform, scenario)


def test_a_renewal_that_differs_leaves_the_line_too(stage: Stage) -> None:
    """Who finds the line's copy old and is given another answer renews it for nobody else."""

    async def scenario(gateway: Inside) -> None:
        told = await stage.read(gateway, "ben", 0, 1)
        stage.pass_by(LONG[stage.operation.id] - 1)
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        stage.lens.views["cleo"] = LESS
        stage.pass_by(2)
        stage.fetched()
        assert told.endswith(await stage.read(gateway, "cleo", 1))
        assert stage.fetched() == ["cleo"]
        assert LESS.is_in(await stage.read(gateway, "cleo", 1))
        assert await stage.read(gateway, "ben", 0, 1) == told
        assert await stage.read(gateway, "dora", 0, 1) == told

    inside(stage.platform, scenario)


def test_who_is_given_less_lets_nobody_in_who_always_was(stage: Stage) -> None:
    """Answers that only one of the line was given do not open it to those who never were in it."""
    stage.lens.views["dora"] = LESS

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        stage.lens.views["cleo"] = LESS
        await stage.read(gateway, "cleo", 1)
        await stage.read(gateway, "ben", 2)
        stage.fetched()
        for number in (1, 2):
            assert LESS.is_in(await stage.read(gateway, "dora", number))
        assert stage.fetched() == ["dora", "dora"]

    inside(stage.platform, scenario)


def test_who_is_given_less_is_out_after_the_ttl(stage: Stage) -> None:
    """What he alone fetches keeps him in the line no longer, though it is new in it each time."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        stage.lens.views["cleo"] = LESS
        stage.pass_by(TTL - 1)
        await stage.read(gateway, "cleo", 1)
        await stage.read(gateway, "ben", 0)
        stage.pass_by(2)
        await stage.read(gateway, "ben", 0, 2)
        assert LESS.is_in(await stage.read(gateway, "cleo", 2))

    inside(stage.platform, scenario)


def test_a_refusal_takes_only_from_who_was_refused(stage: Stage) -> None:
    """Whom the platform refuses is told nothing within the TTL; the line's copies stay."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        await stage.read(gateway, "cleo", 1)
        stage.platform.sandbox.world.revoke(TEAM, "acc-1001", "cleo")
        stage.pass_by(TTL + 1)
        await stage.read(gateway, "ben", 0)
        for number in (0, 1):
            with pytest.raises(Problem):
                await stage.read(gateway, "cleo", number)
        stage.fetched()
        await stage.read(gateway, "ben", 1)
        assert stage.fetched() == []

    inside(stage.platform, scenario)


def test_a_permission_taken_through_us_ends_it_at_once(stage: Stage) -> None:
    """He is told nothing more, and what he fetched goes on serving the others."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        await stage.read(gateway, "cleo", 1)
        revoke = RevokeAdAccountAccess(team_id=TEAM, ad_account_id=ACCOUNT, external_user_id="cleo")
        await gateway.ask("ben", revoke)
        stage.fetched()
        for number in (0, 1):
            with pytest.raises(Forbidden):
                await stage.read(gateway, "cleo", number)
        await stage.read(gateway, "ben", 0, 1)
        assert stage.fetched() == []

    inside(stage.platform, scenario)


def test_a_changed_permission_is_earned_anew(stage: Stage) -> None:
    """After a change of his rights his own answer decides again, whatever it was before."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        await stage.read(gateway, "ben", 1, 2)
        await gateway.ask("ben", permission(Permission.VIEWER))
        stage.lens.views["cleo"] = LESS
        for number in (0, 1, 2):
            assert LESS.is_in(await stage.read(gateway, "cleo", number))

    inside(stage.platform, scenario)


@pytest.mark.parametrize("late", [0, 1])
def test_the_right_ends_with_the_ttl(stage: Stage, late: int) -> None:
    """It lasts as long as the answer that earned it is a proof; proofs of other data are none."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        await stage.read(gateway, "ben", 1)
        stage.pass_by(TTL - 5)
        other = SHARED[SHARED.index(stage.operation) - 1]
        await gateway.ask("cleo", question(other, 0))
        stage.pass_by(5 + late)
        stage.fetched()
        await stage.read(gateway, "cleo", 1)
        assert stage.fetched() == ["cleo"] * late

    inside(stage.platform, scenario)


def test_the_line_outlives_its_readers(stage: Stage) -> None:
    """When all who were in it are gone, who is given the same is served what they fetched."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0, 1)
        stage.pass_by(TTL + 10)
        stage.fetched()
        await stage.read(gateway, "dora", 0, 1)
        assert stage.fetched() == ["dora"]

    inside(stage.platform, scenario)


def test_new_data_makes_a_new_line(stage: Stage) -> None:
    """When the data changed behind our back, readers of the new are together again, and only they."""
    newer = Marked("newer", 880_001)

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0, 1)
        stage.pass_by(LONG[stage.operation.id] + 1)
        stage.lens.views.update(dict.fromkeys(("ana", "ben", "cleo", "dora"), newer))
        stage.fetched()
        for user in ("ben", "cleo", "dora"):
            assert newer.is_in(await stage.read(gateway, user, 0))
        for user in ("cleo", "dora", "ana"):
            assert newer.is_in(await stage.read(gateway, user, 2))
        assert stage.fetched() == ["ben", "cleo", "dora", "cleo", "ana"]

    inside(stage.platform, scenario)


def test_after_a_write_one_of_the_line_fetches_for_all(stage: Stage) -> None:
    """What a write dropped is asked once, and serves those who were in the line before it."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo", "dora"):
            await stage.read(gateway, user, 0)
        await gateway.parts.epochs.bump({tags.account(ACCOUNT), tags.lead_forms(ACCOUNT)})
        stage.fetched()
        for user in ("cleo", "ben", "dora"):
            await stage.read(gateway, user, 0)
        assert stage.fetched() == ["cleo"]

    inside(stage.platform, scenario)


def test_what_was_under_way_when_his_rights_changed_is_not_shared(stage: Stage) -> None:
    """It may be of either side of the change: it is his answer, and nobody else's."""

    async def scenario(gateway: Inside) -> None:
        for user in ("ben", "cleo"):
            await stage.read(gateway, user, 0)
        number = str(stage.operation.upstream.number) if stage.operation.upstream else ""
        stage.platform.fault(number, "latency", seconds=0.1)
        reading = asyncio.create_task(gateway.ask("cleo", question(stage.operation, 1)))
        await gateway.until(lambda: bool(stage.platform.sandbox.calls.list(int(number))[2:]))
        await gateway.parts.epochs.bump({tags.reader("cleo", TEAM, ACCOUNT)})
        await reading
        stage.fetched()
        await stage.read(gateway, "ben", 1)
        assert stage.fetched() == ["ben"]

    inside(stage.platform, scenario)
