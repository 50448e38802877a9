"""What the connection itself answers, seen byte by byte, and what it relies on of uvicorn."""

from __future__ import annotations

import inspect
from email.utils import parsedate_to_datetime

import pytest
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.flow_control import FlowControl

from app.testing.world import World
from tests.cache.reads import CAMPAIGNS, MEMBERS
from tests.gateway.wire import UNKNOWN, Asking, Wire
from tests.recall.asker import recalls


def names(wire: Wire, count: int) -> list[str]:
    told = [wire.told() for _ in range(count)]
    assert {one.status for one in told} == {200}
    return [one.name for one in told]


PIPELINES = [
    (CAMPAIGNS, CAMPAIGNS),
    (CAMPAIGNS, MEMBERS, CAMPAIGNS),
    (CAMPAIGNS, UNKNOWN),
    (UNKNOWN, CAMPAIGNS),
    (UNKNOWN, CAMPAIGNS, UNKNOWN, MEMBERS),
    (CAMPAIGNS, UNKNOWN, UNKNOWN, CAMPAIGNS, CAMPAIGNS, UNKNOWN, MEMBERS),
]


def label(paths: tuple[str, ...]) -> str:
    return "+".join("unknown" if path is UNKNOWN else "known" for path in paths)


@pytest.mark.parametrize("paths", PIPELINES, ids=label)
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
def test_answers_keep_their_order(
    wire: Wire, asking: Asking, paths: tuple[str, ...], at_once: bool
) -> None:
    """Of requests that do not wait for each other the answers come in the order of the requests; they
    do so as well where the same bytes came before."""
    wanted = [f"request-{n}" for n in range(len(paths))]
    requests = [asking.get(path, name) for path, name in zip(paths, wanted, strict=True)]
    for _ in range(2):
        if at_once:
            wire.send(b"".join(requests))
        else:
            wire.deliver(*requests)
        assert names(wire, len(paths)) == wanted
    wire.send(asking.get(MEMBERS, "afterwards"))
    assert wire.told().name == "afterwards"


@pytest.mark.parametrize("path", [MEMBERS, UNKNOWN], ids=["known", "unknown"])
def test_a_request_in_two_pieces(early_world: World, wire: Wire, asking: Asking, path: str) -> None:
    """Wherever a request is cut, it is the same request."""
    whole = asking.get(path, "in-two-pieces", Accept="application/json")
    before, step = recalls(early_world.gateway), 1 if path is MEMBERS else 23
    cuts = range(1, len(whole), step)
    for cut in cuts:
        wire.deliver(whole[:cut], whole[cut:])
        told = wire.told()
        assert (told.status, told.name) == (200, "in-two-pieces")
    assert recalls(early_world.gateway) - before == (len(cuts) if path is MEMBERS else 0)


def test_a_request_byte_by_byte(early_world: World, wire: Wire, asking: Asking) -> None:
    """However slowly it comes, and whatever comes with its last byte."""
    whole = asking.get(MEMBERS, "byte-by-byte")
    wire.deliver(*(whole[at : at + 1] for at in range(len(whole) - 1)))
    wire.deliver(whole[-1:] + asking.get(UNKNOWN, "with-its-end"))
    assert names(wire, 2) == ["byte-by-byte", "with-its-end"]


def test_bytes_that_came_before_are_not_read_again(
    early_world: World, wire: Wire, asking: Asking
) -> None:
    """The same bytes are the same request; one that is cut, or comes with another, is read."""
    shared, seen = wire.there(lambda protocol: protocol.shared), recalls(early_world.gateway)
    known, again = asking.get(MEMBERS, "by-its-bytes"), asking.get(MEMBERS, "one-of-two")
    before = len(shared.requests)
    for _ in range(3):
        wire.send(known)
        assert wire.told().name == "by-its-bytes"
    assert len(shared.requests) == before + 1
    wire.deliver(again[:20], again[20:])
    wire.send(again + again)
    assert names(wire, 3) == ["one-of-two"] * 3
    assert len(shared.requests) == before + 1
    assert recalls(early_world.gateway) == seen + 6


