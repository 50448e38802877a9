"""Each operation by itself, fuzzed from its description: valid requests, odd ones and wrong ones.

Schemathesis draws them from openapi/bff.json and holds every answer against it; see checks.py for
what does not apply. `FUZZ_EXAMPLES=500 make test PYTEST_ARGS=tests/fuzz` looks longer.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from schemathesis import checks

from app.testing.world import World, world
from tests.fuzz.callers import Callers
from tests.fuzz.checks import judge
from tests.fuzz.document import Drawn, budget, load, operation_of
from tests.fuzz.plausible import APP, bring_home, draw_of

SCHEMA = load()
# A stream does not end; tests/dashboard has it.
READS = SCHEMA.include(method="GET").exclude(operation_id="streamDashboard")
CHANGES = SCHEMA.exclude(method="GET")
# Operations that never succeed here, and why.
OUT_OF_REACH = {
    "finishLogin": "the provider's code and state are needed, which tests/session has",
    "backchannelLogout": "the provider's signature is needed, which tests/session has",
    "endSession": "an id of one's own is needed, which tests/session has",
    "logoutAtProvider": "a logout's one-use address is needed, which tests/session has",
    "exchangeNativeCode": "the code of an app's login is needed, which tests/session has",
    "getWrite": "the key of a write of one's own is needed, which tests/money has",
    "finishConsent": "the platform's one-time token is needed, which tests/access has",
}

pytestmark = pytest.mark.holds(36, 37, 49, 59, 60, 61, 67, 72)


@pytest.fixture(scope="module")
def calm_world() -> Iterator[World]:
    """One world for all reads: they change nothing."""
    with world(public={"native_redirects": [APP["redirect"]]}) as running:
        yield running


@pytest.fixture
def readers(calm_world: World) -> Iterator[Callers]:
    yield from _callers_who_succeed(calm_world)


@pytest.fixture
def changers() -> Iterator[Callers]:
    """In a world of their own: what was deleted is missing for nobody else."""
    with world() as running:
        yield from _callers_who_succeed(running)


def _callers_who_succeed(running: World) -> Iterator[Callers]:
    """Fails in the end where nothing but refusals came back: such a run would show little."""
    callers = Callers(running)
    yield callers
    callers.close()
    for operation, statuses in callers.statuses.items():
        reached = callers.succeeded_at(operation)
        assert reached is (operation not in OUT_OF_REACH), dict(statuses)


@READS.parametrize()
@budget(15)
def test_reads_answer_as_described(case: Drawn, readers: Callers) -> None:
    """Whatever a signed-in caller asks for, the answer is one that the document describes."""
    _ask_and_judge(case, readers)


@CHANGES.parametrize()
@budget(15)
def test_changes_answer_as_described(case: Drawn, changers: Callers) -> None:
    """Whatever a signed-in caller changes, the answer is one that the document describes."""
    _ask_and_judge(case, changers)


def _ask_and_judge(case: Drawn, callers: Callers) -> None:
    draw = draw_of(case)
    bring_home(case, draw)
    proven = callers.succeeded_at(operation_of(case))
    response, sent = callers.send(case, callers.of(case, draw))
    # Each success costs three more requests without credentials; once is enough.
    judge(case, response, sent, spare=(checks.ignored_auth,) if proven else ())
