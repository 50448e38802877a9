"""Writes that spend money: each carries an Idempotency-Key, so that it is carried out once.

What became of one whose end was not seen is found out by what it makes: a thing that bears the name
that was sent, in a list that did not hold it before.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import Field, StringConstraints

from app.catalogue.operation import Read, Write
from app.catalogue.parameters import InHeader, Local
from app.catalogue.shapes import AdAccountId, TeamId
from app.patterns import in_words

R = TypeVar("R")

IdempotencyKey = Annotated[
    str,
    StringConstraints(
        pattern=in_words(
            r"^[A-Za-z0-9._-]{1,64}$", "use 1 to 64 letters, digits, ., _ and -, as a UUID has them"
        )
    ),
    Field(
        description="Names this attempt: the same key again gives the same answer, and spends "
        "nothing again. Take a new random one (a UUID) for everything that is meant to happen anew",
        examples=["6f1c1e0a-0d53-4b0e-9d3e-3f1a8f0f7d1b"],
    ),
]


class Spend(Write[R], Generic[R], abstract=True):
    """Spends money."""

    policy: ClassVar[tuple[str, ...]] = (*Write.policy, "listing", "name", "made")

    team_id: TeamId
    ad_account_id: AdAccountId
    idempotency_key: Annotated[IdempotencyKey, InHeader("Idempotency-Key"), Local()]

    @property
    def daily_budget(self) -> int | None:
        """In whole currency units; None where nothing is spent by the day."""
        return None

    @classmethod
    @abstractmethod
    def listing(cls, team_id: str, ad_account_id: str) -> Read[Any]:
        """The list in which what this makes appears, with `id` and `name`."""

    @classmethod
    @abstractmethod
    def made(cls, found: str) -> R:
        """The answer when that id is all that is known of what was made."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name that what this makes will bear there."""
