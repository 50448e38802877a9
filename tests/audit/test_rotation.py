"""What docs/audit.md leaves to logrotate works as it is written there, and loses no line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Audited

LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin")
DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"


@pytest.fixture
def rotate(tmp_path: Path) -> Callable[[Path], None]:
    """Runs logrotate once, with the document's configuration for that file."""
    if LOGROTATE is None:
        if os.environ.get("CI"):
            pytest.fail("CI runs logrotate, and scripts/system-packages was not run")
        pytest.skip("logrotate is not there: scripts/system-packages installs it")
    written = re.search(
        r"<!-- logrotate: .*-->\n```\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL
    )
    assert written is not None
    binary, configuration = LOGROTATE, tmp_path / "logrotate.conf"

    def run(path: Path) -> None:
        configuration.write_text(written[1].replace("/var/log/bff/audit.jsonl", str(path)))
        configuration.chmod(0o644)
        state = str(tmp_path / "state")
        subprocess.run([binary, "--force", "--state", state, configuration], check=True, timeout=30)

    return run


def test_lines_go_on_in_a_new_file(audited: Audited, rotate: Callable[[Path], None]) -> None:
    """The old file keeps its lines, the next line begins a new one, and nobody was told."""
    ben = audited.world.sign_in("ben")
    audited.lines("session-started")
    os.chmod(audited.path.parent, 0o700)
    rotate(audited.path)
    assert not audited.path.exists()
    assert ben.post("/auth/logout").status_code == 200
    while not audited.path.exists():
        pass
    assert audited.lines("session-ended") == [{"who": "ben", "reason": "logout"}]
    assert audited.path.stat().st_mode & 0o777 == 0o600
    old = audited.path.with_name("audit.jsonl.1").read_text("utf-8")
    assert '"event":"session-started"' in old
