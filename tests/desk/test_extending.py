"""The worked example of docs/extending.md works as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"`(\w+\.py)`[^\n]*:\n\n```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A folder with the files that the document prints."""
    text = (ROOT / "docs/extending.md").read_text("utf-8")
    for name, source in PYTHON.findall(text):
        (tmp_path / name).write_text(source, "utf-8")
    return tmp_path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in that folder, where the example can be imported and is named in the settings."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    environment["BFF_CATALOGUE__EXTRA"] = "pixels"
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_example_passes_its_own_tests(example: Path) -> None:
    """The generated checks and the hand-written test of the document run and pass."""
    assert sorted(path.name for path in example.iterdir()) == ["pixels.py", "test_pixels.py"]
    ran = run(example, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    assert ran.returncode == 0, ran.stdout
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed[1]) >= 20, ran.stdout


def test_the_example_is_listed_and_described(example: Path) -> None:
    """`bff operations` and `bff openapi` show the operations beside those that are built in."""
    listed = run(example, "app.cli", "operations")
    assert "GET /teams/{teamId}/meta/pixels" in listed.stdout, listed.stderr
    assert run(example, "app.cli", "openapi", "written").returncode == 0
    for name in ("bff.json", "upstream.json"):
        text = (example / "written" / name).read_text("utf-8")
        assert '"operationId": "renamePixel"' in text
        assert '"operationId": "listCampaigns"' in text
