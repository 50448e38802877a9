"""TLS to the platform: who is on the other side is certain, or nothing is sent."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from app.upstream.exchange import ExchangeError, Incoming, Sent
from tests.proxy.byte_server import Connection, answering, listening
from tests.proxy.engines import LONG, Engine, outgoing

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """The only one that this machine trusts."""
    trusted = trustme.CA()
    bundle = tmp_path / "authorities.pem"
    trusted.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    return trusted


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.mark.holds(39)
def test_a_trusted_certificate_of_this_host_is_answered(
    engine: Engine, authority: trustme.CA
) -> None:
    """Requests go over TLS, several over one connection, and HTTP/1.1 is what is asked for."""
    tls = serving(authority.issue_cert("127.0.0.1"))
    tls.set_alpn_protocols(["h2", "http/1.1"])
    chosen: list[str | None] = []

    async def telling(connection: Connection) -> None:
        chosen.append(connection.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await answering(connection)

    async def main() -> None:
        async with listening(telling, tls) as server, engine.at(server.origin) as exchange:
            for _ in range(3):
                assert (await exchange.send(outgoing(server, "POST"), LONG)).status == 200
            assert (server.connections, len(server.requests)) == (1, 3)
            assert chosen == ["http/1.1"]

    engine.run(main())


@pytest.mark.holds(39)
@pytest.mark.parametrize("fault", ["another host", "unknown authority", "expired"])
def test_any_other_certificate_is_refused_and_nothing_is_sent(
    engine: Engine, authority: trustme.CA, fault: str
) -> None:
    """TLS needs a trusted authority, the right name and the right time."""
    certificate = {
        "another host": lambda: authority.issue_cert("platform.example"),
        "unknown authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "expired": lambda: authority.issue_cert(
            "127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO.replace(month=2)
        ),
    }[fault]()

    async def main() -> None:
        async with (
            listening(answering, serving(certificate)) as server,
            engine.at(server.origin) as exchange,
        ):
            with pytest.raises(ExchangeError) as caught:
                await exchange.send(outgoing(server, "POST"), LONG)
            assert caught.value.sent is Sent.NO
            assert server.requests == []

    engine.run(main())


def test_a_body_without_a_length_needs_an_orderly_end(
    direct: Engine, authority: trustme.CA
) -> None:
    """Where the end of TLS is the end of the body, whoever cuts the line cannot shorten the answer."""

    async def ending(connection: Connection) -> None:
        request = await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n{}")
        if b"/cut" in request:
            connection.writer.transport.abort()

    async def main() -> None:
        tls = serving(authority.issue_cert("127.0.0.1"))
        async with listening(ending, tls) as server, direct.at(server.origin) as exchange:
            assert await exchange.send(outgoing(server), LONG) == Incoming(200, {}, b"{}")
            with pytest.raises(ExchangeError) as caught:
                await exchange.send(outgoing(server, target="/cut"), LONG)
            assert caught.value.sent is Sent.ANSWERED

    direct.run(main())
