"""The search for words that do not belong into the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "scripts" / "check_words.py"

# Each is put together here, so that this file passes the check itself.
UNWANTED = {
    "the address of a package registry": "see https://" + "mirror" + ".example.org/simple",
    "where packages come from": "pip install --index" + "-url x",
    "a path of one machine": "open('/" + "home/ana/notes.txt')",
    "what a merge left behind": "<" * 7 + " ours",
}


def check(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CHECK, checkout], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "fine.md").write_text("See https://docs.example.com/home/page and ======= below.\n")
    (tmp_path / ".gitignore").write_text("ignored.md\n")
    return tmp_path


def test_fine_words_pass(checkout: Path) -> None:
    """Ordinary links, paths of URLs and underlines are no fault, and ignored files are not read."""
    (checkout / "ignored.md").write_text(UNWANTED["a path of one machine"])
    done = check(checkout)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", UNWANTED)
def test_unwanted_words_are_named_with_their_place(checkout: Path, name: str) -> None:
    """A file that git would take and that holds such a word fails, with file and line."""
    (checkout / "new.txt").write_text(f"first line\n{UNWANTED[name]}\n")
    done = check(checkout)
    assert done.returncode == 1
    assert done.stderr.startswith(f"new.txt:2: {name}: ")


def test_nothing_to_look_at_is_a_fault(tmp_path: Path) -> None:
    """A checkout without a single file fails: the check must not pass for looking elsewhere."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert check(tmp_path).returncode == 1
