"""What somebody wants to be made once, and what he was told became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests import drafts
from tests.money.asks import PATHS
from tests.soak.places import Place

FORM = "createLeadForm"


class End(StrEnum):
    """How an intent stands."""

    OPEN = "open"
    CREATED = "created"  # answered 201
    SETTLED = "settled"  # getWrite told that it succeeded
    SEEN = "seen"  # the end was unknown, and there is one of that name in the account
    FAILED = "failed"  # told that nothing was made, and given up


@dataclass
class Intent:
    """One thing to make. Several may bear one name; `keys` are those that were used, in order."""

    number: int
    user: str
    place: Place
    operation: str
    name: str
    seed: int
    end: End = End.OPEN
    made: str | None = None
    keys: list[str] = field(default_factory=list)

    def new_key(self) -> None:
        """Only before the first attempt, and when nobody will know what became of the last."""
        self.keys.append(f"soak-{self.seed}-{self.number}-{len(self.keys)}")

    @property
    def key(self) -> str:
        return self.keys[-1]

    @property
    def path(self) -> str:
        return f"/teams/{self.place.team}{PATHS[self.operation]}"

    @property
    def body(self) -> dict[str, Any]:
        name = "name" if self.operation == FORM else "campaignName"
        number = self.place.account.removeprefix("act_")
        page = {"pageId": f"page_{number}_1"}
        form = {"leadFormId": f"form_{number}_1"} if "Lead" in self.operation else {}
        own = page | (form if self.operation == "createLeadCampaign" else {})
        return drafts.BODIES[self.operation] | own | {name: self.name}

    def ended(self, end: End, answer: Any = None) -> None:
        """`answer` is what the operation answers, or would have."""
        self.end = end
        if isinstance(answer, dict):
            self.made = answer.get("id" if self.operation == FORM else "campaignId")
