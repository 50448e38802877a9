"""A user's token carries that user's requests and nobody else's."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inside import Inside, Platform, inside
from tests.tokens.asking import question

# Each user's own team and account, and his own range of days, so that a call's path names him.
USERS = {
    "ben": ("team-acme-brand", "act_1001", 0),
    "kim": ("team-acme-agency", "act_1003", 100),
    "hugo": ("team-globex-shop", "act_2001", 200),
}
TROUBLES = ("none", "tokens die", "an hour passes", "nearly an hour passes", "access token expires")


@dataclass(frozen=True)
class Round:
    """Who asks how often at the same time, after what has happened."""

    trouble: str
    asking: tuple[str, ...]


ROUNDS = st.lists(
    st.builds(
        Round,
        trouble=st.sampled_from(TROUBLES),
        asking=st.lists(st.sampled_from(sorted(USERS)), min_size=2, max_size=8).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


def befall(on: Platform, trouble: str) -> None:
    match trouble:
        case "tokens die":
            on.sandbox.tokens.revoke()
        case "access token expires":
            on.sandbox.tokens.expire()
        case "an hour passes":
            on.clock.advance(3600)
        case "nearly an hour passes":
            on.clock.advance(3300)
        case _:
            pass


@pytest.mark.holds(28, 100)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds=ROUNDS)
def test_every_call_carries_the_token_of_the_user_who_asked(
    sandbox: Platform, rounds: list[Round]
) -> None:
    """However users interleave while tokens die and are renewed, no call bears another's token."""
    sandbox.forget()

    async def scenario(gateway: Inside) -> None:
        number = 0
        for one in rounds:
            sandbox.clock.advance(61)
            befall(sandbox, one.trouble)
            asks = []
            for user in one.asking:
                number += 1
                team, account, first = USERS[user]
                asks.append(gateway.ask(user, question(first + number, team, account)))
            await asyncio.gather(*asks)
            await gateway.settle()

    inside(sandbox, scenario)
    calls = sandbox.sandbox.calls.list()
    asked = [call for call in calls if call.bearer == "access" or call.name == "getInsights"]
    assert len([call for call in calls if call.name == "getInsights"]) >= sum(
        len(one.asking) for one in rounds
    )
    for call in asked:
        assert call.user == _owner(call.path), call
    for call in sandbox.calls("exchangeToken"):
        assert call.user is None


def _owner(path: str) -> str:
    """The user whom the path names: by his days, else by his team."""
    if day := re.search(r"startDate=(2025-\d\d-\d\d)", path):
        return next(
            user
            for user, (_, _, first) in USERS.items()
            if str(question(first).start_date) <= day[1] < str(question(first + 100).start_date)
        )
    return next(user for user, (team, _, _) in USERS.items() if team in path)
