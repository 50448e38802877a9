"""Random lives of an installation, watched by a model that has no cache.

Users read and write through one gateway, or through replicas with a real Redis; rights and data
change behind our back; time passes; the platform, Redis and replicas fail. After every read the model
(model.py) judges whether this user may have this answer, of this age, now.

A usual run is short and always the same. `CACHE_MACHINE=1000 pytest -n0 tests/cache/test_machine.py`
plays a thousand other lives of each kind and prints how to repeat one that fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.cache import redis_link
from app.catalogue.campaigns import CampaignStatusChange, SetCampaignStatus
from app.catalogue.operation import Write
from app.catalogue.permissions import (
    AccessChange,
    AccessDraft,
    ChangeAdAccountAccess,
    GrantAdAccountAccess,
    RevokeAdAccountAccess,
)
from app.catalogue.shapes import Permission, Role, Status
from app.catalogue.teams import (
    AssignTeamMembers,
    MembersDraft,
    RemoveTeamMembers,
    RenameTeam,
    TeamDraft,
)
from app.errors import AccessUnavailable, Forbidden, NotFound, OutcomeUnknown, Problem
from app.errors import UpstreamProblem as Upstream
from app.sandbox.demo import demo_world
from app.sandbox.faults import Fault
from tests.cache.asked import BY_NAME, QUESTIONS, TEAMS, THE_TEAM, Question
from tests.cache.asked import MEMBERS as MEMBER_LIST
from tests.cache.lens import READ, Lens
from tests.cache.model import MEMBERS, OUTAGE, USERS, WRITE_DEADLINE, Answer, Label, Model, seen
from tests.cache.reads import ACCOUNT, TEAM
from tests.cache.replicas import Replicas, gathered
from tests.cache.still import StillClock
from tests.inside import Platform
from tests.replicas.redis_server import RedisServer, redis_server

LIVES = int(os.environ.get("CACHE_MACHINE", "0"))
OF_ACCOUNT = tuple(one for one in QUESTIONS if one.account == ACCOUNT)
OF_TEAM = (MEMBER_LIST, THE_TEAM, TEAMS)
CAMPAIGN = "cmp_1001_1"
# Who asks what, and through which replica.
Asking = tuple[str, str, int]
OUTAGES: dict[str, Fault] = {
    "reset": Fault("reset", times=None),
    "5xx": Fault("status", times=None, status=503),
    "429": Fault("rate-limit", times=None, retry_after="0"),
    "only campaigns": Fault("status", 33, times=None, status=500),
    "only teams": Fault("reset", 13, times=None),
}


@dataclass
class Ground:
    """What lives are played on: a platform and, for replicas, a Redis."""

    platform: Platform
    lens: Lens
    ledgers: Path
    redis: RedisServer | None
    lives: int = field(default=0)

    def new(self) -> None:
        """As it was in the beginning."""
        sandbox = self.platform.sandbox
        vars(sandbox.world).update(vars(demo_world(sandbox.clock)))
        sandbox.faults.clear()
        self.lives += 1
        if self.redis is not None:
            with self.redis.client() as client:
                client.flushall()

    def redis_comes_back(self) -> None:
        if self.redis is None:
            return
        if self.redis._process is None:
            self.redis.start()
        else:
            self.redis.thaw()


replicas = st.integers(0, 2)
readers = st.tuples(st.sampled_from(USERS), st.sampled_from(list(BY_NAME)), replicas)
shared_readers = st.tuples(
    st.sampled_from(("ana", "ben", "cleo", "dora")),
    st.sampled_from([one.name for one in OF_ACCOUNT if one.shared]),
    replicas,
)
members = st.sampled_from(MEMBERS)
statuses = st.sampled_from(list(Status))
permissions = st.sampled_from(list(Permission))
seconds = st.sampled_from((1, 4, 6, 14, 16, 29, 30, 31, 45, 59, 61, 120, 250, 700))


class Life(RuleBasedStateMachine):
    """One installation; `made_of` makes its gateways."""

    made_of: ClassVar[type[Replicas]] = Replicas

    def __init__(self, ground: Ground, replicas: int) -> None:
        super().__init__()
        ground.new()
        self.ground = ground
        self.sandbox = ground.platform.sandbox
        self.clock = ground.platform.clock
        self.model = Model(self.sandbox, self.clock.now)
        for user in USERS:
            ground.lens.views[user] = self.view_of(user)
        self.replicas = self.made_of(
            ground.platform.server.origin,
            self.clock,
            ground.ledgers / f"{ground.lives}.db",
            ground.redis,
            access={"outage_seconds": OUTAGE},
            upstream={"write_deadline": WRITE_DEADLINE},
        )
        self.count = replicas
        self.redis_away = False
        self.last: list[Asking] = []
        self.late: tuple[Status, float] | None = None
        self.replicas.play(self.replicas.start(replicas))

    def teardown(self) -> None:
        self.ground.redis_comes_back()
        self.replicas.end()

    def view_of(self, user: str) -> Callable[[str, Any], Any]:
        return lambda number, data: seen(
            user, self.model.labels[user], self.model.revision, int(number), data
        )

    # --- reads ------------------------------------------------------------------------------------

    @rule(reads=st.lists(readers, min_size=1, max_size=4))
    def read(self, reads: list[Asking]) -> None:
        """At the same time."""
        self.clock.advance(0.001)
        asks = [self.answer(replica, user, BY_NAME[asked]) for user, asked, replica in reads]
        self.model.judge(self.replicas.play(gathered(asks)))
        self.replicas.play(self.replicas.settle())
        self.last = reads

    @rule(reads=st.lists(shared_readers, min_size=2, max_size=6))
    def read_what_is_shared(self, reads: list[Asking]) -> None:
        """One after the other."""
        for one in reads:
            self.read([one])

    @precondition(lambda self: self.last)
    @rule(replica=replicas)
    def read_again(self, replica: int) -> None:
        """The same, elsewhere."""
        self.read([(user, asked, replica) for user, asked, _ in self.last])

    async def answer(
        self, replica: int, user: str, question: Question
    ) -> tuple[str, Question, Answer]:
        return user, question, await self.answered(replica, user, question)

    async def answered(self, replica: int, user: str, question: Question) -> Answer:
        try:
            answered = await self.replicas.ask(replica % self.count, user, question.operation)
        except (NotFound, Forbidden):
            return Answer("refused")
        except (AccessUnavailable, Upstream) as problem:
            return Answer("unavailable", f"{problem.code}: {problem.reason}".encode())
        assert answered.found is not None
        found = answered.found
        return Answer("served", answered.body, found.entry.at, found.state)

    # --- writes through us ------------------------------------------------------------------------

    def write(self, user: str, operation: Write[Any], replica: int = 0) -> str:
        """How it ended: done, unknown, or refused."""
        self.clock.advance(0.001)
        try:
            self.replicas.play(self.replicas.ask(replica % self.count, user, operation))
        except OutcomeUnknown:
            return "unknown"
        except Problem:
            return "refused"
        finally:
            self.replicas.play(self.replicas.settle())
        return "done"

    @rule(status=statuses, replica=replicas, user=st.sampled_from(("ana", "ben", "cleo")))
    def set_status(self, status: Status, replica: int, user: str) -> None:
        if self.write(user, pausing(status), replica) != "refused":
            self.model.wrote(OF_ACCOUNT)

    @precondition(lambda self: not self.model.outage)
    @rule(status=statuses, replica=replicas, early=st.booleans())
    def set_status_unseen(self, status: Status, replica: int, early: bool) -> None:
        """The answer is lost; the platform did it, or does it later."""
        self.sandbox.faults.add(Fault("reset", 34, after_effect=early))
        ended = self.write("ana", pausing(status), replica)
        self.sandbox.faults.clear()
        if ended != "unknown":  # the campaign is not shown to her: nothing was sent
            return
        self.model.wrote(OF_ACCOUNT)
        self.late = None if early else (status, self.clock.now() + WRITE_DEADLINE)

    @precondition(lambda self: self.late is not None)
    @rule()
    def carry_out_late(self) -> None:
        """What nobody saw the end of takes effect, within the write deadline."""
        assert self.late is not None
        status, until = self.late
        self.late = None
        self.clock.advance(0.001)
        if self.clock.now() < until:
            self.sandbox.world.set_status(CAMPAIGN, status.value)
            self.model.wrote(OF_ACCOUNT)

    @rule(number=st.integers(1, 3), replica=replicas)
    def rename(self, number: int, replica: int) -> None:
        operation = RenameTeam(team_id=TEAM, body=TeamDraft(name=f"Brand {number}"))
        if self.write("ben", operation, replica) != "refused":
            self.model.wrote(OF_TEAM)

    @rule(user=members, replica=replicas)
    def assign(self, user: str, replica: int) -> None:
        body = MembersDraft.model_validate(
            {"members": ({"externalUserId": user, "role": Role.MEMBER},)}
        )
        if self.write("ben", AssignTeamMembers(team_id=TEAM, body=body), replica) != "refused":
            self.changed_membership(user)

    @rule(user=members, replica=replicas)
    def remove(self, user: str, replica: int) -> None:
        operation = RemoveTeamMembers(team_id=TEAM, external_user_id=(user,))
        if self.write("ana", operation, replica) != "refused":
            if user in self.model.recorded:
                self.model.recorded[user] = False
            self.changed_membership(user)

    def changed_membership(self, user: str) -> None:
        self.model.wrote(OF_TEAM)
        self.model.decided(user, TEAM)
        self.model.decided(user, None)

    @rule(user=members, permission=permissions, replica=replicas, anew=st.booleans())
    def permit(self, user: str, permission: Permission, replica: int, anew: bool) -> None:
        given = {"team_id": TEAM, "ad_account_id": ACCOUNT}
        operation: Write[Any]
        if anew:
            draft = AccessDraft.model_validate({"externalUserId": user, "permission": permission})
            operation = GrantAdAccountAccess(**given, body=draft)
        else:
            change = AccessChange(permission=permission)
            operation = ChangeAdAccountAccess(**given, external_user_id=user, body=change)
        ended = self.write("ben", operation, replica)
        if ended == "done":
            self.model.recorded[user] = True
        if ended != "refused":
            self.model.decided(user, TEAM, ACCOUNT)

    @rule(user=members, replica=replicas)
    def revoke(self, user: str, replica: int) -> None:
        operation = RevokeAdAccountAccess(
            team_id=TEAM, ad_account_id=ACCOUNT, external_user_id=user
        )
        if self.write("ben", operation, replica) != "refused":
            self.model.recorded[user] = False
            self.model.decided(user, TEAM, ACCOUNT)

    # --- behind our back --------------------------------------------------------------------------

    def behind(self, change: Callable[[], object]) -> None:
        self.clock.advance(0.001)
        change()
        self.model.look()

    @rule(status=statuses)
    def another_sets_the_status(self, status: Status) -> None:
        self.behind(lambda: self.sandbox.world.set_status(CAMPAIGN, status.value))

    @rule()
    def data_is_restated(self) -> None:
        def restate() -> None:
            self.model.revision += 1

        self.behind(restate)

    @rule(user=st.sampled_from(USERS), label=st.sampled_from(list(Label)))
    def filter(self, user: str, label: Label) -> None:
        """From now on the platform shows him so much."""
        self.behind(lambda: self.model.labels.update({user: label}))

    @rule(user=members)
    def another_removes(self, user: str) -> None:
        world = self.sandbox.world
        if (TEAM, user) in world.members:
            self.behind(lambda: world.remove(TEAM, user))

    @rule(user=members)
    def another_assigns(self, user: str) -> None:
        world = self.sandbox.world
        if (TEAM, user) not in world.members:
            self.behind(lambda: world.assign(TEAM, user, "MEMBER"))

    @rule(user=members, given=st.booleans())
    def another_permits(self, user: str, given: bool) -> None:
        world, key = self.sandbox.world, (TEAM, "acc-1001", user)
        if given and (TEAM, user) in world.members:
            self.behind(lambda: world.grant(*key, "VIEWER"))
        elif not given and key in world.grants:
            self.behind(lambda: world.revoke(*key))

    # --- time and failures ------------------------------------------------------------------------

    @rule(seconds=seconds)
    def pass_by(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(how=st.sampled_from(sorted(OUTAGES)))
    def platform_fails(self, how: str) -> None:
        self.sandbox.faults.clear()
        self.sandbox.faults.add(OUTAGES[how])
        self.model.outage = True

    @precondition(lambda self: self.model.outage)
    @rule()
    def platform_heals(self) -> None:
        """And is asked again: a breaker leaves it alone for a while."""
        self.sandbox.faults.clear()
        self.clock.advance(6)
        self.model.outage = False

    @rule(replica=replicas)
    def crash(self, replica: int) -> None:
        self.replicas.play(self.replicas.crash(replica % self.count))


class LifeWithoutRedis(Life):
    """For a while, once: noticing that it is away, or back, takes seconds that nobody can move."""

    losses = 0

    @precondition(lambda self: not self.losses)
    @rule(freezes=st.booleans())
    def redis_goes_away(self, freezes: bool) -> None:
        """It is killed and forgets everything, or hangs."""
        assert self.ground.redis is not None
        self.losses += 1
        if freezes:
            self.ground.redis.freeze()
        else:
            self.ground.redis.stop()
            # The ledger was there as well: who had been revoked is now the platform's to refuse.
            self.behind(self.model.recorded.clear)
        self.model.ledger_away = True
        self.redis_away = True
        self.replicas.play(self.replicas.lose_redis())

    @precondition(lambda self: self.redis_away)
    @rule()
    def redis_comes_back(self) -> None:
        self.ground.redis_comes_back()
        self.redis_away = self.model.ledger_away = False
        self.replicas.play(self.replicas.find_redis())


def pausing(status: Status) -> SetCampaignStatus:
    body = CampaignStatusChange(status=status)
    return SetCampaignStatus(team_id=TEAM, ad_account_id=ACCOUNT, campaign_id=CAMPAIGN, body=body)


def lived(life: Any, usual: int) -> None:
    """As many lives as are wanted."""
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=LIVES or usual,
            stateful_step_count=40,
            derandomize=not LIVES,
            print_blob=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no outage of Redis: what the model cannot know must not decide."""
    monkeypatch.setattr(redis_link, "PATIENCE", 1.0)


