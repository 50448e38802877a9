"""What may be served, said without a cache: the platform's states, one after the other.

The model keeps every state that the platform was in, and since when. An answer to a user is right if
the platform would have given it to him at the moment that the answer itself claims to be of, and if
that moment is late enough. Whether he may be answered at all is decided on the states of a window:
facts and proofs are believed for the access TTL, in an outage for OUTAGE_SECONDS, and never across a
change through the gateway nor across a refusal that he was told.

One thing is allowed beside: who shares an operation may be given what another reader was given
(`_shared_with`). The platform gave both the same within the TTL, to him before now and to the other
before he fetched. Should either's rights have changed since, behind our back, then this shows here
for as long as the TTL, and what was fetched meanwhile for as long as it keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.cache.entries import State
from app.sandbox.state import Sandbox
from tests.cache.asked import AGENCY, QUESTIONS, Question
from tests.cache.lens import ACCOUNT_DATA, Marked
from tests.cache.reads import ACCOUNT, TEAM

TTL = 30
OUTAGE = 200
WRITE_DEADLINE = 30

USERS = ("ana", "ben", "cleo", "dora", "emil", "kim")
MEMBERS = ("cleo", "dora", "emil")
# A user, and a team or one of its ad accounts.
About = tuple[str, str | None, str | None]
INTERNAL = {"act_1001": "acc-1001", "act_1002": "acc-1002"}


class Label(StrEnum):
    """How much of shared account data the platform shows to somebody whom it does not refuse."""

    ALL = "all"
    LESS = "less"
    NONE = "none"


def seen(user: str, label: Label, revision: int, number: int, data: Any) -> Any:
    """The data as the platform gives it to this user. What nobody shares carries his name."""
    if number not in ACCOUNT_DATA:
        return Marked(f"for {user}", 0)(str(number), data)
    listed: list[Any] = Marked(f"rev {revision}", revision)(str(number), data)
    return {Label.ALL: listed, Label.LESS: listed[1:], Label.NONE: []}[label]


@dataclass(frozen=True)
class Moment:
    """The platform since `at`, and what our ledger refuses."""

    at: float
    data: dict[Question, Any] = field(repr=False)
    roles: dict[tuple[str, str], str]
    readers: frozenset[tuple[str, str, str]]
    labels: dict[str, Label]
    revision: int
    revoked: frozenset[str]

    def role(self, user: str, team: str) -> str | None:
        return "ADMIN" if user == "ana" else self.roles.get((user, team))

    def lets_in(self, user: str, team: str | None) -> bool:
        teams = (TEAM, AGENCY, "team-acme-default") if team is None else (team,)
        return any(self.role(user, one) for one in teams)

    def shows(self, user: str, team: str, account: str) -> bool:
        """The platform itself does not refuse him the account's data."""
        granted = (user, team, INTERNAL[account]) in self.readers
        role = self.role(user, team)
        return role == "ADMIN" or (role is not None and granted)

    def recalls(self, user: str, team: str, account: str) -> bool:
        """The ledger does not refuse him."""
        taken = (team, account) == (TEAM, ACCOUNT) and user in self.revoked
        return not taken or self.role(user, team) == "ADMIN"

    def gives(self, user: str, question: Question, label: Label) -> Any:
        data = seen(user, label, self.revision, question.number, self.data[question])
        if question.number == 9 and user != "ana":
            data = [
                team
                for team in data
                if user in {member["user"]["externalUserId"] for member in team["TeamMembers"]}
            ]
        return question.given(data)


@dataclass(frozen=True)
class Answer:
    """What a read came to: `refused`, `unavailable` (and why), or `served` bytes of a moment."""

    verdict: str
    body: bytes = b""
    at: float = 0.0
    state: State = State.MISS


