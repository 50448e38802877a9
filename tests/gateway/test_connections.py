"""Who closes a connection and when, what is unusual on it, and who does not read."""

from __future__ import annotations

import pytest

from app.early import EarlyProtocol
from app.sandbox.faults import Fault
from app.testing.world import API, World, world
from tests.cache.reads import CAMPAIGNS, MEMBERS
from tests.gateway.wire import NAME, UNKNOWN, Asking, Wire
from tests.recall.asker import Asker, EarlyGateway, recalls


def test_an_idle_connection_is_closed(wire: Wire, asking: Asking) -> None:
    """After the keep-alive time without a request the server closes, in good order."""
    wire.there(lambda protocol: setattr(protocol, "timeout_keep_alive", 0.05))
    wire.send(asking.get(MEMBERS))
    assert wire.told().status == 200
    assert wire.closed()


def look_at_idleness(wire: Wire, later: float = 0) -> None:
    """The timer ends now, `later` seconds after the last answer."""

    def look(protocol: EarlyProtocol) -> None:
        assert protocol._idle_timer is not None
        protocol._idle_timer.cancel()
        protocol._idle_since -= later
        protocol._close_if_idle()

    wire.there(look)


def test_every_known_answer_prolongs_it(wire: Wire, asking: Asking) -> None:
    """The time is counted from the last answer, whoever gave it."""
    wire.there(lambda protocol: setattr(protocol, "timeout_keep_alive", 100))
    for path in (MEMBERS, UNKNOWN, MEMBERS):
        wire.send(asking.get(path))
        assert wire.told().status == 200
    for _ in range(2):
        # There is time left, so it looks again.
        look_at_idleness(wire)
    wire.send(asking.get(MEMBERS))
    assert wire.told().status == 200
    look_at_idleness(wire, later=101)
    assert wire.closed()


def test_what_is_under_way_is_not_idle(early_world: World, wire: Wire, asking: Asking) -> None:
    """Neither a request that is being read nor one that is being answered is cut off, and after the
    answer the time is counted again."""
    wire.send(asking.get(MEMBERS))
    assert wire.told().status == 200
    half = asking.get(MEMBERS, "half-a-request")
    wire.deliver(half[:40])
    look_at_idleness(wire, later=1000)
    wire.deliver(half[40:])
    assert wire.told().name == "half-a-request"
    early_world.sandbox.faults.add(Fault("latency", 33, seconds=0.3))
    early_world.parts.cache.store.clear()
    wire.deliver(asking.get(CAMPAIGNS, "being-answered"))
    look_at_idleness(wire, later=1000)
    assert wire.told().name == "being-answered"
    look_at_idleness(wire, later=1000)
    assert wire.closed()


def test_a_body_that_never_comes(wire: Wire, asking: Asking) -> None:
    """Who is answered before the body that was announced came is not waited for without end."""
    head = [f"POST {API}/teams HTTP/1.1", "Host: localhost", "Content-Length: 100", "", ""]
    wire.send("\r\n".join(head).encode())
    assert wire.told().status == 404
    look_at_idleness(wire, later=1000)
    assert wire.closed()


@pytest.mark.holds(29, 42)
def test_trailers_are_no_headers(wire: Wire, asking: Asking) -> None:
    """What comes after a body proves nothing (RFC 9110, section 6.5.1)."""
    lines = [
        f"GET {API}{MEMBERS} HTTP/1.1",
        "Host: localhost",
        "Transfer-Encoding: chunked",
        "",
        "0",
        f"Cookie: bff-dev={asking.browser.session_cookie}",
        "X-BFF: 1",
        "Sec-Fetch-Site: same-origin",
        "",
        "",
    ]
    wire.deliver("\r\n".join(lines).encode())
    assert wire.told().status == 401


def test_asked_to_close(wire: Wire, asking: Asking) -> None:
    """Who asks for it gets the answer, and the end of the connection."""
    wire.send(asking.get(MEMBERS, Connection="close"))
    told = wire.told()
    assert (told.status, told.headers["connection"]) == (200, "close")
    assert wire.closed()


