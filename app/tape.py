"""A tape: what was asked of the platform and what it answered, without anybody's data.

One JSON object a line, the first of which says what this is. `bff record` writes tapes, with pseudonyms
in the places of ids and names; `bff sandbox --replay` answers from them. Of a question a tape holds what
tells it from others: ids, days, and words of the platform's own. What a person typed (a search, a name,
a budget) is not on it, so that a question finds its answer whatever was typed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

VERSION = 1
_HEAD = {"tape": "ads-bff", "version": VERSION}

# In the place of what a person typed.
TYPED = "~"
_ID = re.compile(r"(?:id|ids|Id|Ids|user|User)$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = re.compile(r"[A-Za-z_]{1,40}(?:,[A-Za-z_]{1,40})*")
# Parameters that hold words of the platform's, not of people.
_WORDED = frozenset(
    {"breakdown", "fields", "level", "metrics", "permission", "platform", "role", "status", "type"}
)

Rename = Callable[[str], str]


class UnreadableTape(Exception):
    """There is no tape there that can be read; the text is a sentence for whoever named it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request to the platform, as far as it is told from others. `user` is who asked, "" for nobody."""

    user: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any

    def key(self, today: date | None = None) -> str:
        """The same for the same question; with `today` also for the same days ago."""
        query = {
            name: _days_ago(value, today) if today and _DAY.fullmatch(value) else value
            for name, value in self.query.items()
        }
        return json.dumps([self.user, self.method, self.path, query, self.body], sort_keys=True)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange: on which day (YYYY-MM-DD), in which enterprise if it names one, and the answer.

    `answer` is JSON, None where there was none; `retry_after` and `no_store` are all of its headers.
    """

    operation: str
    day: str
    enterprise: str | None
    question: Question
    status: int
    answer: Any
    retry_after: str | None
    no_store: bool


def question_of(
    user: str, method: str, path: str, query: Mapping[str, str], body: Any, rename: Rename
) -> Question:
    """What tells a request from others; `rename` makes pseudonyms of ids. The path has them already."""
    told = {name: str(_told(name, value, rename)) for name, value in query.items()}
    return Question(user, method, path, told, _told("", body, rename))


def _told(name: str, value: Any, rename: Rename) -> Any:
    if isinstance(value, dict):
        return {inner: _told(inner, one, rename) for inner, one in value.items()}
    if isinstance(value, list):
        return [_told(name, one, rename) for one in value]
    if isinstance(value, str):
        return _told_text(name, value, rename)
    return value if value is None or isinstance(value, bool) else TYPED


def _told_text(name: str, text: str, rename: Rename) -> str:
    if _ID.search(name):
        return rename(text)
    plain = _DAY.fullmatch(text) or (name in _WORDED and _WORDS.fullmatch(text))
    return text if plain else TYPED


def _days_ago(day: str, today: date) -> str:
    try:
        return f"{(today - date.fromisoformat(day)).days} days ago"
    except ValueError:
        return day


class TapeWriter:
    """A new tape, readable by its owner alone. Each line is written in one piece."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, FileExistsError where there is something already."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self.write(line_of(_HEAD))

    def write(self, line: bytes) -> None:
        """Raises OSError; what was written by then is a line that was cut off."""
        while line:
            line = line[os.write(self._file, line) :]

    def close(self) -> None:
        os.close(self._file)


def line_of(what: Recorded | Mapping[str, Any]) -> bytes:
    """What is written of it."""
    told = asdict(what) if isinstance(what, Recorded) else what
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_tape(path: Path) -> list[Recorded]:
    """Every exchange on it, in their order; raises UnreadableTape. A line that was cut off is none."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UnreadableTape(f"cannot be read: {os.strerror(error.errno or 0)}") from None
    head, *rest = [_whole(line) for line in lines] or [None]
    if not isinstance(head, dict) or head.get("tape") != _HEAD["tape"]:
        raise UnreadableTape("is no tape")
    if head.get("version") != VERSION:
        raise UnreadableTape(
            f"is a tape of another version than {VERSION}, the one that is read here: record it anew"
        )
    try:
        return [
            Recorded(**line | {"question": Question(**line["question"])})
            for line in rest
            if line is not None
        ]
    except (TypeError, KeyError):
        raise UnreadableTape("has a line that is no exchange") from None


def _whole(line: bytes) -> Any:
    """What it says, None where it was cut off."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
