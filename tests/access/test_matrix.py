"""Every actor, every operation, own, foreign and mixed ids: `access_matrix.txt` has the verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.catalogue.composed import Live
from app.catalogue.operation import Operation, Place, Rule
from app.catalogue.operations import BUILT_IN
from app.testing.asks import FOREIGN, Ask
from app.testing.world import Browser, World, world
from tests.access.acme import change, grant, remove
from tests.proxy.asks import ask_of

FILE = Path(__file__).parents[1] / "access_matrix.txt"
BY_ID = {operation.id: operation for operation in BUILT_IN.operations}

# What a kind of ids has instead of Acme's brand team's.
OTHER_IDS: Mapping[str, Mapping[str, str]] = {
    "own": {},
    "foreign": FOREIGN,
    "account": {"adAccountId": "act_2001"},
    "connection": {"connectionId": "conn-globex-shop"},
    "campaign": {"campaignId": "cmp_1002_1"},
    "user": {"externalUserId": "gwen"},
    "shared": {"adAccountId": "act_1002"},
    "unnamed": {},
}


@dataclass(frozen=True)
class Row:
    """One operation with one kind of ids; each actor's status, enforcing platform first."""

    operation: str
    ids: str
    expected: Mapping[str, tuple[int, int]]


def rows() -> list[Row]:
    lines = [line.split() for line in FILE.read_text().splitlines() if line and line[0] != "#"]
    _, _, *actors = lines[0]
    return [
        Row(operation, ids, dict(zip(actors, map(_statuses, cells), strict=True)))
        for operation, ids, *cells in lines[1:]
    ]


def _statuses(cell: str) -> tuple[int, int]:
    enforcing, _, trusting = cell.partition("|")
    return int(enforcing), int(trusting or enforcing)


MATRIX = rows()
ACTORS = tuple(MATRIX[0].expected)


def kinds_of(operation: type[Operation[Any]]) -> Iterator[str]:
    """The kinds of ids that an operation can be asked with."""
    yield from ("own", "foreign")
    # Filters of a list are no objects to judge: foreign ones match nothing.
    judged = [p for p in operation.parameters if p.place is Place.PATH or p.name == "adAccountId"]
    names, rules = {parameter.name for parameter in judged}, set(operation.access)
    yield from (kind for kind in ("account", "connection", "campaign") if _named(kind) in names)
    if rules & {Rule.SUBJECT_IS_MEMBER, Rule.ACCOUNT_OR_SUBJECT}:
        yield "user"
    if Rule.ACCOUNT_NOT_SHARED in rules:
        yield "shared"
    if Rule.ACCOUNT_IF_NAMED in rules:
        yield "unnamed"


def _named(kind: str) -> str:
    (name,) = OTHER_IDS[kind]
    return name


@pytest.mark.holds(56)
def test_the_matrix_is_complete() -> None:
    """Every operation has a row for every kind of ids it can be asked with, and no row is more."""
    needed = [(op.id, kind) for op in BUILT_IN.operations for kind in kinds_of(op)]
    assert sorted((row.operation, row.ids) for row in MATRIX) == sorted(needed)


@pytest.mark.holds(45, 46, 48, 51, 56)
@pytest.mark.parametrize("mode", ["strict", "lax"])
@pytest.mark.parametrize("actor", ACTORS)
def test_each_actor_gets_what_the_matrix_says(actor: str, mode: str) -> None:
    """Whoever asks for whatever gets the reviewed verdict, whether the platform enforces or not."""
    with world(strict=mode == "strict") as running:
        browser = prepared(running, actor)
        wrong = []
        for row in MATRIX:
            expected = row.expected[actor][mode == "lax"]
            answer = send(browser, row)
            if answer.status_code != expected:
                wrong.append(f"{row.operation} {row.ids}: {expected}, got {answer.text[:200]}")
            if row.operation == "changeWorkspaceAdmin" and answer.is_success:
                give_back(running)
    assert not wrong, "\n".join(wrong)


def prepared(running: World, actor: str) -> Browser:
    """The actor's browser, in a world whose ledger knows cleo and dora."""
    ana = running.sign_in("ana")
    assert change(ana, "cleo", "MANAGER").status_code == 204
    assert change(ana, "dora", "VIEWER").status_code == 204
    if actor == "signed-out":
        return running.browser()
    if actor != "removed":
        return running.sign_in(actor)
    # He has used his access: what is remembered of that must not outlive it.
    assert grant(ana, "emil", "MANAGER").status_code == 201
    emil = running.sign_in("emil")
    for row in MATRIX:
        if BY_ID[row.operation].method == "GET" and row.ids == "own":
            send(emil, row)
    remove(ana, "emil")
    return emil


def send(browser: Browser, row: Row) -> httpx.Response:
    """The operation's example, about this kind of ids."""
    operation = BY_ID[row.operation]
    ask = about(operation, row.ids)
    return browser.opened(ask.target) if issubclass(operation, Live) else ask.send(browser)


def about(operation: type[Operation[Any]], kind: str) -> Ask:
    ask, other = ask_of(operation), OTHER_IDS[kind]
    optional = {
        p.name: "act_1001"
        for p in operation.parameters
        if p.name == "adAccountId" and p.place is Place.QUERY and kind != "unnamed"
    }
    return replace(ask, query=optional | ask.query).about(other)


def give_back(running: World) -> None:
    """The workspace's new admin makes ana its admin again, for the rows that follow."""
    path, body = "/workspaces/acme/admin", {"externalUserId": "ana"}
    assert running.sign_in("ben").api("PUT", path, json=body).status_code == 204