@pytest.mark.parametrize("headers", [{}, {"Connection": "keep-alive"}])
def test_http_1_0(early_world: World, wire: Wire, asking: Asking, headers: dict[str, str]) -> None:
    """Connections of the older version are the parent's to answer and to close, whatever they ask for."""
    before = recalls(early_world.gateway)
    wire.send(asking.get(MEMBERS, version="1.0", **headers))
    told = wire.told()
    assert (told.status, told.headers["connection"]) == (200, "close")
    assert wire.closed()
    assert recalls(early_world.gateway) == before + 1  # the application knows it as well


def test_who_leaves_early(early_world: World, asking: Asking) -> None:
    """A connection that its other end closes at once, or resets, disturbs nobody."""
    for _ in range(5):
        with Wire(early_world.gateway) as gone:
            gone.send(asking.get(CAMPAIGNS) * 20)
    with Wire(early_world.gateway) as wire:
        wire.send(asking.get(MEMBERS, "still-there"))
        assert wire.told().name == "still-there"


def test_a_stopping_server() -> None:
    """A server that stops closes idle connections and lets those that it answers end well, whoever
    answered before."""
    with world(gateway=EarlyGateway()) as running:
        asking = Asking(running.sign_in("ben"))
        Asker(running.gateway, asking.browser, MEMBERS).known()
        with Wire(running.gateway) as idle, Wire(running.gateway) as busy:
            for wire in (idle, busy):
                wire.send(asking.get(MEMBERS))
                assert wire.told().status == 200
            running.sandbox.faults.add(Fault("latency", 33, seconds=0.5))
            busy.deliver(asking.get(CAMPAIGNS, "the-last-one"))
            running.gateway._server.should_exit = True
            assert idle.closed()
            told = busy.told()
            assert (told.status, told.name) == (200, "the-last-one")
            assert busy.closed()


# --- unusual requests -----------------------------------------------------------------------------

