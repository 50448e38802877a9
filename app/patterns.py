"""Patterns of what callers write, and the same in words: a refusal says how it is done right.

A regular expression is for programs, and stands in the OpenAPI document for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS: dict[str, str] = {}


def in_words(pattern: str, words: str) -> str:
    """The pattern, for which a refusal says `words` from now on: what to do, beginning with a verb. One
    pattern has the same words everywhere: raises ValueError where it has others already."""
    if _WORDS.setdefault(pattern, words) != words:
        raise ValueError(f"{pattern} has other words already")
    return pattern


def url_safe(least: int, most: int | None = None) -> str:
    """That of a text of so many characters of the base64url alphabet (RFC 4648, section 5)."""
    length = f"{least}" if most is None else f"{least},{most}"
    number = f"{least}" if most is None else f"{least} to {most}"
    return in_words(rf"^[A-Za-z0-9_-]{{{length}}}$", f"use {number} letters, digits, _ and -")


def sentence(fault: Mapping[str, Any]) -> str:
    """What one fault of pydantic's says to the caller, in our words where there are some. None of the
    messages in use repeats what he wrote."""
    message: str = fault["msg"]
    if fault["type"] == "string_pattern_mismatch":
        return _WORDS.get(fault["ctx"]["pattern"], message)
    return message.removeprefix("Value error, ")


# Texts on one line.
LINE = in_words(
    r"^[^\u0000-\u001f\u007f]*$", "write it on one line, without tabs and other control characters"
)
FILLED_LINE = in_words(
    r"^[^\u0000-\u001f\u007f]+$",
    "write something, on one line, without tabs and other control characters",
)