def test_what_follows_a_first_line_is_not_read_again(
    early_world: World, wire: Wire, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client's next request, for something else, is known but for its first line."""
    read = list[bytes]()
    parents = httptools_impl.HttpToolsProtocol.data_received

    def noted(protocol: httptools_impl.HttpToolsProtocol, data: bytes) -> None:
        read.append(data)
        parents(protocol, data)

    monkeypatch.setattr(httptools_impl.HttpToolsProtocol, "data_received", noted)
    paths = (MEMBERS, UNKNOWN, CAMPAIGNS)
    first, second, third = (asking.get(path, Accept="application/json;q=0.9") for path in paths)
    for _ in range(2):
        for request in (first, second, third):
            wire.send(request)
            assert wire.told().status == 200
    assert read == [first]
    # What is cut, or comes with another, is read.
    wire.deliver(second[:30], second[30:])
    wire.send(second + second)
    assert [wire.told().status for _ in range(3)] == [200] * 3
    assert read == [first, second[:30], second[30:], second + second]


def test_no_credential_is_kept_with_a_request(wire: Wire, asking: Asking) -> None:
    """Who reads the memory of a gateway finds nobody's session in what it recognises requests by."""
    shared = wire.there(lambda protocol: protocol.shared)
    for path in (MEMBERS, UNKNOWN):
        wire.send(asking.get(path))
        assert wire.told().status == 200
    kept = repr((shared.rests, shared.requests))
    assert "sec-fetch-site" in kept
    assert asking.browser.session_cookie not in kept


def test_what_differs_each_time_is_not_kept(wire: Wire, asking: Asking) -> None:
    """An id, or the ETag of one answer, is not what a client says again."""
    shared = wire.there(lambda protocol: protocol.shared)
    before = dict(shared.rests)
    for more in ({"X-Request-ID": "one-of-many"}, {"If-None-Match": '"x"'}):
        wire.send(asking.get(UNKNOWN, **more))
        assert wire.told().status == 200
    assert shared.rests == before


@pytest.mark.parametrize("path", [MEMBERS, UNKNOWN], ids=["known", "unknown"])
def test_the_head_is_what_servers_send(wire: Wire, asking: Asking, path: str) -> None:
    """An answer has a date, a length and no name of a server, each header once."""
    wire.send(asking.get(path))
    while b"\r\n\r\n" not in wire._read:
        wire._more()
    lines = wire._read.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    given = [line.partition(b":")[0].lower() for line in lines]
    assert len(given) == len(set(given))
    assert {b"date", b"content-length", b"x-request-id"} <= set(given)
    assert not {b"server", b"connection", b"transfer-encoding"} & set(given)
    told = wire.told()
    assert parsedate_to_datetime(told.headers["date"]).tzinfo is not None


# --- what is relied on of uvicorn -----------------------------------------------------------------

# Name and parameters of each method of the parent that app/early.py calls or overrides.
METHODS = {
    "connection_lost": ["self", "exc"],
    "data_received": ["self", "data"],
    "on_message_begin": ["self"],
    "on_url": ["self", "url"],
    "on_header": ["self", "name", "value"],
    "on_headers_complete": ["self"],
    "on_body": ["self", "body"],
    "on_message_complete": ["self"],
    "on_response_complete": ["self"],
    "_start_asgi_task": ["self", "cycle", "app"],
    "timeout_keep_alive_handler": ["self"],
}
ATTRIBUTES = (
    "access_log",
    "access_logger",
    "app",
    "app_state",
    "asgi_version",
    "client",
    "cycle",
    "flow",
    "headers",
    "limit_concurrency",
    "logger",
    "loop",
    "parser",
    "pipeline",
    "root_path",
    "scheme",
    "server",
    "server_state",
    "timeout_keep_alive",
    "transport",
)
# What app/whole.py changes or looks at of one request.
CYCLE = (
    "default_headers",
    "disconnected",
    "flow",
    "keep_alive",
    "message_event",
    "more_body",
    "on_response",
    "response_complete",
    "response_started",
    "scope",
    "transport",
    "waiting_for_100_continue",
)
CHANGED = "uvicorn has changed: look at what app/early.py does with"


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_the_parent(name: str) -> None:
    """The methods that are called or overridden are there, with the same parameters."""
    method = getattr(httptools_impl.HttpToolsProtocol, name, None)
    assert method is not None, f"{CHANGED} {name}"
    given = list(inspect.signature(method).parameters)
    assert given == METHODS[name], f"{CHANGED} {name}({', '.join(given)})"


def test_attributes_of_the_parent(wire: Wire, asking: Asking) -> None:
    """So are the attributes, on a connection that has answered."""
    wire.send(asking.get(UNKNOWN))
    assert wire.told().status == 200
    mro = wire.there(lambda protocol: type(protocol).__mro__)
    assert httptools_impl.HttpToolsProtocol in mro, f"{CHANGED} its class"
    have = wire.there(lambda protocol: set(vars(protocol)))
    for name in ATTRIBUTES:
        assert name in have, f"{CHANGED} {name}"
    assert wire.there(lambda protocol: protocol.cycle.response_complete), f"{CHANGED} cycle"
    state = wire.there(lambda protocol: protocol.server_state)
    for name in ("default_headers", "total_requests"):
        assert hasattr(state, name), f"{CHANGED} server_state.{name}"
    parser = wire.there(lambda protocol: protocol.parser)
    for name in ("get_method", "get_http_version", "should_keep_alive", "should_upgrade"):
        assert hasattr(parser, name), f"{CHANGED} parser.{name}"


def test_words_of_the_parent() -> None:
    """So are the status lines, the flow control, and nothing is left out of what one cycle says."""
    assert httptools_impl.STATUS_LINE[200] == b"HTTP/1.1 200 OK\r\n", f"{CHANGED} STATUS_LINE"
    assert httptools_impl.STATUS_LINE[304] == b"HTTP/1.1 304 Not Modified\r\n"
    assert "write_paused" in inspect.getsource(FlowControl), f"{CHANGED} flow.write_paused"
    cycle = inspect.getsource(httptools_impl.RequestResponseCycle)
    for name in CYCLE:
        assert f"self.{name}" in cycle, f"{CHANGED} cycle.{name}"


def test_default_headers_are_another_list_each_second(wire: Wire, asking: Asking) -> None:
    """The server replaces its list when the date moves: that is how the connection notices."""
    before = wire.there(lambda protocol: protocol.server_state.default_headers)
    dates: set[str] = set()
    while len(dates) < 2:
        wire.send(asking.get(MEMBERS))
        dates.add(wire.told().headers["date"])
    after = wire.there(lambda protocol: protocol.server_state.default_headers)
    assert after is not before, f"{CHANGED} server_state.default_headers"


def test_answers_are_counted_by_the_server(wire: Wire, asking: Asking) -> None:
    """Its limit of requests counts early answers as well."""
    before = wire.there(lambda protocol: protocol.server_state.total_requests)
    for path in (MEMBERS, UNKNOWN, MEMBERS):
        wire.send(asking.get(path))
        assert wire.told().status == 200
    assert wire.there(lambda protocol: protocol.server_state.total_requests) == before + 3
