"""Every fault, whatever is going on: `chaos_matrix.txt` has what is answered, asked and left behind."""

from __future__ import annotations

import random
from pathlib import Path
from typing import get_args

import pytest

from app.sandbox.faults import KINDS
from tests.harness import settle

from .faults import FAULTS, Network, Platform, Unreachable
from .proxy import Door
from .scenes import SCENES
from .stage import Stage, stage
from .toxics import Last, Pass, Toxic

FILE = Path(__file__).parents[1] / "chaos_matrix.txt"


def rows() -> dict[str, dict[str, str]]:
    """By fault and scene, what is expected."""
    lines = [line.split() for line in FILE.read_text().splitlines() if line and line[0] != "#"]
    _, *scenes = lines[0]
    return {fault: dict(zip(scenes, cells, strict=True)) for fault, *cells in lines[1:]}


MATRIX = rows()


def test_the_matrix_is_complete() -> None:
    """Every fault has a row and every scene a column; nothing that can be arranged is left out."""
    assert list(MATRIX) == list(FAULTS)
    assert all(list(cells) == list(SCENES) for cells in MATRIX.values())
    faults = FAULTS.values()
    assert {one.fault.kind for one in faults if isinstance(one, Platform)} == set(KINDS)
    ways = [one for one in faults if isinstance(one, Network)]
    toxics = {type(toxic) for one in ways for toxic in (one.requests, one.answers) if toxic}
    assert toxics == set(get_args(Toxic)) - {Pass, Last}
    doors = {one.door for one in faults if isinstance(one, Unreachable)}
    assert doors == set(Door) - {Door.OPEN}


@pytest.mark.holds(14, 54, 69, 75, 76, 77, 83, 89, 93, 98)
@pytest.mark.parametrize("fault", MATRIX)
def test_each_fault_ends_as_the_matrix_says(fault: str) -> None:
    """Whatever goes wrong, the answer is the reviewed one, and nothing is lost or done twice."""
    wrong = []
    with stage(FAULTS[fault].deadlines) as running:
        # In any order: none leaves anything behind for the next.
        for scene in random.sample(list(SCENES), len(SCENES)):
            running.begin_anew()
            expected, found = MATRIX[fault][scene], played(running, fault, scene)
            if found not in alternatives(expected):
                wrong.append(f"{scene}: {expected}, got {found}")
    assert not wrong, "\n".join(wrong)


def alternatives(cell: str) -> list[str]:
    """Where one of two ends is right, `a|b`."""
    *parts, ends = cell.split("/")
    return ["/".join([*parts, end]) for end in ends.split("|")]


def played(running: Stage, fault: str, name: str) -> str:
    """The cell, as it turned out."""
    scene = SCENES[name](running)
    scene.prepare()
    settle(running.world)
    running.proxy.lines.clear()
    FAULTS[fault].strike(running, scene)
    answer = scene.ask()
    asked = running.proxy.asked(scene.line)
    end = scene.end()
    return "/".join(part for part in (scene.told(answer), str(asked), end) if part)
