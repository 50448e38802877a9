"""Cookies: read strictly from the raw bytes, written by one set of rules.

Pairs whose name is not a token (RFC 9110, section 5.6.2) are ignored: a neighbouring domain can
plant odd cookies, and they must neither be taken for ours nor lock anybody out. Quotation marks
belong to the value (RFC 6265, section 5.2), so a quoted id is an id that nobody issued.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.errors import Malformed
from app.session.headers import Headers, values
from app.settings import SettingsFault
from app.settings_check import is_loopback

LOGIN_SECONDS = 600
LOGIN_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

Pairs = tuple[tuple[str, str], ...]


def parse(headers: Headers) -> Pairs:
    """The name-value pairs of all Cookie headers (HTTP/2 may split them), in order."""
    parts = (part for line in values(headers, b"cookie") for part in line.split(b";"))
    return tuple(pair for part in parts if (pair := _pair(part)) is not None)


def _pair(part: bytes) -> tuple[str, str] | None:
    name, sign, value = part.strip(b" \t").partition(b"=")
    if not sign or not _TOKEN.fullmatch(name):
        return None
    return name.decode("ascii"), value.decode("latin-1")


def one(pairs: Pairs, name: str) -> str | None:
    """The value of that cookie, None without it. Sent twice it names nobody: Malformed."""
    found = [value for key, value in pairs if key == name]
    if len(found) > 1:
        raise Malformed("A cookie was sent twice.", reason="duplicate credential cookie")
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class CookieRules:
    """Names and attributes of the gateway's own cookies, derived from the public origin."""

    secure: bool
    session: str
    login_prefix: str

    @classmethod
    def of(cls, origin: str) -> CookieRules:
        """`__Host-` and Secure, except on a plain-http loopback origin, where browsers refuse both."""
        if origin.startswith("https://"):
            return cls(secure=True, session="__Host-bff", login_prefix="__Host-bff-login-")
        if not is_loopback(origin):
            raise SettingsFault(["BFF_PUBLIC__ORIGIN must be https: session cookies are Secure."])
        return cls(secure=False, session="bff-dev", login_prefix="bff-dev-login-")

    def start_session(self, session_id: str) -> str:
        """The Set-Cookie line of a session. No Max-Age: the server alone knows when it ends."""
        return self._line(self.session, session_id, "SameSite=Strict")

    def end_session(self) -> str:
        """The Set-Cookie line that makes the browser forget its session."""
        return self._line(self.session, "", "SameSite=Strict", "Max-Age=0")

    def start_login(self, login_id: str, secret: str) -> str:
        """The Set-Cookie line that binds a login to this browser.

        Lax, since the way back from the identity provider is a cross-site navigation.
        """
        return self._line(
            self.login_prefix + login_id, secret, "SameSite=Lax", f"Max-Age={LOGIN_SECONDS}"
        )

    def end_login(self, login_id: str) -> str:
        """The Set-Cookie line that makes the browser forget a login."""
        return self._line(self.login_prefix + login_id, "", "SameSite=Lax", "Max-Age=0")

    def logins(self, pairs: Pairs) -> dict[str, str]:
        """The logins that this browser holds: id to secret."""
        prefix = self.login_prefix
        held = ((name.removeprefix(prefix), v) for name, v in pairs if name.startswith(prefix))
        return {login_id: secret for login_id, secret in held if LOGIN_ID.fullmatch(login_id)}

    def _line(self, name: str, value: str, *attributes: str) -> str:
        secure = ("Secure",) if self.secure else ()
        return "; ".join((f"{name}={value}", "Path=/", "HttpOnly", *secure, *attributes))
