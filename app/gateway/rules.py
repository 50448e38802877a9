"""The rules of access: each is one method, and establishes something or raises.

NotFound where the caller has no business with the object (absent and foreign look alike), Forbidden
where he may see it and lacks the role. What the facts cannot say passes through: see facts.py.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.caller import Caller
from app.catalogue.known import Account, Known
from app.catalogue.operation import Operation, Rule
from app.catalogue.shapes import Role
from app.errors import AccountShared, Forbidden, NotAMember, NotFound, Problem
from app.gateway.decisions import DECIDING, is_read
from app.gateway.fact_shapes import ConnectionOnWire, Unreadable
from app.gateway.facts import Denied, Facts, Learnt
from app.ledger.grants import Grants, Remembered
from app.settings import AccessSettings, AdAccountChecks, UnknownGrants
from app.upstream.envelope import Refusal, Refused

# While a consent may be under way, a team's connections are believed this long (seconds).
CONSENT_AGE = 2.0
# When what rests on no remembered fact may be decided again without asking.
NEVER = -math.inf


@dataclass(frozen=True, slots=True)
class Asked:
    """One request under judgement: how old facts may be, and what is known so far."""

    operation: Operation[Any]
    caller: Caller
    age: float
    known: Known

    def learns(self, fact: Learnt[Any] | None = None, **established: Any) -> Asked:
        """What was established, by this fact or by none. What rests on several ends with the first."""
        known = replace(self.known, **established)
        if fact is not None:
            known = replace(
                known,
                believed=known.believed or fact.believed,
                until=min(known.until, fact.until),
                epochs=(*known.epochs, fact.epochs),
            )
        return replace(self, known=known)

    def value(self, field: str) -> Any:
        """The operation's field that a rule looks at; its declaration was checked to have it."""
        assert field in DECIDING or not is_read(self.operation), f"decisions do not know of {field}"
        return getattr(self.operation, field)


