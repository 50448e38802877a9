"""A native app's request to sign somebody in (RFC 8252), bound to its secret by PKCE (RFC 7636)."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from app.patterns import in_words, url_safe

CHALLENGE = url_safe(43)
VERIFIER = in_words(
    r"^[A-Za-z0-9._~-]{43,128}$",
    "use 43 to 128 letters, digits and . _ ~ - (RFC 7636, section 4.1)",
)
# VSCHAR of RFC 6749.
STATE = in_words(r"^[\x20-\x7e]{1,512}$", "use 1 to 512 printable characters of ASCII")
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