class Model:
    """`now` tells the time."""

    def __init__(self, sandbox: Sandbox, now: Callable[[], float]) -> None:
        self._sandbox = sandbox
        self._now = now
        self._moments: list[Moment] = []
        self._written: dict[Question, float] = {}
        self._decided: dict[About, float] = {}
        self._refused: dict[About, float] = {}
        self.labels = dict.fromkeys(USERS, Label.ALL)
        self.revision = 1
        self.recorded: dict[str, bool] = {}
        self.outage = False
        self.ledger_away = False
        self.look()

    def look(self) -> None:
        """Note the platform's state, which something may have changed just now."""
        world = self._sandbox.world
        moment = Moment(
            self._now(),
            {question: question.data(self._sandbox) for question in QUESTIONS},
            {(user, team): member.role for (team, user), member in world.members.items()},
            frozenset((user, team, account) for team, account, user in world.grants),
            dict(self.labels),
            self.revision,
            frozenset(user for user, allowed in self.recorded.items() if not allowed),
        )
        self._moments.append(moment)

    # --- what passed through us -------------------------------------------------------------------

    def wrote(self, touched: Iterable[Question]) -> None:
        """From now on nothing older than now is an answer to these."""
        self.look()
        for question in touched:
            self._written[question] = self._now()

    def decided(self, user: str, team: str | None, account: str | None = None) -> None:
        """From now on nothing that was known before says what he may."""
        self.look()
        self._decided[user, team, account] = self._now()

    # --- what is served ---------------------------------------------------------------------------

    def judge(self, answers: Sequence[tuple[str, Question, Answer]]) -> None:
        """Raise AssertionError unless all of these, given at the same time, are allowed."""
        for told in answers:
            self._judge(*told)
        for user, question, answer in answers:
            if answer.verdict == "refused":
                self._told_no(user, question)

    def _judge(self, user: str, question: Question, answer: Answer) -> None:
        match answer.verdict:
            case "unavailable":
                unknown = self.ledger_away and question.account is not None
                assert self.outage or unknown, f"why? {answer.body.decode()}"
            case "refused":
                assert self._may_be_refused(user, question), "refused although entitled"
            case _:
                assert self._may_be_served(user, question), "served although not entitled"
                self._judge_age(question, answer)
                self._judge_body(user, question, answer)

    def _judge_age(self, question: Question, answer: Answer) -> None:
        age = self._now() - answer.at
        written = self._written.get(question, 0.0)
        assert answer.at >= written, f"of {written - answer.at} s before a write through us"
        if answer.state is State.STALE:
            assert age < question.stale, f"stale for too long: {age} s"
        else:
            assert age < question.fresh, f"not marked though it is {age} s old"

    def _judge_body(self, user: str, question: Question, answer: Answer) -> None:
        then, told = self._then(answer.at), question.read(answer.body)
        if told == then.gives(user, question, then.labels[user]):
            return
        assert question.shared, f"not his: {told}"
        labels = [one for one in Label if told == then.gives(user, question, one)]
        assert labels, f"nobody was given this at {answer.at}: {told}"
        assert self._shared_with(user, question, labels[0], then), f"{labels[0]} is not his"

    def _shared_with(self, user: str, question: Question, label: Label, then: Moment) -> bool:
        """Somebody who was given this then had been given the same as he was, each within the TTL."""
        own = self._labels(user, self._now() - self._believed)
        return any(
            then.labels[other] is label
            and then.lets_in(other, question.team)
            and own & self._labels(other, then.at - TTL, then.at) - {Label.NONE}
            for other in USERS
            if other != user
        )

    def _labels(self, user: str, since: float, until: float | None = None) -> set[Label]:
        return {one.labels[user] for one in self._since(since, until)}

    # --- who is served ----------------------------------------------------------------------------

    @property
    def _believed(self) -> float:
        return OUTAGE if self.outage else TTL

    def _rights(self, user: str, question: Question) -> Iterator[list[bool]]:
        """What each part of the decision can have been made on."""
        team, account = question.team, question.account
        membership = self._window(user, (team, None))
        yield [one.lets_in(user, team) for one in membership]
        if team is not None and account is not None:
            of_account = self._window(user, (team, None), (team, account))
            yield [one.recalls(user, team, account) for one in of_account]
            yield [one.shows(user, team, account) for one in of_account]

    def _may_be_served(self, user: str, question: Question) -> bool:
        return all(any(part) for part in self._rights(user, question))

    def _may_be_refused(self, user: str, question: Question) -> bool:
        return any(not all(part) for part in self._rights(user, question))

    def _told_no(self, user: str, question: Question) -> None:
        parts = list(self._rights(user, question))
        if not all(parts[0]):
            self._refused[user, question.team, None] = self._now()
        elif len(parts) == 3 and all(parts[1]):
            self._refused[user, question.team, question.account] = self._now()

    def _window(self, user: str, *about: tuple[str | None, str | None]) -> list[Moment]:
        """The states that may be believed in: in an outage those from longer ago as well, unless the
        platform refused him since, through whichever replica."""
        keys = [(user, *one) for one in about]
        since = self._now() - TTL
        if self.outage:
            refused = max(self._refused.get(key, 0.0) for key in keys)
            since = min(since, max(refused, self._now() - OUTAGE))
        decided = max(self._decided.get(key, 0.0) for key in keys)
        return list(self._since(max(since, decided)))

    def _since(self, since: float, until: float | None = None) -> Iterator[Moment]:
        """The states that the platform was in at some time from then on."""
        until = self._now() if until is None else until
        for moment, following in zip(self._moments, [*self._moments[1:], None], strict=True):
            ended = following is not None and following.at <= since
            if not ended and moment.at <= until:
                yield moment

    def _then(self, at: float) -> Moment:
        return next(one for one in reversed(self._moments) if one.at <= at)
