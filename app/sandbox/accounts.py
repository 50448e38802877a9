"""Which ad accounts a Meta operation is about: the named one, or what the team has."""

from __future__ import annotations

from app.sandbox.records import AdAccount
from app.sandbox.refusal import forbidden
from app.sandbox.state import Asking
from app.sandbox.wire import Fields


def read_account(asking: Asking) -> AdAccount:
    """The account that has to be named."""
    return asking.rights.reads(asking.path["teamId"], account_id(asking))


def written_account(asking: Asking) -> AdAccount:
    """The named account, which may be left out by a team that has just one."""
    team_id = asking.path["teamId"]
    listed = asking.world.accounts_of(asking.rights.team(team_id).id)
    if _named(asking) is None and len(listed) == 1:
        return asking.rights.writes(team_id, listed[0].account_id)
    return asking.rights.writes(team_id, account_id(asking))


def readable_accounts(asking: Asking) -> list[AdAccount]:
    """The named account, or all of the team's that the caller may read."""
    if _named(asking) is not None:
        return [read_account(asking)]
    return asking.rights.accounts(asking.path["teamId"], writing=False)


def writable_accounts(asking: Asking) -> list[AdAccount]:
    """The named account, or all of the team's that the caller may write; never none."""
    team_id = asking.path["teamId"]
    if (named := _named(asking)) is not None:
        return [asking.rights.writes(team_id, named)]
    listed = asking.rights.accounts(team_id, writing=True)
    if not listed:
        raise forbidden()
    return listed


def team_accounts(asking: Asking) -> list[AdAccount]:
    """The named account, for who may read it; or all of the team's, for any of its members."""
    if _named(asking) is not None:
        return [read_account(asking)]
    return asking.world.accounts_of(asking.rights.team(asking.path["teamId"]).id)


def _named(asking: Asking) -> str | None:
    return asking.query.get("adAccountId") or None


def account_id(asking: Asking) -> str:
    """The id that has to be there."""
    query = Fields(dict(asking.query))
    named = query.text("adAccountId")
    query.done()
    return named
