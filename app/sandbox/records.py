"""What the platform keeps: users, workspaces, teams, connections, ad accounts and campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Role = Literal["ADMIN", "MEMBER"]
Permission = Literal["MANAGER", "VIEWER"]
Status = Literal["ACTIVE", "PAUSED"]

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class User:
    external_id: str
    id: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """Addressed by `enterprise_id`; `admin` is an external user id."""

    id: str
    enterprise_id: str
    name: str
    admin: str
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    enterprise_id: str
    name: str
    is_default: bool
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    user: str
    role: Role
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class AdAccount:
    """`id` is the internal one, `account_id` the advertising platform's (`act_…`)."""

    id: str
    account_id: str
    name: str
    platform: str = "meta"


@dataclass(frozen=True, slots=True)
class Connection:
    """A team's consent; `accounts` are internal ids, and may be shared with other connections."""

    id: str
    team_id: str
    accounts: tuple[str, ...]
    platform: str = "meta"


@dataclass(frozen=True, slots=True)
class Grant:
    """A member's right on one account; it holds in one team only."""

    id: str
    permission: Permission
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class Ad:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class AdSet:
    id: str
    name: str
    ads: tuple[Ad, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """`history` lists every change of status with its time; the first entry is its beginning."""

    id: str
    account: str
    name: str
    objective: str
    daily_budget: int
    created: float
    updated: float
    history: tuple[tuple[float, Status], ...]
    ad_sets: tuple[AdSet, ...]

    @property
    def status(self) -> Status:
        return self.history[-1][1]

    @property
    def first_day(self) -> date:
        """The day before which there cannot be any delivery."""
        return datetime.fromtimestamp(self.history[0][0], tz=UTC).date()

    def active_seconds(self, day: date) -> int:
        """How long this campaign runs on that day (UTC), if nobody changes it any more."""
        start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        end = start + _DAY
        ends = [at for at, _ in self.history[1:]] + [end]
        seconds = 0.0
        for (began, status), ended in zip(self.history, ends, strict=True):
            if status == "ACTIVE":
                seconds += max(0.0, min(ended, end) - max(began, start))
        return int(seconds)


def days(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included; none when they are out of order."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
