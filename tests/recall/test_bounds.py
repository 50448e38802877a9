"""What the memory holds at the most, and what it never takes in."""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from app.cache.entries import FORM_BYTES
from app.catalogue.campaigns import CampaignField
from app.gateway.recall import LONGEST_TARGET, LONGEST_VALUE, MOST_VALUES
from app.testing import Example, Extension
from app.testing.world import Browser, GatewayServer, World, world
from tests.cache.reads import CAMPAIGNS
from tests.desk.test_extending import PYTHON, ROOT
from tests.recall.asker import Asker, asker, memory_of, recalls

MOST = 8
FEW = 5


@pytest.fixture
def narrow(here: World) -> Iterator[World]:
    """Whose memory holds few memos."""
    memory = memory_of(here.gateway)
    before = memory._most
    memory._memos.clear()
    memory._most = MOST
    yield here
    memory._most = before


def spelled(number: int) -> str:
    """The same question in other bytes: of the last characters some are percent-encoded."""
    tail = "".join(
        f"%{ord(char):02x}" if number >> at & 1 else char for at, char in enumerate("1001")
    )
    return CAMPAIGNS.removesuffix("1001") + tail


@pytest.mark.holds(79)
def test_a_flood_of_targets(narrow: World) -> None:
    """However many ways there are to ask: the memory stays within its bounds, the newest stand."""
    ben, memory = asker(narrow, "ben"), memory_of(narrow.gateway)
    for number in range(2 * MOST):
        Asker(ben.gateway, ben.client, spelled(number)).known()
        assert len(memory) <= MOST
    assert len(memory) == MOST
    newest, first = (Asker(ben.gateway, ben.client, spelled(n)) for n in (2 * MOST - 1, 0))
    newest.known()
    first.anew()


@pytest.mark.holds(79)
def test_a_flood_of_sessions(narrow: World) -> None:
    """What is known of credentials goes with the last memo that names them."""
    memory = memory_of(narrow.gateway)
    for _ in range(MOST + FEW):
        asker(narrow, "ben").known()
        assert len(memory) <= MOST
    gc.collect()
    assert len(memory._credentials) <= MOST


@pytest.mark.holds(79)
def test_how_it_is_sent_is_counted(here: World, ben: Asker) -> None:
    """What is made of an answer to send it again is counted with the answer, each form of it."""
    store = here.parts.cache.store
    etag = ben.ask().headers["etag"]
    ben.the_long_way(Accept_Encoding="br")
    sizes = [store.size_bytes]
    for headers in (
        {"Accept_Encoding": "br"},
        {"Accept_Encoding": "identity"},
        {"If_None_Match": etag},
    ):
        ben.known(**headers)
        sizes.append(store.size_bytes)
    assert [later - sooner for sooner, later in pairwise(sizes)] == [FORM_BYTES] * 3
    ben.known()
    store.clear()
    assert store.size_bytes == 0


@pytest.mark.holds(79)
def test_long_targets(here: World, ben: Asker) -> None:
    """A target that is long without need is answered, and not remembered."""
    longest = LONGEST_TARGET - len("/api/v1")
    assert Asker(ben.gateway, ben.client, as_long_as(longest)).known().status_code == 200
    for length in (longest + 2, longest + 300):
        long = Asker(ben.gateway, ben.client, as_long_as(length))
        assert {long.anew().status_code for _ in range(FEW)} == {200}


def as_long_as(length: int) -> str:
    """A question of that many bytes, or one less: some of its letters are percent-encoded."""
    asked = CAMPAIGNS + f"&fields={max(CampaignField, key=len)}" * 20
    path, query = asked.split("?")
    plain = max(0, (length - len(asked)) // 2)
    letters = [at for at, char in enumerate(query) if char.isalpha()][:plain]
    spelled_out = [f"%{ord(char):02x}" if at in letters else char for at, char in enumerate(query)]
    return f"{path}?{''.join(spelled_out)}"


@pytest.mark.holds(79)
@pytest.mark.parametrize("name", ["Accept", "Accept-Encoding"])
def test_a_flood_of_header_values(here: World, ben: Asker, name: str) -> None:
    """What values of headers mean is remembered of so many, and of short ones only."""
    memory = memory_of(here.gateway)
    known: Collection[bytes] = (
        memory._accepted._known if name == "Accept" else memory._encodings._known
    )
    usual = {"Accept": "application/json, a/", "Accept-Encoding": "gzip, a"}[name]
    ben.known()
    before = recalls(here.gateway)
    for number in range(MOST_VALUES + FEW):
        assert ben.ask(**{name: f"{usual}{number}"}).status_code == 200
    for number in range(FEW):
        long = f"{usual}{number}" + "a" * LONGEST_VALUE
        assert ben.ask(**{name: long}).status_code == 200
    assert recalls(here.gateway) - before > MOST_VALUES
    assert len(known) <= MOST_VALUES
    assert all(len(value) <= LONGEST_VALUE for value in known)


@pytest.fixture
def by_header(
    way: type[GatewayServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A gateway with a read of an extension whose answer depends on a header."""
    (source,) = (
        text
        for name, text in PYTHON.findall((ROOT / "docs/extending.md").read_text("utf-8"))
        if name == "pixels.py"
    )
    listed = "    team_id: TeamId\n    ad_account_id: AdAccountId\n\n    def tags"
    header = '    wanted: Annotated[str, InHeader("X-Wanted")]\n'
    imports = (
        "from typing import Annotated\n"
        "from app.catalogue.parameters import InHeader\n"
    )  # fmt: skip
    spoiled = source.replace(listed, header + listed, 1)
    spoiled = spoiled.replace("\nfrom app", "\n" + imports + "from app", 1)
    (tmp_path / "pixels_by_header.py").write_text(spoiled, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    examples = {
        "listPixels": Example(answer=[{"id": "px_1", "name": "Shop"}]),
        "renamePixel": Example(values={"pixelId": "px_1"}, body={"name": "x"}, answer=None),
    }
    extension = Extension("pixels_by_header", examples)
    catalogue = {"extra": ("pixels_by_header",)}
    with world(gateway=way(), platform=list(extension._platform()), catalogue=catalogue) as running:
        yield running
    del sys.modules["pixels_by_header"]


@pytest.mark.holds(73)
def test_a_read_that_a_header_decides(by_header: World) -> None:
    """A header that is a parameter is no part of what a memo is found by: nothing is remembered."""
    ben: Browser = by_header.sign_in("ben")
    path = next(
        operation.path
        for operation in by_header.parts.catalogue.operations
        if operation.id == "listPixels"
    ).replace("{teamId}", "team-acme-brand")
    pixels = Asker(by_header.gateway, ben, f"{path}?adAccountId=act_1001")
    for wanted in ("a", "b", "b", "a"):
        assert pixels.anew(X_Wanted=wanted).status_code == 200
    assert pixels.anew().status_code == 400
