"""Content codings: the one that is asked for, made once, kept and counted beside the plain bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import brotli  # type: ignore[import-untyped]  # it has no stubs
import httpx2 as httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.cache.encodings import WORTH_IT, Encoding, encoded, preferred
from app.cache.entries import FORM_BYTES
from app.testing.world import API, Browser, World
from tests.cache.reads import CAMPAIGNS, MEMBERS, TEAM

DECODED: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstandard.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


def raw(browser: Browser, path: str, accept: str | None, method: str = "GET") -> httpx.Response:
    """The answer with its body as it came over the wire in `.content`."""
    request = browser.build_request(method, API + path)
    request.headers.pop("accept-encoding", None)
    if accept is not None:
        request.headers["accept-encoding"] = accept
    answer = browser.send(request, stream=True)
    body = b"".join(answer.iter_raw())
    answer.close()
    return httpx.Response(
        answer.status_code,
        headers=[
            (name, value) for name, value in answer.headers.items() if name != "content-encoding"
        ]
        + [("x-coding", answer.headers.get("content-encoding", "none"))],
        content=body,
    )


WANTED = [
    ("gzip, deflate, br, zstd", "zstd"),
    ("gzip, deflate, br", "br"),
    ("gzip", "gzip"),
    ("x-gzip", "gzip"),
    ("GZIP", "gzip"),
    ("br;q=0.5, gzip;q=0.9", "gzip"),
    ("br;q=0.9, gzip;q=0.9", "br"),
    ("zstd;q=0, br;q=0.1", "br"),
    ("*", "zstd"),
    ("*;q=0.3, zstd;q=0", "br"),
    ("identity", "none"),
    ("identity;q=1, gzip;q=0.5", "none"),
    ("deflate", "none"),
    ("gzip;q=0", "none"),
    ("gzip;q=nonsense", "none"),
    ("gzip;q=7", "none"),
    ("", "none"),
    (",;,=", "none"),
    ("identity;q=0, *;q=0", "none"),
]


@pytest.mark.parametrize(("accept", "coding"), [*WANTED, (None, "none")])
def test_the_coding_is_the_one_that_the_caller_prefers(
    shared_world: World, ben: Browser, accept: str | None, coding: str
) -> None:
    """RFC 9110, section 12.5.3: the highest weight wins, ours among equals, else as it is."""
    plain = raw(ben, CAMPAIGNS, None).content
    answer = raw(ben, CAMPAIGNS, accept)
    assert answer.headers["x-coding"] == coding
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "Accept-Encoding" in answer.headers["vary"]
    decode = DECODED.get(coding, bytes)
    assert decode(answer.content) == plain


@given(st.text(max_size=60))
def test_any_header_chooses_something(accept: str) -> None:
    """No text is too odd for a decision."""
    assert preferred(accept) in {None, *Encoding}


@given(st.binary(min_size=1, max_size=5000), st.sampled_from(Encoding))
def test_a_coded_body_is_the_body(body: bytes, encoding: Encoding) -> None:
    """Whoever decodes it has the plain bytes again."""
    assert DECODED[encoding](encoded(encoding, body)) == body


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which library was asked to code something, in order."""
    asked: list[str] = []
    for library in (zstandard, brotli, gzip):
        real = library.compress

        def counted(
            *given: Any, _real: Any = real, _name: str = library.__name__, **more: Any
        ) -> Any:
            asked.append(_name)
            return _real(*given, **more)

        monkeypatch.setattr(library, "compress", counted)
    return asked


def test_a_coded_form_is_made_once(shared_world: World, ben: Browser, made: list[str]) -> None:
    """Hits in any coding make each form once, and a first form is made for whoever missed."""
    shared_world.parts.cache.store.clear()
    for _ in range(3):
        for accept in ("zstd", "br", "gzip", "identity"):
            raw(ben, CAMPAIGNS, accept)
    assert sorted(made) == ["brotli", "gzip", "zstandard"]


def test_readers_who_share_share_the_coded_form(
    shared_world: World, ben: Browser, made: list[str]
) -> None:
    """Two readers of the same account are served one coded form."""
    shared_world.parts.cache.store.clear()
    cleo = shared_world.sign_in("cleo")
    bodies = {raw(reader, CAMPAIGNS, "br").content for reader in (ben, cleo, ben, cleo)}
    assert len(bodies) == 1
    assert made == ["brotli"]


def test_the_bytes_of_coded_forms_count(shared_world: World, ben: Browser) -> None:
    """What is kept beside the plain bytes is a part of what is kept, and goes with it."""
    kept = shared_world.parts.cache.store
    kept.clear()
    for _ in range(
        3
    ):  # what else was heard of meanwhile may let nothing be remembered the first time
        raw(ben, CAMPAIGNS, "identity")
    before = kept.size_bytes
    coded = raw(ben, CAMPAIGNS, "gzip").content
    # It was recalled, so how it is sent is kept as well.
    assert kept.size_bytes == before + len(coded) + FORM_BYTES
    kept.clear()
    assert kept.size_bytes == 0


@pytest.mark.holds(80)
def test_the_same_etag_in_every_coding(shared_world: World, ben: Browser) -> None:
    """It is weak (RFC 9110, section 8.8.1), so that a 304 answers whatever form is held."""
    answers = [raw(ben, CAMPAIGNS, accept) for accept in ("zstd", "br", "gzip", None)]
    (etag,) = {answer.headers["etag"] for answer in answers}
    assert etag.startswith("W/")
    again = ben.api("GET", CAMPAIGNS, headers={"If-None-Match": etag, "Accept-Encoding": "br"})
    assert again.status_code == 304
    assert "content-encoding" not in again.headers


def test_head_tells_of_the_coded_form(shared_world: World, ben: Browser) -> None:
    """HEAD has the headers of the GET in the same coding, and no content."""
    got, head = (raw(ben, CAMPAIGNS, "br", method) for method in ("GET", "HEAD"))
    assert head.content == b""
    for name in ("x-coding", "content-length", "etag", "vary"):
        assert head.headers[name] == got.headers[name]


def test_small_answers_pages_and_problems_go_as_they_are(shared_world: World, ben: Browser) -> None:
    """Below a kilobyte coding gains nothing; a page is cut for one caller; a problem is never kept."""
    assert len(raw(ben, MEMBERS, None).content) < WORTH_IT
    for path in (MEMBERS, f"{CAMPAIGNS}&limit=5", "/teams/team-globex-shop", f"/teams/{TEAM}"):
        assert raw(ben, path, "zstd, br, gzip").headers["x-coding"] == "none"
