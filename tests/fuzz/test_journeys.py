"""Journeys along the links of the document, until they succeeded at every operation.

A journey begins with a session or a new workspace, in a world of its own, by one signed-in caller.
Every further step follows a link: its ids come from an answer before. The first rounds roam, the
others go for what was missed. `FUZZ_EXAMPLES=100` walks more, and elsewhere each time.
"""

from __future__ import annotations

from collections.abc import Collection
from random import SystemRandom
from typing import Any

import pytest
from hypothesis import seed
from schemathesis import Response, checks

from app.testing.world import World, world
from tests.fuzz.callers import Callers
from tests.fuzz.checks import judge
from tests.fuzz.document import MORE_EXAMPLES, RAW, Drawn, budget, load, operation_of
from tests.fuzz.plausible import draw_of, smooth

TAKE_AWAY = frozenset(
    {"changeWorkspaceAdmin", "deleteTeam", "deleteWorkspace", "disconnect", "removeAdAccount"}
)
# Nothing links to them: a browser is sent there, or a machine asks. Or the answer never ends.
NOT_LINKED = frozenset(
    {
        "login",
        "finishLogin",
        "logout",
        "backchannelLogout",
        "listSessions",
        "endSession",
        "endOtherSessions",
        "logoutAtProvider",
        "exchangeNativeCode",
        "finishConsent",
        "getHealth",
        "getReadiness",
        "streamDashboard",
        "getWrite",
    }
)
ROAMING = 2
MOST_ROUNDS = 12

pytestmark = pytest.mark.holds(46, 48, 57, 59, 67)


def test_journeys_reach_everything_that_keeps_the_world() -> None:
    """Link by link every operation that takes nothing away succeeds, and answers as described."""
    keeping = frozenset(_links()) - NOT_LINKED - TAKE_AWAY
    assert _missed_by_journeys(keeping, keeping) == set()


def test_journeys_reach_everything_that_takes_away() -> None:
    """So does what deletes and hands over; what is gone is gone for every later step."""
    assert _missed_by_journeys(frozenset(_links()) - NOT_LINKED, TAKE_AWAY) == set()


def _missed_by_journeys(among: frozenset[str], wanted: frozenset[str]) -> set[str]:
    """What no journey among these operations succeeded at; the rounds end when that is nothing."""
    missed = set(wanted)
    first = SystemRandom().randrange(2**32) if MORE_EXAMPLES else 0
    with world() as running:
        for round_ in range(MOST_ROUNDS):
            walked = among if round_ < ROAMING else _ways_to(missed)
            journeys = seed(first + round_)(_journeys(walked, running, missed))
            journeys.run(settings=budget(4, steps=40))
            if not missed:
                break
    return missed


def _ways_to(missed: set[str]) -> set[str]:
    """The operations on the shortest way from the session to each of these."""
    came_from, waiting = {"getSession": ""}, ["getSession"]
    for operation in waiting:
        new = [target for target in _links()[operation] if target not in came_from]
        came_from |= dict.fromkeys(new, operation)
        waiting += new
    ways = set[str]()
    for missing in missed:
        step = missing
        while step:
            ways.add(step)
            step = came_from.get(step, "")
    return ways


def _links() -> dict[str, list[str]]:
    """Where the answers of each operation lead."""
    described = [body for item in RAW["paths"].values() for body in item.values()]
    return {
        body["operationId"]: [
            link["operationId"]
            for response in body["responses"].values()
            for link in response.get("links", {}).values()
        ]
        for body in described
    }


def _journeys(operations: Collection[str], running: World, missed: set[str]) -> Any:
    """The machine that Schemathesis makes of the links, at home in our world."""
    schema = load().include(operation_id=sorted(operations))
    # Links that were guessed are left out: those of the document have to lead everywhere.
    schema.config.phases.stateful.inference.algorithms = []
    machine: Any = schema.as_state_machine()

    class Journey(machine):  # type: ignore[misc]  # its class is made at run time
        def setup(self) -> None:
            self.user: str | None = None
            running.begin_anew()
            self.callers = Callers(running)

        def teardown(self) -> None:
            self.callers.close()

        def call(self, case: Drawn, **_: Any) -> Response:
            draw = draw_of(case)
            # Who takes the first step makes the whole journey.
            self.user = self.user or self.callers.of(case, draw)
            smooth(case, draw)
            response, self.sent = self.callers.send(case, self.user)
            if response.status_code < 300:
                missed.discard(operation_of(case))
            return response

        def validate_response(self, response: Response, case: Drawn, *_: Any, **__: Any) -> None:
            # Without credentials each operation is tried by itself.
            spare = [checks.ignored_auth]
            handed_over = self.callers.succeeded_at("changeWorkspaceAdmin")
            if handed_over or operation_of(case) == "changeWorkspaceAdmin":
                # Who handed his workspace over finds nothing there, what he made himself included;
                # and a 404 of the handing over may speak of the one whom nobody knows.
                spare.append(checks.ensure_resource_availability)
            judge(case, response, self.sent, spare=spare, recorder=self.recorder)

    return Journey
