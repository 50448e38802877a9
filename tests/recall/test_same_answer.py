"""What is given from memory is what the whole gateway would have given, to the last header."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx2 as httpx
import pytest
import trustme

from app.testing.world import GatewayServer, World, world
from tests.cache.reads import CAMPAIGNS, MEMBERS, TEAM
from tests.recall.asker import INSIGHTS, Asker, asker

PATHS = (
    CAMPAIGNS,
    MEMBERS,
    INSIGHTS,
    f"/teams/{TEAM}",
    f"/teams/{TEAM}/connections",
    f"/teams/{TEAM}/meta/pages?adAccountId=act_1001",
    "/workspaces/acme/teams",
)
CODINGS = (
    "identity",
    "gzip",
    "br",
    "zstd",
    "gzip, deflate, br;q=0.9",
    "*",
    "br;q=0, gzip;q=0.5",
    "",
)
# What differs between two answers that are the same.
OF_THE_MOMENT = {"x-request-id", "date", "age"}


def told(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Status, bytes as they were sent, and every header that is not of the moment."""
    headers = [
        (name, re.sub(r"ttl=\d+", "ttl", value) if name == "cache-status" else value)
        for name, value in answer.headers.multi_items()
        if name not in OF_THE_MOMENT
    ]
    return answer.status_code, answer.content, sorted(headers)


@pytest.mark.holds(70, 71, 80)
@pytest.mark.parametrize("path", PATHS)
def test_every_header_is_the_same(here: World, path: str) -> None:
    """Status, body and headers of a recalled answer are those of the long way, in every coding."""
    ben = asker(here, "ana", path)
    for coding in CODINGS:
        recalled = ben.known(Accept_Encoding=coding)
        assert recalled.headers["cache-status"].startswith("bff; hit; ttl=")
        assert told(recalled) == told(ben.the_long_way(Accept_Encoding=coding))
        assert {"x-request-id", "date", "age"} <= recalled.headers.keys()


@pytest.mark.holds(80)
@pytest.mark.parametrize("shape", ["{}", '"other", {}', "*", "W/{}"])
def test_who_has_it_is_told_so(ben: Asker, shape: str) -> None:
    """If-None-Match gets a 304 without content, with the headers that the long way sends."""
    strong = ben.known().headers["etag"].removeprefix("W/")
    given = shape.format(strong)
    recalled = ben.known(If_None_Match=given)
    assert (recalled.status_code, recalled.content) == (304, b"")
    assert told(recalled) == told(ben.the_long_way(If_None_Match=given))


@pytest.mark.holds(80)
@pytest.mark.parametrize("given", ['"another"', "", "W/", "nonsense", '"', "*, *"])
def test_who_has_something_else_gets_it(ben: Asker, given: str) -> None:
    """An If-None-Match that names another answer, or nothing, gets all of it."""
    ben.known()
    recalled = ben.known(If_None_Match=given)
    assert recalled.status_code == 200
    assert told(recalled) == told(ben.the_long_way(If_None_Match=given))


@pytest.mark.holds(80)
def test_its_age_goes_on(here: World, ben: Asker) -> None:
    """Age and ttl are of the moment at which it is given again."""
    first = ben.known()
    here.advance(10)
    second = ben.known()
    assert int(second.headers["age"]) - int(first.headers["age"]) == 10
    ages = [re.search(r"ttl=(\d+)", one.headers["cache-status"]) for one in (first, second)]
    assert ages[0]
    assert ages[1]
    assert int(ages[0][1]) - int(ages[1][1]) == 10


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (b"an-id.of_mine-1", True),
        (b"a" * 64, True),
        (b"short", False),
        (b"a" * 65, False),
        (b"with a space", False),
        (b"12345678\tx", False),
        ("12345678é".encode(), False),
        (b"12345678%0d%0aset-cookie:a=b", False),
        (b"", False),
    ],
)
def test_only_harmless_request_ids_come_back(ben: Asker, given: bytes, taken: bool) -> None:
    """The caller's X-Request-ID is sent back where it can do no harm, else there is a new one."""
    ben.known()
    before = {name.lower() for name in ben.known().headers}
    answer = ben.client.get(
        ben.client.base_url.join(f"/api/v1{ben.path}"),
        headers=[(b"X-Request-ID", given)],
    )
    assert answer.status_code == 200
    assert (answer.headers["x-request-id"].encode() == given) is taken
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", answer.headers["x-request-id"])
    assert {name.lower() for name in answer.headers} == before


def test_hits_are_counted_and_the_sample_is_written_down(here: World, ben: Asker) -> None:
    """A recalled answer is counted by operation and status; a line of it says what others say,
    but for whose it is, and names no path."""
    ben.known()
    counted = {"operation": "listCampaigns", "status": "200", "by": "recall"}
    before = here.parts.counters.value("requests", **counted)
    ben.known(X_Request_ID="recalled-1")
    ben.the_long_way(X_Request_ID="long-way-1")
    assert here.parts.counters.value("requests", **counted) == before + 1
    # What decides on the sample is no chance here: each is in it.
    lines = {
        one.get("request_id"): one for one in map(json.loads, here.log.getvalue().splitlines())
    }
    recalled, other = lines["recalled-1"], lines["long-way-1"]
    assert recalled.keys() == other.keys() - {"actor"}
    for name in ("operation", "method", "status", "code", "reason"):
        assert recalled.get(name) == other.get(name)
    assert "act_1001" not in str(recalled)


@pytest.mark.holds(1, 70)
def test_over_tls(way: type[GatewayServer], tmp_path: Path) -> None:
    """Known answers are given through TLS as well, and say Strict-Transport-Security as all others."""
    issued = trustme.CA().issue_cert("localhost")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    with world(gateway=way(tls=(certificate, key))) as running:
        ben = asker(running, "ben")
        recalled = ben.known(Accept_Encoding="br")
        assert "strict-transport-security" in recalled.headers
        assert told(recalled) == told(ben.the_long_way(Accept_Encoding="br"))
