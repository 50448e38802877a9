"""The exchange by each of its engines, against servers of bytes: what was sent, and what may not.

Nothing here goes through the gateway: this is the seam that everything else trusts.
"""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from app.upstream.exchange import (
    AnswerTooLarge,
    Exchange,
    ExchangeError,
    ExchangeTimeout,
    Incoming,
    Outgoing,
    Sent,
)
from tests.proxy.byte_server import ByteServer, Connection, Script, answering, listening
from tests.proxy.engines import LONG, Engine, outgoing

SOON = 0.3
METHODS = ("GET", "POST", "PATCH", "DELETE")


def test_an_answer_comes_as_it_was_sent(engine: Engine) -> None:
    """Status, header names in lower case and the bytes; the target goes out exactly as given."""
    target = "/a%252e/%2e%2e/x%3Fa%3Db%23/%C3%A9;p/~'()?q=a%26b&c=%2C"

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        answer = await exchange.send(outgoing(server, "POST", target, accept="x/y"), LONG)
        assert answer == Incoming(200, {"content-length": "8", "x-shouted": "Yes"}, b'{"ok":1}')
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        assert first == b"POST " + target.encode() + b" HTTP/1.1"
        assert body == b'{"spend":1}'
        names = {line.partition(b":")[0].lower() for line in lines}
        expected = {b"host", b"accept", b"accept-encoding", b"connection", b"content-length"}
        assert names - {b"connection"} == expected - {b"connection"}
        assert any(line.lower() == b"accept-encoding: identity" for line in lines)

    engine.against(answering, scenario)


async def _reset_at_the_first_byte(connection: Connection) -> None:
    await connection.reader.read(1)
    connection.reset()


async def _reset_at_once(connection: Connection) -> None:
    connection.reset()


