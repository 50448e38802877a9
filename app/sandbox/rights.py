"""Who may do what at the platform: workspace admin, team ADMIN and MEMBER, MANAGER and VIEWER."""

from __future__ import annotations

from app.sandbox.records import AdAccount, Team, Workspace
from app.sandbox.refusal import forbidden, not_found
from app.sandbox.world import World


class Rights:
    """One caller's rights. Each question answers with the object, or raises a Refusal.

    404 for what is absent or in a workspace that the caller has nothing to do with, 403 for what
    his role does not allow. With `actor` None everything inside the tenant is allowed.
    """

    def __init__(self, world: World, actor: str | None) -> None:
        self._world = world
        self._actor = actor

    def workspace(self, enterprise_id: str) -> Workspace:
        """To its admin and to the members of its teams."""
        found = self._world.workspaces.get(enterprise_id)
        if found is None or not self._belongs(found):
            raise not_found("Workspace")
        return found

    def workspace_admin(self, enterprise_id: str) -> Workspace:
        found = self.workspace(enterprise_id)
        if self._actor not in (None, found.admin):
            raise forbidden()
        return found

    def team(self, team_id: str) -> Team:
        """To its members and to its workspace's admin."""
        found = self._known_team(team_id)
        if self._role(found) is None:
            raise forbidden()
        return found

    def team_admin(self, team_id: str) -> Team:
        found = self._known_team(team_id)
        if self._role(found) != "ADMIN":
            raise forbidden()
        return found

    def reads(self, team_id: str, account_id: str) -> AdAccount:
        """An account of the team: to its ADMIN, MANAGER and VIEWER."""
        return self._account(team_id, account_id, writing=False)

    def writes(self, team_id: str, account_id: str) -> AdAccount:
        """An account of the team: to its ADMIN and MANAGER."""
        return self._account(team_id, account_id, writing=True)

    def accounts(self, team_id: str, *, writing: bool) -> list[AdAccount]:
        """Those of the team's accounts that the caller may read, or write."""
        team = self.team(team_id)
        listed = self._world.accounts_of(team.id)
        return [one for one in listed if self._may(team, one, writing=writing)]

    def reads_somewhere(self, any_id: str) -> AdAccount:
        """An account in whichever team lets the caller read it."""
        found = self._world.account(any_id)
        if found is None:
            raise not_found("Ads account")
        teams = [self._world.teams[one] for one in self._world.teams_with(found.id)]
        if self._actor is None or any(self._may(team, found, writing=False) for team in teams):
            return found
        if any(self._belongs(self._world.workspaces[team.enterprise_id]) for team in teams):
            raise forbidden()
        raise not_found("Ads account")

    def administers_account(self, account: str) -> AdAccount:
        """An account by its internal id: to the ADMIN of a team that has it; unconnected, to any."""
        found = self._world.accounts.get(account)
        if found is None:
            raise not_found("Ads account")
        teams = [self._world.teams[one] for one in self._world.teams_with(account)]
        if any(self._role(team) == "ADMIN" for team in teams or self._world.teams.values()):
            return found
        raise forbidden()

    def _account(self, team_id: str, account_id: str, *, writing: bool) -> AdAccount:
        team = self.team(team_id)
        found = self._world.account(account_id)
        if found is None or found.account_id != account_id:
            raise not_found("Ads account")
        if self._actor is None:
            return found
        if team.id not in self._world.teams_with(found.id):
            raise not_found("Ads account")
        if not self._may(team, found, writing=writing):
            raise forbidden()
        return found

    def _may(self, team: Team, account: AdAccount, *, writing: bool) -> bool:
        role = self._role(team)
        if role != "MEMBER":
            return role == "ADMIN"
        grant = self._world.grants.get((team.id, account.id, str(self._actor)))
        return grant is not None and (grant.permission == "MANAGER" or not writing)

    def _known_team(self, team_id: str) -> Team:
        found = self._world.teams.get(team_id)
        if found is None or not self._belongs(self._world.workspaces[found.enterprise_id]):
            raise not_found("Team")
        return found

    def _belongs(self, workspace: Workspace) -> bool:
        if self._actor in (None, workspace.admin):
            return True
        teams = self._world.teams_of(workspace.enterprise_id)
        return any((team.id, self._actor) in self._world.members for team in teams)

    def _role(self, team: Team) -> str | None:
        if self._actor in (None, self._world.workspaces[team.enterprise_id].admin):
            return "ADMIN"
        member = self._world.members.get((team.id, str(self._actor)))
        return member.role if member else None
