"""Questions of Acme's brand team, each a new one, so that nothing kept answers them."""

from __future__ import annotations

from datetime import date, timedelta

from app.catalogue.insights import GetMetaInsights
from tests.inside import Inside


def question(
    number: int, team: str = "team-acme-brand", account: str = "act_1001"
) -> GetMetaInsights:
    """Different numbers are different questions."""
    day = date(2025, 1, 1) + timedelta(days=number)
    return GetMetaInsights(team_id=team, ad_account_id=account, start_date=day, end_date=day)


async def ask(gateway: Inside, number: int, user: str = "ben") -> None:
    """A question that has to be answered by the platform, and is."""
    await gateway.ask(user, question(number))


async def prime(gateway: Inside, user: str = "ben") -> str:
    """Tokens are there; gives the access token."""
    return await gateway.parts.platform.tokens.access(user)


def token_of(gateway: Inside, user: str = "ben") -> str:
    return gateway.parts.platform.tokens._pairs[user].access
