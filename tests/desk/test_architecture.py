"""The way of a request that docs/architecture.md draws is the way that requests go."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from types import FrameType
from typing import Any

from app.testing.world import World, world
from tests.guard.calls import LIST, missing
from tests.recall.asker import EarlyGateway

ROOT = Path(__file__).parents[2]
APP = f"{ROOT / 'app'}/"
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")


class Visits:
    """The modules that the gateway's thread enters while it is `on`, each once, in their order."""

    def __init__(self) -> None:
        self.on = False
        self.thread: int | None = None
        self.modules: dict[str, None] = {}

    def note(self, frame: FrameType, event: str, _argument: Any) -> None:
        file = frame.f_code.co_filename
        if self.on and event == "call" and file.startswith(APP) and get_ident() == self.thread:
            self.modules.setdefault(file.removeprefix(APP))


@contextmanager
def watched() -> Iterator[tuple[World, Visits]]:
    visits = Visits()
    threading.setprofile(visits.note)
    try:
        with world(gateway=EarlyGateway()) as running:
            visits.thread = running.gateway.thread
            yield running, visits
    finally:
        threading.setprofile(None)


def drawn(edges: str) -> list[str]:
    """The modules of the diagram along its arrows of that kind, from the top."""
    (diagram,) = re.findall(r"^```mermaid\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    names = dict(re.findall(r'(\w+)\["`([\w/]+\.py)', diagram))
    steps = re.findall(rf"^    (\w+) {re.escape(edges)}.*? (\w+)$", diagram, re.MULTILINE)
    order = list(dict.fromkeys(one for step in steps for one in step))
    return [names[one] for one in order if one in names]


def test_a_read_that_is_not_kept_goes_the_way_that_is_drawn() -> None:
    """Along the thick arrows, from the connection to the platform and back."""
    with watched() as (running, visits):
        cleo = running.sign_in("cleo")
        assert cleo.get(missing(27)).status_code == 200
        visits.on = True
        assert cleo.get(missing(28)).status_code == 200
        visits.on = False
    assert [one for one in visits.modules if one in drawn("==>")] == drawn("==>")


def test_an_answer_by_heart_ends_where_it_is_drawn() -> None:
    """What was asked a moment ago enters nothing below the memory."""
    with watched() as (running, visits):
        cleo = running.sign_in("cleo")
        for _ in range(3):
            assert cleo.get(LIST).status_code == 200
        visits.on = True
        assert cleo.get(LIST).status_code == 200
        visits.on = False
    way = drawn("==>")
    known = way.index("gateway/recall.py") + 1
    assert set(way[:known]) <= visits.modules.keys()
    # Where a request comes from is looked at each time, and the answer's headers are the same.
    below = set(way[known:]) - {"session/csrf.py", "gateway/answers.py"}
    assert not below & visits.modules.keys()


def test_every_module_that_is_drawn_exists() -> None:
    """Also beside the way, and the documents that name it."""
    (diagram,) = re.findall(r"^```mermaid\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    named = re.findall(r'\["`([\w/]+\.py)', diagram)
    assert len(named) > len(drawn("==>"))
    assert [one for one in named if not (ROOT / "app" / one).is_file()] == []


def test_the_layers_name_what_there_is() -> None:
    """Every module and every package at the top of app/, and nothing else."""
    (layers,) = re.findall(r"^```\napp/\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    name = r"(?:\w+\.py|\w+/)"
    heads = re.findall(rf"^  ({name}(?: +{name})*)", layers, re.MULTILINE)
    names = [one for head in heads for one in head.split()]
    there = [f"{one.name}/" if one.is_dir() else one.name for one in Path(APP).iterdir()]
    assert sorted(names) == sorted(set(there) - {"__init__.py", "__pycache__/"})
