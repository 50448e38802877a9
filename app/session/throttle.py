"""How often one address may try to sign in.

A failed attempt and a successful one cost the same.
"""

from __future__ import annotations

from starlette.requests import Request

from app.cache.rates import Quota, Rates, Share


class SignInThrottle:
    """`per_minute` attempts of one address, 0 for any number."""

    def __init__(self, per_minute: int, rates: Rates) -> None:
        self._quota = Quota(
            "sign-in",
            per_minute,
            "Too many attempts to sign in from your address. Wait a moment.",
        )
        self._rates = rates

    async def __call__(self, request: Request) -> None:
        """A dependency of the routes that sign in; raises RateLimited."""
        address = request.client.host if request.client else ""
        await self._rates.count(Share(self._quota, address))
