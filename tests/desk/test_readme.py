"""What README.md tells a newcomer to type works as it is printed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.commands.running import serving

README = Path(__file__).parents[2] / "README.md"


def shell_walk(port: int) -> str:
    """The block of shell lines in README's first chapter, on another port."""
    blocks = re.findall(r"```\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (walk,) = (block for block in blocks if "curl" in block)
    return str(walk.replace("localhost:8000", f"localhost:{port}"))


def test_the_walk_through_in_a_shell_works_as_printed(tmp_path: Path) -> None:
    """Signing in, reading twice, pausing a campaign and asking for a foreign team, all by curl."""
    with serving("serve", cwd=tmp_path) as gateway:
        walk = subprocess.run(
            ["bash", "-e", "-c", shell_walk(gateway.port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    before, headers, after = re.split(r"(HTTP/1\.1 .*?\n\n)", walk.stdout, flags=re.DOTALL)
    session, teams = documents(before)
    campaigns, paused, foreign = documents(after)
    assert session["user"] == "ben"
    assert [team["id"] for team in teams["items"]] == ["team-acme-brand"]
    assert "cache-status: bff; fwd=miss; stored" in headers
    assert "cmp_1001_1" in [campaign["id"] for campaign in campaigns["items"]]
    assert paused == {"id": "cmp_1001_1", "status": "PAUSED"}
    assert foreign["code"] == "not-found"


def documents(text: str) -> list[dict[str, Any]]:
    """JSON documents that stand one after another, as curl prints them."""
    decoder, found = json.JSONDecoder(), []
    while text.strip():
        document, end = decoder.raw_decode(text.strip())
        found.append(document)
        text = text.strip()[end:]
    return found


def test_every_document_that_readme_links_exists() -> None:
    """No link of README leads nowhere."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text("utf-8"))
    missing = [link for link in links if not (README.parent / link).exists()]
    assert missing == []
