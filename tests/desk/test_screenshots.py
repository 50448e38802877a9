"""The pictures of the console: of every page there are some, and README shows them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIST = ROOT / "app" / "console" / "static" / "pages" / "list.js"
PAGES = re.findall(r'\["([a-z-]+)", create\w+Page\(\)\]', LIST.read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")


def test_there_are_pages() -> None:
    """The list is read as it is written."""
    assert {"overview", "campaigns", "sessions"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_its_pictures(page: str) -> None:
    """In light, in dark and on a phone; whoever adds a page takes them (`make screenshots`)."""
    for kind in ("light", "dark", "phone"):
        picture = ROOT / "docs" / "screenshots" / f"{page}-{kind}.png"
        assert picture.read_bytes().startswith(b"\x89PNG"), picture
    for kind in ("light", "dark"):
        assert f"(docs/screenshots/{page}-{kind}.png)" in README


def test_no_picture_is_of_a_page_that_is_gone() -> None:
    """What is shown can be seen."""
    found = {one.name for one in (ROOT / "docs" / "screenshots").iterdir()}
    assert found == {f"{page}-{kind}.png" for page in PAGES for kind in ("light", "dark", "phone")}
