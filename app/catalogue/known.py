"""What the access check established about one request; operations read it, nobody writes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.caller import Caller
from app.catalogue.shapes import Role
from app.catalogue.tags import Tag


@dataclass(frozen=True, slots=True)
class Account:
    """An ad account that is connected to a team: both of its ids and where it hangs."""

    id: str
    internal_id: str
    name: str | None
    connection_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """The caller and the facts that his request was allowed on.

    `believed` says that the platform could not be asked and the last positive answer was taken:
    only cached reads may be served on it. The facts may be decided on again before `until` (seconds
    since the epoch), while each of the `epochs` that they were learnt under stands. `return_address` is the one-time address where a consent
    ends, for the operation that starts one. `insights_by_internal_id` is the setting that says which
    of an account's two ids operation 22 takes.
    """

    caller: Caller
    enterprise_id: str | None = None
    workspace_admin: bool = False
    role: Role | None = None
    members: Mapping[str, Role] = field(default_factory=dict)
    account: Account | None = None
    believed: bool = False
    until: float = math.inf
    epochs: tuple[Mapping[Tag, bytes], ...] = ()
    return_address: str | None = None
    insights_by_internal_id: bool = False

    @property
    def administers_team(self) -> bool:
        return self.workspace_admin or self.role is Role.ADMIN
