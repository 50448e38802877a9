"""docs/operations.md tells an operator of everything that there is, and of nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import errors
from app.errors import Problem
from app.settings import known_names

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text("utf-8")
# Where alerts and other documents lead.
RUNBOOKS = {
    *("key-refused", "redis-away", "platform-slow", "platform-down", "stampede"),
    *("unknown-outcomes", "stale-dashboards", "shedding", "drift", "not-ready"),
    *("rotate", "upgrade", "backup"),
}


def rows(mark: str) -> list[tuple[str, str]]:
    """Of the table between these marks the first two columns."""
    _, _, rest = TEXT.partition(f"<!-- {mark}:")
    table, _, _ = rest.partition(f"<!-- end of {mark} -->")
    return re.findall(r"^\| `([A-Za-z_-]+)` \| (.+) \|$", table, re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Of its headings, as they are made of them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in headings}


def test_every_setting_says_when_it_is_touched() -> None:
    """Each once, and none that is no setting."""
    assert sorted(name for name, _ in rows("settings")) == sorted(known_names())


def test_every_code_says_what_an_operator_does() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = [kind.code for kind in kinds if issubclass(kind, Problem) and hasattr(kind, "code")]
    assert sorted(code for code, _ in rows("codes")) == sorted(codes)


def test_every_name_of_a_setting_in_the_text_is_one() -> None:
    """`BFF_X__Y_FILE` and the like, wherever they stand; metrics are called otherwise."""
    assert set(re.findall(r"\bBFF_[A-Z][A-Z_]*[A-Z]\b", TEXT)) <= set(known_names())


def test_every_runbook_is_there_under_its_name() -> None:
    assert anchors(TEXT) >= RUNBOOKS


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda one: one.name)
def test_links_lead_somewhere(document: Path) -> None:
    """To a file that is there, and to a heading of it."""
    text = document.read_text("utf-8")
    for file, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        target = (document.parent / file) if file else document
        assert target.exists(), file
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text("utf-8")), (file, anchor)
