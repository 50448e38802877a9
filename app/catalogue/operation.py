"""An operation is a class; one request is an instance of it.

The class states its route, its upstream address, who may, and how long an answer keeps; its fields
are the parameters; a short method names the tags. None of that has a default: a class that forgets
one does not import. Route, OpenAPI, validation, cache, invalidation, access check and upstream call
are derived from it.

    class ListCampaigns(ListOf[Campaign]):
        '''List the campaigns of an ad account.'''

        route = "GET /teams/{teamId}/meta/campaigns"
        upstream = Upstream(33, "GET /{teamId}/meta/campaigns", Evidence.INFERRED)
        access = (Rule.ACCOUNT_READ,)
        keep = Keep(60, 600)
        share = Share.TEAM

        team_id: TeamId
        ad_account_id: AdAccountId

        def tags(self, known: Known) -> set[Tag]:
            return {account(self.ad_account_id)}

The kinds: `Read` (cached), `ListOf` (a Read of many, cut into pages from our own full copy),
`Write` (sent, then tags dropped) and `Recall` (answered from what the gateway itself remembers).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel

from app.catalogue.access_rules import Rule
from app.catalogue.address import Evidence
from app.catalogue.completion import complete, wire_names
from app.catalogue.keep import ByPeriod, Keep, Share
from app.catalogue.known import Known
from app.catalogue.paged import Paged
from app.catalogue.parameters import Local, Parameter, Place, Wire
from app.catalogue.shapes import Answer, Page, Permission
from app.catalogue.tags import Tag

# A declaration finds all of its words here.
__all__ = [
    "Ask",
    "Grant",
    "ListOf",
    "Local",
    "Operation",
    "Paged",
    "Parameter",
    "Partial",
    "Place",
    "Read",
    "Recall",
    "Rule",
    "Share",
    "Upstream",
    "Wire",
    "Write",
    "wire_names",
]


# Asks an operation of the platform, by its id, with parameters; gives its data.
class Ask(Protocol):
    """Asks the platform by the operation's name; `part` of the time that is left is for the answer."""

    def __call__(
        self, operation: str, parameters: Mapping[str, Any], /, part: float = 1.0
    ) -> Awaitable[Any]: ...


R = TypeVar("R")
I = TypeVar("I", bound=Answer)  # noqa: E741  # one letter, as type variables are


@dataclass(frozen=True, slots=True)
class Upstream:
    """Which operation of the platform serves this: its number in the contract and its address.

    `number` is None for what the contract does not have (see docs/extending.md).
    """

    number: int | None
    address: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Partial:
    """Data that lacks what the platform failed to add: good enough to answer, not to be kept."""

    data: Any


@dataclass(frozen=True, slots=True)
class Grant:
    """What the ledger is to remember of a write: None as permission means revoked."""

    team_id: str
    ad_account_id: str
    user: str
    permission: Permission | None


class Operation(BaseModel, Generic[R]):
    """What every kind shares. Subclass Read, ListOf, Write or Recall instead."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    policy: ClassVar[tuple[str, ...]] = ("route", "upstream", "access", "status")
    safe: ClassVar[bool] = True
    pages: ClassVar[bool] = False

    status: ClassVar[int]
    media_type: ClassVar[str] = "application/json"
    route: ClassVar[str]
    upstream: ClassVar[Upstream | None]
    access: ClassVar[tuple[Rule, ...]]
    wire: ClassVar[Any]

    method: ClassVar[str]
    path: ClassVar[str]
    id: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    # Fields that are sent, each with the platform's name for it.
    sent: ClassVar[tuple[tuple[str, str], ...]]
    # Fields that the question is made of, and whether each can be repeated.
    asked: ClassVar[tuple[tuple[str, bool], ...]]
    # Whether data of an ad account is read.
    of_account: ClassVar[bool]
    # Whether path and query are all that is asked by.
    by_target: ClassVar[bool]
    body_model: ClassVar[type[BaseModel] | None]
    answer_type: ClassVar[Any]
    # What a list is of; what is answered alone is its own.
    answer_item: ClassVar[Any]
    wire_type: ClassVar[Any]
    wire_adapter: ClassVar[TypeAdapter[Any]]
    answer_adapter: ClassVar[TypeAdapter[Any]]

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not abstract and cls.__pydantic_generic_metadata__["origin"] is None:
            complete(cls)

    @property
    def subject(self) -> str | None:
        """The user whom a permission operation is about, None for all others."""
        named = getattr(self, "external_user_id", None)
        if named is None:
            named = getattr(getattr(self, "body", None), "external_user_id", None)
        return named if isinstance(named, str) else None

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        """What is wrong between valid fields: (pointer from the request, sentence) each."""
        return iter(())

    def sends(self, known: Known) -> dict[str, Any]:
        """The parameters under the platform's names; `Address.fill` decides where each travels."""
        values, sent = self.__dict__, {}
        for field, wire in self.sent:
            value = values[field]
            plain = _plain_of(value.__class__)
            sent[wire] = value if plain is None else plain(value)
        if self.body_model is not None:
            body: BaseModel = getattr(self, "body")  # noqa: B009
            sent |= body.model_dump(mode="json", by_alias=True, exclude_none=True)
        return sent

    def answer(self, data: Any, known: Known) -> Any:
        """The public answer made of the validated data of the platform."""
        return data