async def _reset_after_request(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def _close_after_request(connection: Connection) -> None:
    await connection.request()


async def _garbage(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"\x16\x03\x01 this is not HTTP\r\n\r\n")


async def _odd_status(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 99999 Odd\r\n\r\n")


async def _cut_in_headers(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")


async def _cut_in_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


async def _broken_chunks(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")


async def _endless_header(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1_000_000)


BROKEN: dict[Script, Sent] = {
    _reset_after_request: Sent.MAYBE,
    _close_after_request: Sent.MAYBE,
    _garbage: Sent.MAYBE,
    _odd_status: Sent.MAYBE,
    _cut_in_headers: Sent.MAYBE,
    _cut_in_body: Sent.ANSWERED,
    _broken_chunks: Sent.ANSWERED,
    _endless_header: Sent.MAYBE,
}


@pytest.mark.holds(83, 89)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("script", BROKEN, ids=lambda script: script.__name__.strip("_"))
def test_a_failure_after_the_request_left_is_told_as_such_and_sent_once(
    engine: Engine, script: Script, method: str
) -> None:
    """Whatever breaks after the request arrived is told by how far it came, and never sent again."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server, method), LONG)
        assert caught.value.sent is BROKEN[script]
        assert len(server.requests) == 1

    engine.against(script, scenario)


@pytest.mark.holds(83)
def test_a_reset_before_the_request_was_read_is_maybe_sent(engine: Engine) -> None:
    """What began to arrive may have arrived: only what surely stayed here is not sent."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server, "POST"), LONG)
        assert caught.value.sent is Sent.MAYBE

    engine.against(_reset_at_the_first_byte, scenario)


@pytest.mark.holds(83)
def test_a_reset_at_once_has_no_answer(engine: Engine) -> None:
    """A connection that is lost as soon as it is there fails; whether before the request depends."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server, "POST"), LONG)
        assert caught.value.sent is not Sent.ANSWERED

    engine.against(_reset_at_once, scenario)


@pytest.mark.holds(83)
def test_a_refused_connection_is_not_sent(engine: Engine) -> None:
    """Where nobody listens nothing was sent."""

    async def main() -> None:
        async with listening(answering) as server:
            pass
        async with engine.at(server.origin) as exchange:
            with pytest.raises(ExchangeError) as caught:
                await exchange.send(outgoing(server, "POST"), LONG)
            assert caught.value.sent is Sent.NO

    engine.run(main())


@pytest.mark.holds(83)
def test_a_connection_that_never_gets_ready_is_not_sent(engine: Engine) -> None:
    """While TLS is not agreed on nothing was sent."""

    async def main() -> None:
        async with listening(Connection.stay) as server:
            origin = f"https://127.0.0.1:{server.port}"
            async with engine.at(origin, connect_timeout=0.1) as exchange:
                with pytest.raises(ExchangeError) as caught:
                    await exchange.send(Outgoing("POST", f"{origin}/x", {}, b"{}"), LONG)
                assert caught.value.sent is Sent.NO

    engine.run(main())


@pytest.mark.holds(82, 83)
def test_waiting_for_a_connection_ends_at_the_deadline_and_is_not_sent(
    engine: Engine,
) -> None:
    """A request that never got one of the connections was not sent; the deadline covers the queue."""

    async def silent(connection: Connection) -> None:
        await connection.request()
        await connection.stay()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        first = asyncio.create_task(exchange.send(outgoing(server, "POST"), 2 * SOON))
        await server.asked.wait()
        with pytest.raises(ExchangeTimeout) as caught:
            await exchange.send(outgoing(server, "POST", "/second"), SOON / 2)
        assert caught.value.sent is Sent.NO
        with pytest.raises(ExchangeTimeout) as caught:
            await first
        assert caught.value.sent is Sent.MAYBE
        assert len(server.requests) == 1

    engine.against(silent, scenario, max_connections=1)


@pytest.mark.holds(82)
def test_a_slow_drip_ends_at_the_deadline(engine: Engine) -> None:
    """The deadline is for everything together, however steadily bytes arrive."""

    async def drip(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            await connection.send(b" ")
            await asyncio.sleep(0.01)

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        started = asyncio.get_running_loop().time()
        with pytest.raises(ExchangeTimeout) as caught:
            await exchange.send(outgoing(server, "POST"), SOON)
        assert caught.value.sent is Sent.ANSWERED
        assert asyncio.get_running_loop().time() - started < SOON + 0.25

    engine.against(drip, scenario)


@pytest.mark.holds(89)
@pytest.mark.parametrize("method", METHODS)
def test_a_connection_closed_while_idle_is_not_used_again(engine: Engine, method: str) -> None:
    """When the platform closes a kept connection the next request goes over a new one, once."""

    async def one_answer(connection: Connection) -> None:
        await connection.request()
        await connection.answer()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        await exchange.send(outgoing(server), LONG)
        await server.closed.wait()
        answer = await exchange.send(outgoing(server, method), LONG)
        assert answer.status == 200
        assert (server.connections, len(server.requests)) == (2, 2)

    engine.against(one_answer, scenario)


@pytest.mark.holds(89)
@pytest.mark.parametrize("method", METHODS)
def test_a_request_lost_on_a_kept_connection_is_never_replayed(engine: Engine, method: str) -> None:
    """A kept connection that dies under a request is a failure, not a reason to send it again."""

    async def dies_at_the_second(connection: Connection) -> None:
        await connection.request()
        await connection.answer()
        await connection.request()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        await exchange.send(outgoing(server), LONG)
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server, method), LONG)
        assert caught.value.sent is Sent.MAYBE
        assert (server.connections, len(server.requests)) == (1, 2)

    engine.against(dies_at_the_second, scenario)


@pytest.mark.holds(40)
@pytest.mark.parametrize("framing", [b"Content-Length: 5000", b"Transfer-Encoding: chunked"])
def test_reading_stops_at_the_largest_answer(engine: Engine, framing: bytes) -> None:
    """An answer beyond the limit is given up while it comes, announced or not."""

    async def long_answer(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
        piece = b"a" * 1000
        part = b"3e8\r\n" + piece + b"\r\n" if b"chunked" in framing else piece
        await connection.send(part * 3)
        await connection.stay()

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(AnswerTooLarge):
            await exchange.send(outgoing(server), LONG)

    engine.against(long_answer, scenario, max_answer_bytes=2500)


@pytest.mark.holds(38)
@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Again", b"308 Moved"])
def test_a_redirect_is_not_followed(engine: Engine, status: bytes) -> None:
    """A redirect is an answer like others; its Location is not asked."""

    async def main() -> None:
        async with listening(answering) as elsewhere:

            async def redirecting(connection: Connection) -> None:
                await connection.request()
                await connection.answer(
                    b"", b"Location: " + elsewhere.origin.encode(), status=status
                )

            async with listening(redirecting) as server, engine.at(server.origin) as exchange:
                answer = await exchange.send(outgoing(server), LONG)
                assert answer.status == int(status[:3])
                assert len(server.requests) == 1
            assert elsewhere.connections == 0

    engine.run(main())


@pytest.mark.holds(30)
def test_a_cookie_of_the_platform_is_forgotten(engine: Engine) -> None:
    """What one user's answer sets is not sent with the next request."""

    async def setting_cookies(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.answer(b"{}", b"Set-Cookie: affinity=1; Path=/")

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        for _ in range(3):
            await exchange.send(outgoing(server), LONG)
        assert len(server.requests) == 3
        assert not any(b"cookie" in request.lower() for request in server.requests)

    engine.against(setting_cookies, scenario)


@pytest.mark.holds(39)
def test_the_environment_redirects_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Proxies and .netrc of the environment are not used."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        answer = await exchange.send(outgoing(server), LONG)
        assert answer.status == 200
        assert b"authorization" not in server.requests[0].lower()

    engine.against(answering, scenario)


@pytest.mark.parametrize(
    "value", ["ünïcode", "two\r\nx-evil: 1", "two\nx-evil: 1", "nul\x00", "bell\x07", "space "]
)
def test_a_header_that_cannot_be_said_fails_as_an_exchange(engine: Engine, value: str) -> None:
    """A token of the platform's that does not fit into a header is a failed exchange, no crash."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(outgoing(server, authorization=f"Bearer {value}"), LONG)
        assert caught.value.sent is Sent.NO
        assert server.requests == []

    engine.against(answering, scenario)


def test_nothing_is_unpacked(engine: Engine) -> None:
    """A compressed answer, which nobody asked for, stays the bytes it is: no bomb goes off."""
    packed = gzip.compress(b"a" * 10_000)

    async def compressing(connection: Connection) -> None:
        await connection.request()
        await connection.answer(packed, b"Content-Encoding: gzip")

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        assert (await exchange.send(outgoing(server), LONG)).body == packed

    engine.against(compressing, scenario)


@pytest.mark.holds(27)
def test_requests_and_errors_do_not_show_what_they_carry(engine: Engine) -> None:
    """Neither the repr of a request or answer nor an error's text holds headers or bodies."""

    async def scenario(exchange: Exchange, server: ByteServer) -> None:
        request = Outgoing("POST", server.origin, {"x-api-key": "canary"}, b"canary")
        assert "canary" not in repr(request)
        assert "canary" not in repr(Incoming(200, {}, b"canary"))
        with pytest.raises(ExchangeError) as caught:
            await exchange.send(request, LONG)
        assert "canary" not in f"{caught.value!r} {caught.value} {caught.value.__dict__}"

    engine.against(_garbage, scenario)


def test_without_httpx2_the_exchange_runs_on_httpx() -> None:
    """Where httpx2 is not installed its sibling takes its place."""
    script = (
        "import sys; sys.modules['httpx2'] = None\n"
        "from app.upstream import exchange; print(exchange.httpx.__name__)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "httpx"