@pytest.fixture(scope="module")
def lens() -> Lens:
    return Lens(only=READ)


@pytest.fixture(scope="module")
def seen_platform(lens: Lens) -> Iterator[Platform]:
    with lens.platform(StillClock()) as running:
        yield running


pytestmark = [
    pytest.mark.holds(52, 53, 54, 74, 76, 77),
    pytest.mark.timeout(0 if LIVES else 120),
]


def test_one_gateway_serves_what_the_model_allows(
    seen_platform: Platform, lens: Lens, tmp_path: Path
) -> None:
    """Whatever happens, each user is told what the platform would tell him, late enough."""
    ground = Ground(seen_platform, lens, tmp_path, None)
    lived(lambda: Life(ground, 1), usual=50)


@pytest.mark.parametrize("replicas", [2, 3])
def test_replicas_serve_what_the_model_allows(
    seen_platform: Platform, lens: Lens, tmp_path: Path, replicas: int
) -> None:
    """The same through any of several, whichever of them crashes."""
    with redis_server() as redis:
        ground = Ground(seen_platform, lens, tmp_path, redis)
        lived(lambda: Life(ground, replicas), usual=14)


def test_replicas_without_redis_serve_what_the_model_allows(
    seen_platform: Platform, lens: Lens, tmp_path: Path
) -> None:
    """The same while their Redis is killed or hangs, and after it came back."""
    with redis_server() as redis:
        ground = Ground(seen_platform, lens, tmp_path, redis)
        lived(lambda: LifeWithoutRedis(ground, 2), usual=6)
