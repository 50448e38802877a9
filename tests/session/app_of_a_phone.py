"""A native app as far as HTTP goes: it makes a verifier, opens a browser, and exchanges the code."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape

import httpx2

from app.testing.world import Browser

from .browser import query_of

SCHEME = "com.example.app:/signed-in"
CLAIMED = "https://app.example.com/native/signed-in"
_LINK = re.compile(r'<a href="([^"]+)">Continue to the app</a>')


@dataclass
class App:
    """One login of an app, in a browser of its own device."""

    origin: str
    redirect: str = SCHEME
    state: str = "a state with ?&=#\"'<script>"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def request(self, **change: str | None) -> dict[str, str]:
        """The parameters of /auth/login; None takes one away."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked: dict[str, str | None] = {
            "client": "native",
            "redirect": self.redirect,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": self.state,
            **change,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def come_back(self, browser: Browser, user: str = "ana") -> httpx2.Response:
        """The callback's answer, after somebody signed in (or cancelled, for no user)."""
        started = browser.get("/auth/login", params=self.request())
        assert started.status_code == 303, started.text
        back = browser.choose(started.headers["location"], user)
        return browser.get(back, headers={"Sec-Fetch-Site": "cross-site"})

    def code(self, user: str = "ana") -> str:
        """The code that arrives in the app."""
        with Browser(self.origin) as browser:
            return self.opened(self.come_back(browser, user))["code"]

    def opened(self, answer: httpx2.Response) -> dict[str, str]:
        """What the app is opened with: by a redirect, or by the one link of the page."""
        if answer.status_code == 303:
            address = str(answer.headers["location"])
        else:
            assert answer.status_code == 200, answer.text
            (link,) = _LINK.findall(answer.text)
            address = unescape(link)
        assert address.startswith(f"{self.redirect}?")
        return query_of(address)

    def exchange(self, code: str, /, **change: str) -> httpx2.Response:
        body = {"code": code, "codeVerifier": self.verifier, "redirect": self.redirect, **change}
        with httpx2.Client(base_url=self.origin, trust_env=False) as client:
            return client.post("/auth/native/token", json=body)

    def sign_in(self, user: str = "ana") -> Phone:
        answer = self.exchange(self.code(user))
        assert answer.status_code == 200, answer.text
        return Phone(self.origin, answer.json()["accessToken"])


@dataclass(frozen=True)
class Phone:
    """An app that is signed in: it sends its token and nothing that browsers send."""

    origin: str
    token: str

    def ask(self, method: str, path: str, **headers: str) -> httpx2.Response:
        own = {"Authorization": f"Bearer {self.token}"}
        with httpx2.Client(base_url=self.origin, trust_env=False) as client:
            return client.request(method, path, headers={**own, **headers})