class Rules:
    """Decides from facts and the ledger; `consenting` tells whose connections may change now."""

    def __init__(
        self,
        facts: Facts,
        grants: Grants,
        settings: AccessSettings,
        consenting: Callable[[str], bool],
    ) -> None:
        self._facts = facts
        self._grants = grants
        self._settings = settings
        self._consenting = consenting
        self.by_rule: Mapping[Rule, Callable[[Asked], Awaitable[Asked]]] = {
            Rule.USER: self._user,
            Rule.ENTERPRISE: self._enterprise,
            Rule.WORKSPACE: self._workspace,
            Rule.WORKSPACE_ADMIN: self._workspace_admin,
            Rule.TEAM: self._team,
            Rule.TEAM_ADMIN: self._team_admin,
            Rule.WORKSPACE_ROLE: self._workspace_role,
            Rule.ACCOUNT_READ: self._account_read,
            Rule.ACCOUNT_WRITE: self._account_write,
            Rule.ACCOUNT_IF_NAMED: self._account_if_named,
            Rule.ACCOUNT_OF_TEAM: self._account_of_team,
            Rule.CONNECTION_OF_TEAM: self._connection_of_team,
            Rule.SUBJECT_IS_MEMBER: self._subject_is_member,
            Rule.ACCOUNT_OR_SUBJECT: self._account_or_subject,
            Rule.ACCOUNT_NOT_SHARED: self._account_not_shared,
            Rule.CAMPAIGN_OF_ACCOUNT: self._campaign_of_account,
        }

    # --- workspace ----------------------------------------------------------------------------

    async def _user(self, asked: Asked) -> Asked:
        return asked

    async def _enterprise(self, asked: Asked) -> Asked:
        """The caller's enterprise claim names the enterprise; without the claim, if it is open."""
        claimed = asked.caller.enterprises
        if claimed is None and self._settings.open_workspaces:
            return asked
        if claimed is None or asked.value("body").enterprise_id not in claimed:
            raise Forbidden("You may only create the workspace of an enterprise of your own.")
        return asked

    async def _workspace(self, asked: Asked) -> Asked:
        """The workspace's admin, or a member of one of its teams."""
        enterprise_id = asked.value("enterprise_id")
        asked = await self._learn_workspace(asked, enterprise_id)
        if asked.known.workspace_admin:
            return asked
        teams = await self._facts.teams(asked.caller, enterprise_id, asked.age)
        if asked.caller.user not in teams.value.members:
            raise NotFound(reason="in no team of the workspace")
        return asked.learns(teams)

    async def _workspace_admin(self, asked: Asked) -> Asked:
        if not asked.known.workspace_admin:
            raise Forbidden("Only the workspace's admin may do this.")
        return asked

    async def _workspace_role(self, asked: Asked) -> Asked:
        assert asked.known.enterprise_id is not None
        return await self._learn_workspace(asked, asked.known.enterprise_id)

    async def _learn_workspace(self, asked: Asked, enterprise_id: str) -> Asked:
        """Whether the caller is the workspace's admin; that he may not ask means that he is not."""
        try:
            fact = await self._facts.workspace(asked.caller, enterprise_id, asked.age)
        except NotFound:
            # Asked anew each time: a refusal is not remembered.
            return asked.learns(enterprise_id=enterprise_id, workspace_admin=False, until=NEVER)
        admin = fact.value.admin == asked.caller.user
        return asked.learns(fact, enterprise_id=enterprise_id, workspace_admin=admin)

    # --- team ---------------------------------------------------------------------------------

    async def _team(self, asked: Asked) -> Asked:
        """Listed in the team, or the admin of its workspace."""
        fact = await self._facts.team(asked.caller, asked.value("team_id"), asked.age)
        role = fact.value.members.get(asked.caller.user)
        asked = asked.learns(
            fact,
            enterprise_id=fact.value.enterprise_id,
            role=role,
            members=fact.value.members,
        )
        if role is not None:
            return asked
        asked = await self._learn_workspace(asked, fact.value.enterprise_id)
        if not asked.known.workspace_admin:
            raise NotFound(reason="not listed in the team")
        return asked

    async def _team_admin(self, asked: Asked) -> Asked:
        if asked.known.role is not Role.ADMIN and not asked.known.workspace_admin:
            assert asked.known.enterprise_id is not None
            asked = await self._learn_workspace(asked, asked.known.enterprise_id)
        if not asked.known.administers_team:
            raise Forbidden("Only an admin of the team or of its workspace may do this.")
        return asked

    # --- ad account ---------------------------------------------------------------------------

    async def _account_read(self, asked: Asked) -> Asked:
        return await self._account(asked, "read")

    async def _account_write(self, asked: Asked) -> Asked:
        return await self._account(asked, "write")

    async def _account_if_named(self, asked: Asked) -> Asked:
        if asked.value("ad_account_id") is None:
            return await self._team(asked)
        return await self._account(asked, "read")

    async def _account(self, asked: Asked, right: Literal["read", "write"]) -> Asked:
        """In the team, the account is the team's, and the ledger does not say otherwise."""
        asked = await self._account_of_team(await self._team(asked))
        if asked.known.role is Role.ADMIN or asked.known.workspace_admin:
            return asked
        remembered = await self._grants.find(
            asked.value("team_id"), asked.value("ad_account_id"), asked.caller.user
        )
        if remembered is None:
            return await self._unknown_grant(asked)
        least = Remembered.VIEWER if right == "read" else Remembered.MANAGER
        if remembered.permission.allows < least.allows:
            return await self._as_workspace_admin(
                asked, f"Your permission on this ad account does not let you {right} it."
            )
        return asked

    async def _unknown_grant(self, asked: Asked) -> Asked:
        if self._settings.unknown_grants is UnknownGrants.PLATFORM:
            return asked
        return await self._as_workspace_admin(asked, "Nobody granted you this ad account here.")

    async def _as_workspace_admin(self, asked: Asked, otherwise: str) -> Asked:
        """A plain member of the team may still be the admin of its workspace."""
        assert asked.known.enterprise_id is not None
        asked = await self._learn_workspace(asked, asked.known.enterprise_id)
        if not asked.known.workspace_admin:
            raise Forbidden(otherwise)
        return asked

    async def _account_of_team(self, asked: Asked) -> Asked:
        """The ad account hangs from a connection of the team, as far as that can be read."""
        wanted = asked.value("ad_account_id")
        try:
            fact = await self._facts.connections(
                asked.caller, asked.value("team_id"), self._connections_age(asked)
            )
        except Unreadable:
            if self._settings.ad_accounts is AdAccountChecks.VERIFY:
                raise
            return asked.learns(account=Account(wanted, wanted, None, frozenset()), until=NEVER)
        account = fact.value.accounts.get(wanted)
        if account is None:
            raise NotFound(reason="the account is not the team's")
        return asked.learns(fact, account=account)

    def _connections_age(self, asked: Asked) -> float:
        consenting = self._consenting(asked.value("team_id"))
        return min(CONSENT_AGE, asked.age) if consenting else asked.age

    async def _connection_of_team(self, asked: Asked) -> Asked:
        fact = await self._facts.connections(
            asked.caller, asked.value("team_id"), self._connections_age(asked)
        )
        if asked.value("connection_id") not in fact.value.connections:
            raise NotFound(reason="the connection is not the team's")
        return asked.learns(fact)

    async def _account_not_shared(self, asked: Asked) -> Asked:
        """No connection outside this team's holds the account; unknowable counts as shared."""
        account = asked.known.account
        assert account is not None
        try:
            everywhere = await self._facts.tenant_connections(asked.caller)
        except (Problem, Refused, Unreadable):
            raise _uncheckable("operation 16 cannot be read") from None
        holders = frozenset(one.id for one in everywhere if _holds(one, account))
        if not account.connection_ids or not account.connection_ids <= holders:
            raise _uncheckable("operation 16 does not show the team's own connections")
        if holders - account.connection_ids:
            raise AccountShared("Another team uses this ad account. Disconnect it there first.")
        return asked

    async def _campaign_of_account(self, asked: Asked) -> Asked:
        """The account's own list names the campaign."""
        try:
            fact = await self._facts.campaigns(
                asked.caller, asked.value("team_id"), asked.value("ad_account_id"), asked.age
            )
        except Denied as denied:
            if denied.refusal is Refusal.FORBIDDEN:
                raise Forbidden("The ads platform does not let you do this.") from None
            raise
        if asked.value("campaign_id") not in fact.value.ids:
            raise NotFound(reason="the campaign is not the account's")
        return asked.learns(fact)

    # --- the user whom a permission is about -----------------------------------------------------

    async def _subject_is_member(self, asked: Asked) -> Asked:
        if asked.operation.subject not in asked.known.members:
            raise NotAMember("Assign the user to the team first.")
        return asked

    async def _account_or_subject(self, asked: Asked) -> Asked:
        """A permission can also be taken from an account that left, or from a user who did."""
        try:
            return await self._account_of_team(asked)
        except NotFound:
            if asked.operation.subject not in asked.known.members:
                raise
            wanted = asked.value("ad_account_id")
            return asked.learns(account=Account(wanted, wanted, None, frozenset()), until=NEVER)


def _holds(connection: ConnectionOnWire, account: Account) -> bool:
    """By either id: it is removed by the internal one."""
    return any(
        found.account_id == account.id or found.internal_id == account.internal_id
        for found in connection.accounts
    )


def _uncheckable(reason: str) -> AccountShared:
    return AccountShared(
        "Whether other teams use this ad account cannot be checked.", reason=reason
    )
