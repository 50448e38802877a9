"""Signed-in callers who send what was drawn, as a browser would."""

from __future__ import annotations

from collections import Counter
from typing import Any

import requests
from schemathesis import Response

from app.testing.world import World
from tests.fuzz.document import Drawn, operation_of

# The workspace's admin, the team's, a MANAGER: she first, so that most requests may succeed.
ACME = ("ana", "ana", "ana", "ben", "cleo")
# Whoever creates a workspace must not have one yet.
NEWCOMERS = ("zoe", "zoe", "ana")


class Callers:
    """Who asks is decided by what was drawn. `statuses` counts the answers of each operation."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cookies: dict[str, str] = {}
        # It keeps the connection, and no cookie of an answer.
        self._session = requests.Session()
        self._session.trust_env = False
        self.statuses: dict[str, Counter[int]] = {}

    def of(self, case: Drawn, draw: int) -> str:
        """The user who sends this."""
        group = NEWCOMERS if operation_of(case) == "createWorkspace" else ACME
        return group[draw // 4 % len(group)]

    def send(self, case: Drawn, user: str) -> tuple[Response, dict[str, Any]]:
        """The answer, and what went along with the case."""
        operation = operation_of(case)
        sent = self.sent_by(user)
        self._session.cookies.clear()
        response = case.call(**sent)
        self.statuses.setdefault(operation, Counter())[response.status_code] += 1
        return response, sent

    def sent_by(self, user: str) -> dict[str, Any]:
        if user not in self._cookies:
            self._cookies[user] = self._world.sign_in(user).session_cookie
        return {
            "base_url": self._world.origin,
            "session": self._session,
            "headers": {
                "X-BFF": "1",
                "Sec-Fetch-Site": "same-origin",
                "Origin": self._world.origin,
            },
            "cookies": {"bff-dev": self._cookies[user]},
            "allow_redirects": False,
        }

    def succeeded_at(self, operation: str) -> bool:
        """Whether an answer was what the operation is there for, a redirect in some cases."""
        return any(status < 400 for status in self.statuses.get(operation, ()))

    def close(self) -> None:
        self._session.close()
