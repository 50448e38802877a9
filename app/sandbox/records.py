"""What the platform keeps: users, workspaces, teams, connections, ad accounts and their ads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Role = Literal["ADMIN", "MEMBER"]
Permission = Literal["MANAGER", "VIEWER"]
Status = Literal["ACTIVE", "PAUSED"]

_DAY = 86_400

# What each objective is optimised for when nobody says.
GOALS = {
    "OUTCOME_TRAFFIC": "LINK_CLICKS",
    "OUTCOME_SALES": "OFFSITE_CONVERSIONS",
    "OUTCOME_LEADS": "LEAD_GENERATION",
    "OUTCOME_AWARENESS": "REACH",
    "OUTCOME_ENGAGEMENT": "POST_ENGAGEMENT",
}


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
class Page:
    """A Facebook page."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class LeadForm:
    """A form of a page; `account` is the internal id of the ad account it was made for."""

    id: str
    name: str
    page: str
    account: str


@dataclass(frozen=True, slots=True)
class Creative:
    """What an ad shows: a picture, or a video with its thumbnail."""

    id: str
    name: str
    page: str
    title: str
    text: str
    call_to_action: str
    url: str | None = None
    image_url: str | None = None
    video_id: str | None = None
    thumbnail_url: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Ad:
    id: str
    name: str
    creative: Creative


@dataclass(frozen=True, slots=True)
class AdSet:
    """`targeting` is answered as it is kept."""

    id: str
    name: str
    goal: str
    ads: tuple[Ad, ...]
    targeting: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Campaign:
    """`history` lists every change of status with its time; the first entry is its beginning.

    `starts` and `ends` bound the delivery where somebody set a schedule. `daily_budget` is in
    minor units.
    """

    id: str
    account: str
    name: str
    objective: str
    daily_budget: int
    created: float
    updated: float
    history: tuple[tuple[float, Status], ...]
    ad_sets: tuple[AdSet, ...]
    starts: float | None = None
    ends: float | None = None
    special_categories: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        return self.history[-1][1]

    @property
    def first_day(self) -> date:
        """The day before which there cannot be any delivery."""
        return datetime.fromtimestamp(self.history[0][0], tz=UTC).date()

    def active_seconds(self, day: date, until: float) -> int:
        """How long this campaign ran on that day (UTC), as seen at `until`."""
        midnight = midnight_of(day)
        start = max(midnight, self.starts or midnight)
        end = min(midnight + _DAY, until, self.ends or until)
        ends = [at for at, _ in self.history[1:]] + [end]
        seconds = 0.0
        for (began, status), ended in zip(self.history, ends, strict=True):
            if status == "ACTIVE":
                seconds += max(0.0, min(ended, end) - max(began, start))
        return int(seconds)


def midnight_of(day: date) -> float:
    """The moment (UTC) at which that day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def days(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included; none when they are out of order."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
