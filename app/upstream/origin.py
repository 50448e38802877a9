"""The one origin that is asked directly, and how the head of a request to it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.upstream.exchange import ExchangeError, Outgoing, Sent, header_lines

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# These announce an empty body too (RFC 9110, section 8.6).
WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
PORTS = {"http": 80, "https": 443}
# Visible characters of ASCII without the one that begins a fragment.
_PLAIN = re.compile(r'[!-"$-~]*')


@dataclass(frozen=True, slots=True)
class Origin:
    """`prefix` is how its URLs begin, `name` what the Host header says."""

    prefix: str
    secure: bool
    host: str
    port: int
    name: str
    # What every head goes on with after its address.
    _common: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        common = f" HTTP/1.1\r\nHost: {self.name}\r\naccept-encoding: identity\r\n"
        object.__setattr__(self, "_common", common)

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
        headers = header_lines(request.headers)
        if request.body or request.method in WITH_LENGTH:
            headers += f"content-length: {len(request.body or b'')}\r\n"
        first = f"{request.method} {self._target(request.url)}"
        return f"{first}{self._common}{headers}\r\n".encode("ascii")

    def _target(self, url: str) -> str:
        """Path and query, exactly as given."""
        if _PLAIN.fullmatch(url) is None:
            raise ExchangeError(Sent.NO, "address cannot be said")
        target = url.removeprefix(self.prefix)
        if target == url or target[:1] not in {"", "/", "?"}:
            raise ExchangeError(Sent.NO, "address of another origin")
        return target if target[:1] == "/" else f"/{target}"
