"""What does not fit a pattern is refused in words: how it is written, and no regular expression."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.catalogue.shapes import EXTERNAL_ID
from app.patterns import in_words, sentence
from app.testing.world import API, Browser, World

DOCUMENT = json.loads(Path("openapi/bff.json").read_text("utf-8"))
# That of external ids is for programs alone: their validator has words of its own.
IN_WORDS_ELSEWHERE = {EXTERNAL_ID}


def patterns(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from patterns(one)


@pytest.mark.parametrize("pattern", sorted(set(patterns(DOCUMENT)) - IN_WORDS_ELSEWHERE))
def test_every_pattern_has_words(shared_world: World, pattern: str) -> None:
    """Whatever the document says by a pattern, a refusal can say to a person."""
    assert shared_world.origin  # its routes have theirs once they are made
    fault = {"type": "string_pattern_mismatch", "msg": "as it is", "ctx": {"pattern": pattern}}
    words = sentence(fault)
    assert re.fullmatch(r"(?:use|write|leave out) [^^$\\]+", words), words


def test_one_pattern_has_one_wording() -> None:
    """Two places that mean the same say the same."""
    pattern = in_words(r"^only here$", "write it here")
    assert in_words(pattern, "write it here") == pattern
    with pytest.raises(ValueError, match="only here"):
        in_words(pattern, "write it there")


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer", "words"),
    [
        ("GET", f"{API}/teams/a%20b/members", None, "/path/teamId", "use 1 to 128 letters"),
        ("GET", f"{API}/teams/a/members?cursor=%21", None, "/query/cursor", "use 1 to 64 letters"),
        ("PATCH", f"{API}/teams/a", {"name": "\n"}, "/body/name", "write something, on one line"),
        ("DELETE", "/auth/sessions/%21", None, "/path/id", "use 16 letters"),
        ("GET", "/auth/login?code_challenge=%21", None, "/query/code_challenge", "use 43 letters"),
    ],
)
def test_a_refusal_says_how_it_is_written(
    ana: Browser, method: str, path: str, body: Any, pointer: str, words: str
) -> None:
    """In a path, a query and a body, of an operation and beside them."""
    answer = ana.request(method, path, json=body)
    said = {error["pointer"]: error["message"] for error in answer.json().get("errors", [])}
    assert pointer in said, answer.text
    assert said[pointer].startswith(words), said
