"""A browser whose requests a balancer spreads over replicas: one origin, one cookie jar."""

from __future__ import annotations

import time
from typing import Any

import httpx2 as httpx

from app.testing.world import Browser
from tests.replicas.cluster import Cluster

PATIENCE = 10.0


class Patient(Browser):
    """Asks again when the gateway says that it could not ask Redis: on a busy machine even a Redis
    that is there can be too slow to be waited for."""

    patient = True

    def request(self, *args: Any, **kwargs: Any) -> httpx.Response:
        until = time.monotonic() + PATIENCE
        while True:
            answer = super().request(*args, **kwargs)
            if answer.status_code != 503 or not self.patient or time.monotonic() > until:
                return answer


class Balanced:
    """`at(0)` and `at(1)` are the same browser; its next requests go to that replica."""

    def __init__(self, cluster: Cluster) -> None:
        self._origins = [gateway.origin for gateway in cluster.gateways]
        self._browser = Patient(self._origins[0])

    def at(self, replica: int) -> Patient:
        self._browser.base_url = self._origins[replica]
        return self._browser

    def sign_in(self, user: str, began: int = 0, finished: int = 1) -> httpx.Response:
        """The login begins at one replica and is finished at the other."""
        return self.finish(self.start(user, began), finished)

    def start(self, user: str, replica: int = 0) -> str:
        """What the provider sends the browser back with; the code is issued, and not used yet."""
        browser = self.at(replica)
        back = browser.choose(browser.get("/auth/login").headers["location"], user)
        return httpx.URL(back).raw_path.decode()

    def finish(self, back: str, replica: int = 1) -> httpx.Response:
        return self.at(replica).get(back, headers={"Sec-Fetch-Site": "cross-site"})

    def statuses(self, path: str = "/auth/session") -> list[int]:
        """What each replica answers."""
        return [self.at(which).get(path).status_code for which in range(len(self._origins))]

    def __enter__(self) -> Balanced:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
