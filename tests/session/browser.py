"""A browser as far as sessions matter: a cookie jar of its own, and no redirect followed unseen."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import httpx2

from .small_provider import SmallProvider

OURS = {"X-BFF": "1", "Sec-Fetch-Site": "same-origin"}


class Browser:
    """Talks to one gateway."""

    def __init__(self, origin: str) -> None:
        self.http = httpx2.Client(base_url=origin, trust_env=False, timeout=10)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def start(self, return_to: str = "/") -> str:
        """Begin a login; the answer is the provider's address."""
        answer = self.http.get("/auth/login", params={"returnTo": return_to})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def finish(self, brought: dict[str, str]) -> httpx2.Response:
        return self.http.get("/auth/callback", params=brought)

    def sign_in(self, provider: SmallProvider, user: str = "ana") -> httpx2.Response:
        answer = self.finish(provider.approve(self.start(), user))
        assert answer.status_code == 303, answer.text
        return answer

    def session(self, **headers: str) -> httpx2.Response:
        return self.http.get("/auth/session", headers={**OURS, **headers})

    def logout(self, **headers: str) -> httpx2.Response:
        return self.http.post("/auth/logout", headers={**OURS, **headers})

    @property
    def session_cookie(self) -> str | None:
        return self.http.cookies.get("bff-dev")


def set_cookies(answer: httpx2.Response) -> list[str]:
    return answer.headers.get_list("set-cookie")


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
