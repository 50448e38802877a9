"""The one origin that is asked directly, and how the head of a request to it reads."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from app.upstream.exchange import ExchangeError, Outgoing, Sent, check_headers

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# These announce an empty body too (RFC 9110, section 8.6).
WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """`prefix` is how its URLs begin, `name` what the Host header says."""

    prefix: str
    secure: bool
    host: str
    port: int
    name: str

    @staticmethod
    def of(url: str) -> Origin:
        """That of a URL; raises ValueError when it has none that can be asked."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
            raise ValueError("not an http(s) address")
        usual = PORTS[parts.scheme]
        port = parts.port or usual
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return Origin(
            url[: len(parts.scheme) + 3 + len(parts.netloc)],
            parts.scheme == "https",
            parts.hostname,
            port,
            name if port == usual else f"{name}:{port}",
        )

    def head(self, request: Outgoing) -> bytes:
        """The head of the request; raises ExchangeError, not sent, where none can say it."""
        if request.method not in METHODS:
            raise ExchangeError(Sent.NO, "no such method")
        check_headers(request.headers)
        lines = [
            f"{request.method} {self._target(request.url)} HTTP/1.1\r\n",
            f"Host: {self.name}\r\n",
            "accept-encoding: identity\r\n",
        ]
        lines += [f"{name}: {value}\r\n" for name, value in request.headers.items()]
        if request.body or request.method in WITH_LENGTH:
            lines.append(f"content-length: {len(request.body or b'')}\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("ascii")

    def _target(self, url: str) -> str:
        """Path and query, exactly as given."""
        if not (url.isascii() and url.isprintable()) or " " in url or "#" in url:
            raise ExchangeError(Sent.NO, "address cannot be said")
        target = url[len(self.prefix) :]
        if not url.startswith(self.prefix) or target[:1] not in {"", "/", "?"}:
            raise ExchangeError(Sent.NO, "address of another origin")
        return target if target.startswith("/") else f"/{target}"
