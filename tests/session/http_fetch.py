"""Fetch as the gateway is given it: nothing followed, no cookies kept, failures as problems."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2

from app.errors import UpstreamTimeout, UpstreamUnavailable
from app.session.fetch import Fetched


class HttpFetch:
    """Fetch over a real client."""

    def __init__(self) -> None:
        self.client = httpx2.AsyncClient(trust_env=False, timeout=5)

    async def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Fetched:
        try:
            answer = await self.client.request(method, url, headers=dict(headers), content=body)
        except httpx2.TimeoutException:
            raise UpstreamTimeout from None
        except httpx2.HTTPError:
            raise UpstreamUnavailable from None
        return Fetched(answer.status_code, dict(answer.headers), answer.content)
