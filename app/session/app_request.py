"""A native app's request to sign somebody in (RFC 8252), bound to its secret by PKCE (RFC 7636)."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

CHALLENGE = r"^[A-Za-z0-9_-]{43}$"
VERIFIER = r"^[A-Za-z0-9._~-]{43,128}$"
# VSCHAR of RFC 6749.
STATE = r"^[\x20-\x7e]{1,512}$"
LONGEST_REDIRECT = 2048


@dataclass(frozen=True, slots=True)
class AppRequest:
    """Where the app waits, the hash of its secret, and what it wants back beside the code."""

    redirect: str
    challenge: str = field(repr=False)
    state: str = field(repr=False)

    @property
    def is_claimed(self) -> bool:
        """Whether the system proves that the address is this app's: an https address that it claims.

        A scheme can be registered by any app.
        """
        return urlsplit(self.redirect).scheme == "https"

    def answer(self, code: str) -> str:
        """The address that hands the code over. Redirects are configured without a query."""
        return f"{self.redirect}?{urlencode({'code': code, 'state': self.state})}"
