"""Answers from a tape in the place of the platform's: what was recorded, and nothing that was not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

from app.clock import Clock, today
from app.sandbox.demo import Person
from app.sandbox.refusal import Refusal
from app.sandbox.wire import json_response
from app.tape import Recorded, question_of

# Tokens are the sandbox's own.
ALWAYS_ANSWERED = frozenset({1, 2})


class Replay:
    """What one tape answers. The same question, asked again, gets what it got then the next time; the
    last answer stays."""

    def __init__(self, recorded: Sequence[Recorded], clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[str, list[Recorded]] = {}
        for one in recorded:
            self._answers.setdefault(one.question.key(), []).append(one)
        # Who asks for the last seven days means other days than on the day of the recording.
        self._days_ago: dict[str, list[Recorded]] = {}
        for one in recorded:
            key = one.question.key(_day(one))
            if key != one.question.key():
                self._days_ago.setdefault(key, []).append(one)

    def answer(
        self, user: str | None, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> Response:
        """The recorded answer; raises Refusal where there is none."""
        question = question_of(user or "", method, path, query, body, str)
        now = today(self._clock)
        answers = self._answers.get(question.key()) or self._days_ago.get(question.key(now))
        if not answers:
            raise Refusal(
                501, "NOT_RECORDED", f"The tape has no {method} {path} of {user or 'nobody'}"
            )
        return _response(answers.pop(0) if len(answers) > 1 else answers[0])


def people_on(recorded: Sequence[Recorded]) -> tuple[Person, ...]:
    """Who asked something on the tape, and for which enterprises: they can sign in."""
    enterprises: dict[str, list[str]] = {}
    for one in recorded:
        asked = enterprises.setdefault(one.question.user, [])
        if one.enterprise is not None and one.enterprise not in asked and one.status < 300:
            asked.append(one.enterprise)
    return tuple(
        Person(user, user, "as recorded", tuple(asked))
        for user, asked in enterprises.items()
        if user
    )


def _day(recorded: Recorded) -> date:
    return date.fromisoformat(recorded.day)


def _response(recorded: Recorded) -> Response:
    if recorded.answer is None:
        # It was no JSON, and is not told.
        answer = Response(b"", recorded.status)
    else:
        answer = json_response(recorded.answer, recorded.status)
    if recorded.retry_after is not None:
        answer.headers["retry-after"] = recorded.retry_after
    if recorded.no_store:
        answer.headers["cache-control"] = "no-store"
    return answer
