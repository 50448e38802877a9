"""The document that says which test proves which requirement, on a small checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COVERAGE = Path(__file__).parents[2] / "scripts" / "requirements_coverage.py"
STATEMENTS = "| 1 | M | Doors close |\n| 2 | | Windows open |\n| 3 | S | Roofs hold |\n"
MARKED = """
import pytest

pytestmark = [pytest.mark.holds(1)]


class TestWindows:
    @pytest.mark.holds(2)
    async def test_open(self) -> None: ...


def test_door() -> None: ...
"""


def coverage(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, COVERAGE, checkout, *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("docs", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "docs/requirements.md").write_text(STATEMENTS)
    (tmp_path / "tests/test_house.py").write_text(MARKED)
    return tmp_path


def test_marks_of_module_class_and_function_count(checkout: Path) -> None:
    """A number counts for the test that bears it, and for every test of a module that bears it."""
    assert coverage(checkout).returncode == 0
    text = (checkout / "docs/requirements-coverage.md").read_text()
    house = "test_house.py::"
    assert f"| 1 | Doors close | `{house}TestWindows::test_open`<br>`{house}test_door` |" in text
    assert f"| 2 | Windows open | `{house}TestWindows::test_open` |" in text
    assert "| 3 | Roofs hold | not yet |" in text
    assert "2 of 3 statements have a test." in text


def test_a_stale_document_fails_the_check(checkout: Path) -> None:
    """The check passes right after writing, and fails once a mark has changed."""
    assert coverage(checkout, "--check").returncode == 1
    coverage(checkout)
    assert coverage(checkout, "--check").returncode == 0
    (checkout / "tests/test_house.py").write_text(MARKED.replace("holds(2)", "holds(3)"))
    assert coverage(checkout, "--check").returncode == 1


@pytest.mark.parametrize("mark", ["holds(4)", "holds('2')", "holds(*range(3))"])
def test_a_mark_that_cannot_be_counted_fails(checkout: Path, mark: str) -> None:
    """A number without a statement, and anything that is not a plain number, stop the writing."""
    (checkout / "tests/test_house.py").write_text(MARKED.replace("holds(2)", mark))
    done = coverage(checkout)
    assert done.returncode == 1
    assert "test_house.py" in done.stderr
    assert not (checkout / "docs/requirements-coverage.md").exists()
