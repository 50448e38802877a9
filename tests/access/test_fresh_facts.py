"""How old the facts are that a decision is made on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.catalogue.composed import Composed
from app.catalogue.operation import Read
from app.testing.world import Browser, World, world
from tests.access.acme import CAMPAIGNS, PERMISSIONS, TEAM, asked, code, set_status
from tests.access.examples import BY_ID, Ids, refused, with_parameter
from tests.access.test_recording import asking, once
from tests.harness import together

FACTS = ("getTeam", "getTeamConnections", "getCampaigns")


def strict(operation: str) -> bool:
    """A write, or something that only admins may do."""
    rules = set(BY_ID[operation].access)
    return not issubclass(BY_ID[operation], Read | Composed) or bool(
        rules & {"teamAdmin", "workspaceAdmin"}
    )


STRICT_TEAM = [operation for operation in with_parameter("teamId") if strict(operation)]
ADMINS = [operation for operation in STRICT_TEAM if "teamAdmin" in BY_ID[operation].access]
STRICT_WORKSPACE = [operation for operation in with_parameter("enterpriseId") if strict(operation)]


@pytest.mark.holds(50)
def test_writes_decide_on_facts_at_most_five_seconds_old(either_world: World) -> None:
    """A write 4 s after the last one asks for no fact, 6 s after it for each again."""
    ben = either_world.sign_in("ben")
    assert set_status(ben).status_code == 200
    for seconds, times in ((4, 0), (2, 1)):
        either_world.advance(seconds)
        either_world.sandbox.calls.clear()
        assert set_status(ben).status_code == 200
        assert [asked(either_world, fact) for fact in FACTS[:2]] == [times, times]


@pytest.mark.holds(50)
def test_what_admins_may_read_is_decided_on_young_facts_too(either_world: World) -> None:
    """The list of permissions asks for facts again after 5 s; an ordinary read after 30 s."""
    ben = either_world.sign_in("ben")
    ben.read(PERMISSIONS)
    for seconds, times in ((4, 0), (2, 1)):
        either_world.advance(seconds)
        either_world.sandbox.calls.clear()
        ben.read(PERMISSIONS)
        assert asked(either_world, "getTeam") == times
    for seconds, times in ((29, 0), (2, 1)):
        either_world.advance(seconds)
        either_world.sandbox.calls.clear()
        ben.read(f"/teams/{TEAM}/members")
        assert asked(either_world, "getTeam") == times


@pytest.fixture(scope="module")
def ben(shared_world: World) -> Browser:
    return shared_world.sign_in("ben")


@pytest.fixture(scope="module")
def ana(shared_world: World) -> Browser:
    return shared_world.sign_in("ana")


@pytest.fixture
def rewound(shared_world: World) -> Iterator[World]:
    """The world, whose acme gets its admin and its team ADMIN back afterwards."""
    yield shared_world
    shared_world.sandbox.world.assign(TEAM, "ben", "ADMIN")
    shared_world.sandbox.world.change_admin("acme", "ana")
    shared_world.advance(31)


@pytest.mark.holds(45, 50, 53)
@pytest.mark.parametrize("operation", STRICT_TEAM)
def test_who_lost_the_team_writes_no_more_after_five_seconds(
    rewound: World, ben: Browser, operation: str
) -> None:
    """Removed at the platform itself, behind our back: every write is refused 6 s later."""
    ben.read(f"/teams/{TEAM}")
    ben.read(CAMPAIGNS)
    rewound.sandbox.world.remove(TEAM, "ben")
    rewound.advance(6)
    assert refused(ben, rewound, operation, Ids())["code"] == "not-found"


@pytest.mark.holds(50, 53)
@pytest.mark.parametrize("operation", ADMINS)
def test_who_is_admin_no_more_does_no_more_what_admins_may(
    rewound: World, ben: Browser, operation: str
) -> None:
    """Made a MEMBER at the platform itself: whatever needs an admin is forbidden 6 s later."""
    ben.read(f"/teams/{TEAM}")
    rewound.sandbox.world.assign(TEAM, "ben", "MEMBER")
    rewound.advance(6)
    assert refused(ben, rewound, operation, Ids())["code"] == "forbidden"


@pytest.mark.holds(50, 53)
@pytest.mark.parametrize("operation", STRICT_WORKSPACE)
def test_who_lost_the_workspace_writes_no_more_after_five_seconds(
    rewound: World, ana: Browser, operation: str
) -> None:
    """The workspace got another admin at the platform: the old one's writes are refused 6 s later."""
    ana.read("/workspaces/acme")
    rewound.sandbox.world.change_admin("acme", "gwen")
    rewound.advance(6)
    assert refused(ana, rewound, operation, Ids())["code"] == "forbidden"


@pytest.mark.holds(50)
def test_a_fact_is_as_old_as_its_question(either_world: World) -> None:
    """A write does not decide on a fact that was asked for long ago and arrives only now."""
    ben = either_world.sign_in("ben")
    either_world.fault("getTeam", "latency", seconds=0.4, afterEffect=True)

    def ben_is_gone() -> bool:
        """Once the platform has looked: it said that he is a member."""
        if asked(either_world, "getTeam") == 0:
            return False
        either_world.sandbox.world.remove(TEAM, "ben")
        either_world.clock.advance(6)
        return True

    path = f"/teams/{TEAM}"
    _, renamed = together(
        [
            asking(ben, "GET", f"{path}/members"),
            once(ben_is_gone, asking(ben, "PATCH", path, {"name": "Mine"})),
        ],
        either_world.origin,
    )
    assert code(renamed) == "not-found"
    assert asked(either_world, "updateTeamName") == 0


@pytest.mark.holds(53)
def test_the_access_ttl_is_a_setting() -> None:
    """With a TTL of 10 s an ordinary read asks for facts again after 11 s."""
    with world(access={"ttl_seconds": 10}) as running:
        ben = running.sign_in("ben")
        ben.read(f"/teams/{TEAM}/members")
        for seconds, times in ((9, 0), (2, 1)):
            running.advance(seconds)
            running.sandbox.calls.clear()
            ben.read(f"/teams/{TEAM}/members")
            assert asked(running, "getTeam") == times