class Read(Operation[R], Generic[R], abstract=True):
    """Asks, and keeps the answer."""

    policy: ClassVar[tuple[str, ...]] = (*Operation.policy, "keep", "share", "tags")

    status: ClassVar[int] = 200
    keep: ClassVar[Keep | ByPeriod]
    share: ClassVar[Share]
    # Instead of `keep` while the team's consent at an ads network may end at any moment.
    keep_in_consent: ClassVar[Keep | None] = None
    # Whether one question gives all of the data.
    asks_once: ClassVar[bool]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.asks_once = cls.fetch is Read.fetch

    @abstractmethod
    def tags(self, known: Known) -> set[Tag]:
        """What the kept answer depends on."""

    def kept(self, today: date) -> Keep:
        assert isinstance(self.keep, Keep)
        return self.keep

    def view(self, known: Known) -> str:
        """What besides the parameters decides the answer; a part of the cache key."""
        return ""

    def account_read(self) -> str | None:
        """The ad account whose data this reads, so that it is served on a proof only."""
        account: str | None = self.__dict__["ad_account_id"] if self.of_account else None
        return account

    async def fetch(self, ask: Ask, known: Known) -> Any:
        """The platform's data: one question, or several put together; `Partial` if some failed."""
        return await ask(self.id, self.sends(known))

    def key(self) -> tuple[Hashable, ...]:
        """The canonical parameters: same question, same values."""
        values = self.__dict__
        return tuple(
            [
                # The order of a repeated parameter, and saying it twice, change no answer.
                tuple(sorted(set(values[field]))) if many else values[field]
                for field, many in self.asked
            ]
        )


class ListOf(Paged, Read[Page[I]], Generic[I], abstract=True):
    """A Read of many."""

    # Fields of an item that become null where the platform's value is of another type, while a row
    # whose required fields are is left out (docs/decisions/032). None: the whole answer is refused, as
    # where access is decided on it, or where it is money.
    spares: ClassVar[Collection[str] | None] = None

    def answer(self, data: Any, known: Known) -> Any:
        return self.answer_type.model_construct(items=data)


class Write(Operation[R], Generic[R], abstract=True):
    """Changes something. `drops` names the tags whose answers are wrong from now on."""

    policy: ClassVar[tuple[str, ...]] = (*Operation.policy, "drops")
    safe: ClassVar[bool] = False

    @abstractmethod
    def drops(self, known: Known) -> set[Tag]:
        """The tags whose answers, facts and proofs are wrong from now on."""

    # The platform does not know what is to be taken away: then that is what was asked for.
    gone_is_done: ClassVar[bool] = False

    def returns_to(self) -> str | None:
        """Where the browser goes when an errand elsewhere ends; None when there is no errand."""
        return None

    def grants(self, known: Known) -> Sequence[Grant]:
        """What the ledger must remember of this."""
        return ()

    def ends_grants_of(self) -> Sequence[tuple[str, str]]:
        """(team, user) pairs whose recorded permissions end with this write."""
        return ()

    def rights(self, known: Known, answer: Mapping[str, Any]) -> Mapping[str, str]:
        """Whose access this changes, and what each of them is afterwards: for the audit.

        `answer` is what the write answered, empty where nothing is known of it.
        """
        ended = {user: "REMOVED" for _, user in self.ends_grants_of()}
        granted = {grant.user: grant.permission or "REVOKED" for grant in self.grants(known)}
        return ended | granted

    def softened(self, refusal: str) -> Any | None:
        """An answer to make of the platform's 400, None where a refusal is an error."""
        return None


class Recall(Paged, Operation[Page[I]], Generic[I], abstract=True):
    """Answered from the ledger: what the platform can be told but never asked."""

    policy: ClassVar[tuple[str, ...]] = (*Operation.policy, "about")

    status: ClassVar[int] = 200

    @abstractmethod
    def about(self) -> tuple[str, str]:
        """The team and the ad account whose permissions are recalled."""


@cache
def _plain_of(kind: type) -> Callable[[Any], Any] | None:
    """What makes of a parameter what JSON has for it; None where it is that already."""
    if issubclass(kind, tuple):
        return _listed
    return kind.isoformat if issubclass(kind, date) else None


def _listed(values: tuple[Any, ...]) -> list[Any] | None:
    """An empty list is a parameter that was not given."""
    if not values:
        return None
    plains = [_plain_of(value.__class__) for value in values]
    return [plain(value) if plain else value for plain, value in zip(plains, values, strict=True)]
