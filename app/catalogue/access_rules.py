"""The conditions of access that an operation can name, what each looks at, and what it builds on."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """One condition of access. An operation lists those that must all hold, in order.

    The fields that a rule looks at must exist on the operation, and one of the rules that it
    builds on must stand before it.
    """

    USER = "user"
    ENTERPRISE = "enterprise"
    WORKSPACE = "workspace"
    WORKSPACE_ADMIN = "workspaceAdmin"
    TEAM = "team"
    TEAM_ADMIN = "teamAdmin"
    WORKSPACE_ROLE = "learn whether the workspace's admin"
    ACCOUNT_READ = "account.read"
    ACCOUNT_WRITE = "account.write"
    ACCOUNT_IF_NAMED = "team, and account.read when one is named"
    ACCOUNT_OF_TEAM = "the account is the team's"
    CONNECTION_OF_TEAM = "the connection is the team's"
    SUBJECT_IS_MEMBER = "the user is the team's member"
    ACCOUNT_OR_SUBJECT = "the account is the team's or the user its member"
    ACCOUNT_NOT_SHARED = "no other team has the account"
    CAMPAIGN_OF_ACCOUNT = "the campaign is the account's"

    @property
    def looks_at(self) -> frozenset[str]:
        """Fields of the operation; `subject` is the user whom a permission is about."""
        return _LOOKS_AT.get(self, frozenset())

    @property
    def optional(self) -> frozenset[str]:
        """Of these fields, those that may be left out, because the rule says what that means."""
        return frozenset({"ad_account_id"}) if self is Rule.ACCOUNT_IF_NAMED else frozenset()

    @property
    def builds_on(self) -> frozenset[Rule]:
        """Any of these must have held before; empty when the rule stands by itself."""
        return _BUILDS_ON.get(self, frozenset())


_ACCOUNT = frozenset({"team_id", "ad_account_id"})
_LOOKS_AT: dict[Rule, frozenset[str]] = {
    Rule.ENTERPRISE: frozenset({"body"}),
    Rule.WORKSPACE: frozenset({"enterprise_id"}),
    Rule.TEAM: frozenset({"team_id"}),
    Rule.TEAM_ADMIN: frozenset({"team_id"}),
    Rule.WORKSPACE_ROLE: frozenset({"team_id"}),
    Rule.ACCOUNT_READ: _ACCOUNT,
    Rule.ACCOUNT_WRITE: _ACCOUNT,
    Rule.ACCOUNT_IF_NAMED: _ACCOUNT,
    Rule.ACCOUNT_OF_TEAM: _ACCOUNT,
    Rule.CONNECTION_OF_TEAM: frozenset({"team_id", "connection_id"}),
    Rule.SUBJECT_IS_MEMBER: frozenset({"team_id", "subject"}),
    Rule.ACCOUNT_OR_SUBJECT: _ACCOUNT | {"subject"},
    Rule.ACCOUNT_NOT_SHARED: _ACCOUNT,
    Rule.CAMPAIGN_OF_ACCOUNT: _ACCOUNT | {"campaign_id"},
}

_IN_TEAM = frozenset({Rule.TEAM, Rule.ACCOUNT_READ, Rule.ACCOUNT_WRITE, Rule.ACCOUNT_IF_NAMED})
_ON_ACCOUNT = frozenset({Rule.ACCOUNT_READ, Rule.ACCOUNT_WRITE, Rule.ACCOUNT_OF_TEAM})
_BUILDS_ON: dict[Rule, frozenset[Rule]] = {
    Rule.WORKSPACE_ADMIN: frozenset({Rule.WORKSPACE, Rule.WORKSPACE_ROLE}),
    Rule.TEAM_ADMIN: _IN_TEAM,
    Rule.WORKSPACE_ROLE: _IN_TEAM,
    Rule.ACCOUNT_OF_TEAM: _IN_TEAM,
    Rule.CONNECTION_OF_TEAM: _IN_TEAM,
    Rule.SUBJECT_IS_MEMBER: _IN_TEAM,
    Rule.ACCOUNT_OR_SUBJECT: _IN_TEAM,
    Rule.ACCOUNT_NOT_SHARED: _ON_ACCOUNT,
    Rule.CAMPAIGN_OF_ACCOUNT: _ON_ACCOUNT,
}

# A parameter that names one of these is an object of somebody's: one of its rules must judge it.
JUDGED_BY: dict[str, frozenset[Rule]] = {
    "enterprise_id": frozenset({Rule.WORKSPACE}),
    "team_id": _IN_TEAM,
    "ad_account_id": _ON_ACCOUNT | {Rule.ACCOUNT_OR_SUBJECT, Rule.ACCOUNT_IF_NAMED},
    "connection_id": frozenset({Rule.CONNECTION_OF_TEAM}),
    "campaign_id": frozenset({Rule.CAMPAIGN_OF_ACCOUNT}),
}
