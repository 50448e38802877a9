"""A client of the sandbox's platform, as the gateway is one."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2

from app.clock import MovableClock
from app.sandbox.server import SandboxServer
from app.sandbox.state import Sandbox

KEY = "key-current"
PREVIOUS_KEY = "key-previous"
GATEWAY = "http://localhost:8000"


class Platform:
    """Calls a running sandbox over HTTP; a user's token is fetched when he is first named."""

    def __init__(self, server: SandboxServer, clock: MovableClock) -> None:
        self.origin = server.origin
        self.sandbox: Sandbox = server.sandbox
        self.clock = clock
        self.http = httpx2.Client(base_url=server.origin, timeout=5)
        self._pairs: dict[str, dict[str, str]] = {}

    def pair(self, user: str) -> dict[str, str]:
        """The user's tokens."""
        if user not in self._pairs:
            answer = self.call("POST", "/auth/token", json={"externalUserId": user})
            self._pairs[user] = answer.json()["data"]
        return self._pairs[user]

    def call(
        self,
        method: str,
        path: str,
        user: str | None = None,
        *,
        json: object = None,
        key: str | None = KEY,
        bearer: str | None = None,
    ) -> httpx2.Response:
        headers = {} if key is None else {"x-api-key": key}
        if user is not None:
            bearer = self.pair(user)["accessToken"]
        if bearer is not None:
            headers["authorization"] = f"Bearer {bearer}"
        return self.http.request(method, f"/api/v1{path}", headers=headers, json=json)

    def data(self, method: str, path: str, user: str, *, json: object = None) -> Any:
        """The data of a success; anything else fails the test."""
        answer = self.call(method, path, user, json=json)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def order(self, path: str, **order: object) -> httpx2.Response:
        """One of the sandbox's controls."""
        return self.http.post(f"/_sandbox{path}", json=order)


def claims_of(token: str) -> dict[str, Any]:
    """The claims inside a JWT, unverified."""
    payload = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return decoded


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Asserts the platform's error envelope and answers its `error`."""
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status, answer.text
    assert set(body) == {"success", "error", "timestamp", "statusCode", "path"}
    assert (body["success"], body["statusCode"]) == (False, status)
    assert body["path"] == answer.request.url.path
    assert body["error"]["code"] == code
    error: dict[str, Any] = body["error"]
    return error
