"""Where the demo world is worked on: who may spend in which account of which team."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An ad account as a team has it, and the users who may spend there."""

    team: str
    account: str
    users: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        return {"adAccountId": self.account}


PLACES = (
    Place("team-acme-brand", "act_1001", ("ana", "ben", "cleo")),
    Place("team-acme-brand", "act_1002", ("ana", "ben")),
    Place("team-acme-agency", "act_1003", ("ana", "kim")),
    Place("team-globex-shop", "act_2001", ("gwen", "hugo")),
    Place("team-globex-agency", "act_2002", ("gwen", "kim")),
)
WORKSPACES = {"acme": ("ana", "ben", "cleo", "kim"), "globex": ("gwen", "hugo", "kim")}
# Who has nothing to look for in which team.
FOREIGN = (("ben", "team-globex-shop"), ("hugo", "team-acme-brand"), ("cleo", "team-acme-agency"))