BODY = {"Content_Length": "2"}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (BODY, b"{}", 400),
        ({"Transfer_Encoding": "chunked"}, b"2\r\n{}\r\n0\r\n\r\n", 400),
        ({"Transfer_Encoding": "chunked"}, b"0\r\nX-Trailer: 1\r\n\r\n", 200),
        ({"Content_Length": "0"}, b"", 200),
        ({"Expect": "100-continue"}, b"", 200),
        ({"Expect": "something-else"}, b"", 200),
        ({"Connection": "keep-alive, upgrade", "Upgrade": "h2c"}, b"", 200),
    ],
    ids=["body", "chunked", "trailers", "no body", "expect", "expects more", "upgrade"],
)
def test_the_connection_leaves_unusual_requests_alone(
    early_world: World,
    wire: Wire,
    asking: Asking,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    """They are answered the long way, and the next request on the connection is understood."""
    before = recalls(early_world.gateway)
    wire.send(asking.get(MEMBERS, "unusual-one", **headers) + body)
    told = wire.told()
    while told.status == 100:
        told = wire.told()
    assert (told.status, told.name) == (status, "unusual-one")
    assert recalls(early_world.gateway) == before
    wire.send(asking.get(MEMBERS, "usual-again"))
    assert wire.told().name == "usual-again"
    assert recalls(early_world.gateway) == before + 1


def test_a_body_that_comes_with_expectation(wire: Wire, asking: Asking) -> None:
    """Who waits for a 100 before he sends his body is told to go on, after a known answer as well."""
    wire.send(asking.get(MEMBERS))
    assert wire.told().status == 200
    wire.send(asking.get(MEMBERS, Expect="100-continue", **BODY))
    assert wire.told().status == 100
    wire.send(b"{}")
    assert wire.told().status == 400


@pytest.mark.parametrize("answered", [True, False], ids=["answered before", "waited for"])
def test_a_body_is_no_request(wire: Wire, asking: Asking, answered: bool) -> None:
    """Bytes that are known as a request are not one inside of a body, however they arrive, also where
    that request was answered before its body came."""
    known = asking.get(MEMBERS, "in-a-body")
    for _ in range(2):
        wire.deliver(known)
        assert wire.told().name == "in-a-body"
    path = b"/nothing" if answered else MEMBERS.encode()
    posted = asking.get(MEMBERS, "with-a-body", Content_Length=str(len(known)))
    wire.deliver(posted.replace(b"GET", b"POST", 1).replace(MEMBERS.encode(), path, 1))
    if answered:
        assert (told := wire.told()).status == 404
        assert told.name == "with-a-body"
    wire.deliver(known, asking.get(MEMBERS, "after-it"))
    if not answered:
        assert wire.told().name == "with-a-body"
    assert wire.told().name == "after-it"


@pytest.mark.holds(43)
@pytest.mark.parametrize(
    ("base", "end"),
    [("http://localhost", ""), ("http://evil.example", ""), ("", "#fragment"), ("", "&")],
    ids=["own origin", "foreign origin", "fragment", "empty part"],
)
def test_targets_in_another_form(
    early_world: World, wire: Wire, asking: Asking, base: str, end: str
) -> None:
    """An absolute target, or one with a fragment, is not the bytes that are known."""
    before = recalls(early_world.gateway)
    wire.send(asking.get(CAMPAIGNS + end, "another-form", base=base))
    told = wire.told()
    assert told.name == "another-form"
    # The application sees the same path and query where the form alone is another one.
    same = not end or end.startswith("#")
    assert (told.status, recalls(early_world.gateway) - before) == ((200, 1) if same else (422, 0))


@pytest.mark.parametrize(
    "garbage", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"get / HTTP/1.1\r\n\r\n", b"{}{}\r\n"]
)
def test_garbage_after_a_known_answer(wire: Wire, asking: Asking, garbage: bytes) -> None:
    """What is no request is told so once, after what was asked before it, and ends the connection."""
    wire.send(asking.get(MEMBERS, "before-it") + garbage)
    assert wire.told().name == "before-it"
    assert wire.told().status == 400
    assert wire.closed()


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "DELETE"])
def test_other_methods(early_world: World, wire: Wire, asking: Asking, method: str) -> None:
    """Only GET is answered by the connection."""
    before = recalls(early_world.gateway)
    wire.send(asking.get(MEMBERS).replace(b"GET", method.encode(), 1))
    assert wire.told(head=method == "HEAD").status in {200, 405, 415, 422}
    assert recalls(early_world.gateway) == before


# --- slow readers ---------------------------------------------------------------------------------


def test_who_does_not_read_costs_little(early_world: World, wire: Wire, asking: Asking) -> None:
    """Somebody sends a thousand requests for a large answer and reads nothing: what the server holds
    for him stays within a few answers. Then he reads, and misses none of them."""
    count, large = 1000, 8 * NAME
    request = asking.get(CAMPAIGNS)
    wire.socket.settimeout(0.3)
    sent = 0
    try:
        while sent < count:
            wire.send(request)
            sent += 1
    except TimeoutError:
        pass  # it stopped reading as well
    wire.socket.settimeout(20)
    held = wire.there(lambda protocol: protocol.transport.get_write_buffer_size())
    assert held < 8 * large, f"{held} bytes for one connection"
    for _ in range(min(sent, 50)):
        told = wire.told()
        assert (told.status, len(told.body) > large) == (200, True)


def test_who_reads_again_is_answered_early_again(
    early_world: World, wire: Wire, asking: Asking
) -> None:
    """After a slow reader has caught up his connection is like any other."""
    wire.deliver(asking.get(CAMPAIGNS) * 30)
    assert {wire.told().status for _ in range(30)} == {200}
    before = recalls(early_world.gateway)
    wire.send(asking.get(MEMBERS))
    assert wire.told().status == 200
    assert recalls(early_world.gateway) == before + 1
