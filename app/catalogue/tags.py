"""Tags: what a kept answer, fact or proof depends on. A write drops tags; what bears one is gone."""

from __future__ import annotations

from msgspec import Struct


class Tag(Struct, frozen=True, order=True, cache_hash=True, gc=False):
    """One thing that can change, e.g. `Tag("team", "t1")`."""

    kind: str
    id: str


def user(user: str) -> Tag:
    """Everything kept for one user: his reads, facts and proofs."""
    return Tag("user", user)


def workspace(enterprise_id: str) -> Tag:
    """A workspace's own data and its admin."""
    return Tag("workspace", enterprise_id)


def teams(enterprise_id: str) -> Tag:
    """The list of a workspace's teams, with their members."""
    return Tag("teams", enterprise_id)


def below_workspace(enterprise_id: str) -> Tag:
    """All that hangs from a workspace."""
    return Tag("below-workspace", enterprise_id)


def team(team_id: str) -> Tag:
    """A team's own data and its members."""
    return Tag("team", team_id)


def all_teams() -> Tag:
    """Who is in which team, everywhere: for a change of a workspace that reaches its teams.

    What is known of a team was asked for before it was known whose team it is.
    """
    return Tag("all-teams", "")


def below_team(team_id: str) -> Tag:
    """All that hangs from a team."""
    return Tag("below-team", team_id)


def connections(team_id: str) -> Tag:
    """A team's connections, and so which ad accounts are its own."""
    return Tag("connections", team_id)


def account(ad_account_id: str) -> Tag:
    """An ad account's data, whoever reads it."""
    return Tag("account", ad_account_id)


def all_connections() -> Tag:
    """The connections of every team: lists over a workspace depend on teams not known before."""
    return Tag("all-connections", "")


def lead_forms(ad_account_id: str) -> Tag:
    """The lead forms of an ad account's pages."""
    return Tag("lead-forms", ad_account_id)


def reader(user: str, team_id: str, ad_account_id: str) -> Tag:
    """What one user may see of one ad account through one team."""
    return Tag("reader", "/".join((user, team_id, ad_account_id)))


def fact(operation: str, user: str, about: str) -> Tag:
    """What the platform said to one user about one object, wherever that is remembered."""
    return Tag("fact", "/".join((operation, user, about)))
