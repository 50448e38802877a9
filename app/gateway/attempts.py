"""Attempts to spend money: what is remembered of each, so that none happens twice.

An attempt is kept under its user and key before anything is sent, and for a day. It survives the
process: whoever asks later finds how far it came.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pydantic_core import from_json

from app.catalogue.writes import WriteState
from app.session.records import hashed

# Seconds that an attempt is remembered.
REMEMBERED = 86_400.0
# Seconds from its deadline on, in which the end of an attempt is still being found out.
FINDING_OUT = 120.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write. Times are seconds since the epoch; `until` is when its deadline was.

    `before` are the ids that bore its name before it was sent; `answer` is what it answered (JSON),
    `code` the problem that ended it, `budget` what it spends by the day, in whole currency units.
    """

    user: str
    key: str
    operation: str
    fingerprint: str
    team_id: str
    ad_account_id: str
    name: str
    state: WriteState
    began_at: float
    until: float
    before: tuple[str, ...] | None = None
    answer: str | None = None
    code: str | None = None
    budget: int | None = None

    @property
    def place(self) -> str:
        """What it is kept under."""
        return place(self.user, self.key)

    @property
    def thing(self) -> str:
        """What it shares with other attempts to make a thing of that name in that account."""
        return hashed("thing", f"{self.operation}\0{self.ad_account_id}\0{self.name}")

    @property
    def ends(self) -> float:
        return self.began_at + REMEMBERED

    @property
    def open(self) -> bool:
        """Whether nobody has told yet how it ended."""
        return self.state in {WriteState.PENDING, WriteState.UNKNOWN}

    @property
    def made(self) -> frozenset[str]:
        """The ids that it is known to have made."""
        return frozenset(one for one in from_json(self.answer or "{}").values() if one)

    @property
    def may_have_made_more(self) -> bool:
        """Whether what is new under its name may be its own: it is open, or knows no id of its own."""
        return self.open or (self.state is WriteState.SUCCEEDED and not self.made)

    def stands_like(self, other: Attempt) -> bool:
        """Whether both are the same attempt, and what was looked at before it was sent is the same."""
        return (self.began_at, self.before) == (other.began_at, other.before)

    def at(self, now: float) -> Attempt:
        """As it stands at that moment: in the end nobody finds out any more."""
        if self.state is WriteState.PENDING and now >= self.until + FINDING_OUT:
            return self.became(WriteState.UNKNOWN)
        return self

    def became(
        self, state: WriteState, *, answer: str | None = None, code: str | None = None
    ) -> Attempt:
        return replace(self, state=state, answer=answer, code=code)

    def looked(self, before: Collection[str]) -> Attempt:
        return replace(self, before=tuple(sorted(before)))


def place(user: str, key: str) -> str:
    return hashed("attempt", f"{user}\0{key}")


def names_of(attempt: Attempt) -> Collection[str]:
    """What an attempt is found by besides its key."""
    return (attempt.thing, user_name(attempt.user))


def user_name(user: str) -> str:
    return hashed("attempts-of", user)
