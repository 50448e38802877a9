"""Every test that the threat model names is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
DOCUMENT = TESTS.parent / "docs/threat-model.md"


def test_the_tests_that_it_names_exist() -> None:
    """A mitigation whose test was renamed or deleted is noticed."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", DOCUMENT.read_text("utf-8"))
    assert len(named) > 20
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (TESTS / file).is_file()
        or not re.search(
            rf"^(?:async )?def {test}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE
        )
    ]
    assert missing == []
