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

        team_id: TeamId
        ad_account_id: AdAccountId

        def tags(self, known: Known) -> set[Tag]:
            return {account(self.ad_account_id)}

The kinds: `Read` (cached), `ListOf` (a Read of many, cut into pages from our own full copy),
`Write` (sent, then tags dropped) and `Recall` (answered from what the gateway itself remembers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from app.catalogue.address import Address, Evidence
from app.catalogue.keep import ByPeriod, Keep
from app.catalogue.known import Known
from app.catalogue.shapes import Answer, Page, Permission
from app.catalogue.tags import Tag

R = TypeVar("R")
I = TypeVar("I", bound=Answer)  # noqa: E741  # one letter, as type variables are


class Rule(StrEnum):
    """One condition of access. An operation lists those that must all hold, in order.

    The fields that a rule looks at are named here and must exist on the operation.
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
    ACCOUNT_OF_TEAM = "the account is the team's"
    CONNECTION_OF_TEAM = "the connection is the team's"
    SUBJECT_IS_MEMBER = "the user is the team's member"
    ACCOUNT_OR_SUBJECT = "the account is the team's or the user its member"
    ACCOUNT_NOT_SHARED = "no other team has the account"
    CAMPAIGN_OF_ACCOUNT = "the campaign is the account's"

    @property
    def looks_at(self) -> frozenset[str]:
        return _LOOKS_AT[self]


_TEAM = frozenset({"team_id"})
_ACCOUNT = frozenset({"team_id", "ad_account_id"})
_LOOKS_AT: dict[Rule, frozenset[str]] = {
    Rule.USER: frozenset(),
    Rule.ENTERPRISE: frozenset({"body"}),
    Rule.WORKSPACE: frozenset({"enterprise_id"}),
    Rule.WORKSPACE_ADMIN: frozenset(),
    Rule.TEAM: _TEAM,
    Rule.TEAM_ADMIN: _TEAM,
    Rule.WORKSPACE_ROLE: _TEAM,
    Rule.ACCOUNT_READ: _ACCOUNT,
    Rule.ACCOUNT_WRITE: _ACCOUNT,
    Rule.ACCOUNT_OF_TEAM: _ACCOUNT,
    Rule.CONNECTION_OF_TEAM: _TEAM | {"connection_id"},
    Rule.SUBJECT_IS_MEMBER: _TEAM | {"subject"},
    Rule.ACCOUNT_OR_SUBJECT: _ACCOUNT | {"subject"},
    Rule.ACCOUNT_NOT_SHARED: _ACCOUNT,
    Rule.CAMPAIGN_OF_ACCOUNT: _ACCOUNT | {"campaign_id"},
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """Which operation of the platform serves this: its number in the contract and its address."""

    number: int
    address: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Wire:
    """Marks a field that the platform calls differently."""

    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """Marks a field that we answer ourselves: neither sent upstream nor part of the cache key."""


class Place(StrEnum):
    PATH = "path"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field as the frontend sends it (`name`, `place`) and as the platform reads it (`wire`)."""

    field: str
    name: str
    place: Place
    wire: str | None
    many: bool
    required: bool


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

    status: ClassVar[int]
    route: ClassVar[str]
    upstream: ClassVar[Upstream | None]
    access: ClassVar[tuple[Rule, ...]]
    wire: ClassVar[Any]

    method: ClassVar[str]
    path: ClassVar[str]
    id: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    body_model: ClassVar[type[BaseModel] | None]
    answer_type: ClassVar[Any]
    wire_type: ClassVar[Any]
    wire_adapter: ClassVar[TypeAdapter[Any]]
    answer_adapter: ClassVar[TypeAdapter[Any]]

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not abstract and cls.__pydantic_generic_metadata__["origin"] is None:
            _complete(cls)

    @property
    def subject(self) -> str | None:
        """The user whom a permission operation is about, None for all others."""
        named = getattr(self, "external_user_id", None)
        if named is None:
            named = getattr(getattr(self, "body", None), "external_user_id", None)
        return named if isinstance(named, str) else None

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        """What is wrong between valid fields: (field name, sentence) each."""
        return iter(())

    def sends(self, known: Known) -> dict[str, Any]:
        """The parameters under the platform's names; `Address.fill` decides where each travels."""
        sent = {
            parameter.wire: _plain(getattr(self, parameter.field))
            for parameter in self.parameters
            if parameter.wire is not None
        }
        body = getattr(self, "body", None)
        if isinstance(body, BaseModel):
            sent |= body.model_dump(mode="json", by_alias=True, exclude_none=True)
        return sent

    def answer(self, data: Any, known: Known) -> Any:
        """The public answer made of the validated data of the platform."""
        return data


class Read(Operation[R], Generic[R], abstract=True):
    """Asks, and keeps the answer."""

    policy: ClassVar[tuple[str, ...]] = (*Operation.policy, "keep", "tags")

    status: ClassVar[int] = 200
    keep: ClassVar[Keep | ByPeriod]

    def tags(self, known: Known) -> set[Tag]:
        """What the kept answer depends on."""
        raise NotImplementedError

    def kept(self, today: date) -> Keep:
        assert isinstance(self.keep, Keep)
        return self.keep

    def view(self, known: Known) -> str:
        """What besides the parameters decides the answer; a part of the cache key."""
        return ""

    def key(self) -> str:
        """The canonical parameters: same question, same text."""
        asked = {p.field for p in self.parameters if p.wire is not None or p.place is Place.PATH}
        return self.model_dump_json(include=asked)


class Paged(BaseModel):
    """The fields of a list. The whole list is ours; `limit`, `cursor` and `picks` cut it."""

    limit: Annotated[int, Local(), Field(ge=1, le=200, description="Most items in one answer")] = (
        100
    )
    cursor: Annotated[
        str | None,
        Local(),
        Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="`nextCursor` of the answer before"),
    ] = None

    @property
    def narrows(self) -> bool:
        """Whether `picks` can leave anything out."""
        return False

    def picks(self, item: dict[str, Any]) -> bool:
        """Whether the public item is one that was asked for."""
        return True


class ListOf(Paged, Read[Page[I]], Generic[I], abstract=True):
    """A Read of many."""

    def answer(self, data: Any, known: Known) -> Any:
        return self.answer_type.model_construct(items=data)


class Write(Operation[R], Generic[R], abstract=True):
    """Changes something. `drops` names the tags whose answers are wrong from now on."""

    policy: ClassVar[tuple[str, ...]] = (*Operation.policy, "drops")

    def drops(self, known: Known) -> set[Tag]:
        """The tags whose answers, facts and proofs are wrong from now on."""
        raise NotImplementedError

    def returns_to(self) -> str | None:
        """Where the browser goes when an errand elsewhere ends; None when there is no errand."""
        return None

    def grants(self, known: Known) -> Sequence[Grant]:
        """What the ledger must remember of this."""
        return ()

    def ends_grants_of(self) -> Sequence[tuple[str, str]]:
        """(team, user) pairs whose recorded permissions end with this write."""
        return ()

    def softened(self, refusal: str) -> Any | None:
        """An answer to make of the platform's 400, None where a refusal is an error."""
        return None


class Recall(Paged, Operation[Page[I]], Generic[I], abstract=True):
    """Answered from the ledger: what the platform can be told but never asked."""

    policy: ClassVar[tuple[str, ...]] = (*Operation.policy, "about")

    status: ClassVar[int] = 200

    def about(self) -> tuple[str, str]:
        """The team and the ad account whose permissions are recalled."""
        raise NotImplementedError


def _plain(value: Any) -> Any:
    """A parameter as JSON has it; an empty list is a parameter that was not given."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value] or None
    if isinstance(value, date):
        return value.isoformat()
    return value


# --- what a complete declaration is made into -------------------------------------------------


def _complete(cls: type[Operation[Any]]) -> None:
    """Check the policy and derive the rest; raises TypeError with a sentence naming the class."""
    for name in cls.policy:
        declared = getattr(cls, name, None)
        if not hasattr(cls, name) or declared in (Read.tags, Write.drops, Recall.about):
            raise TypeError(f"{cls.__name__} declares no `{name}`: a policy has no default")
    if not (cls.__doc__ or "").strip():
        raise TypeError(f"{cls.__name__} has no docstring: it is the operation's summary")
    cls.method, _, cls.path = cls.route.partition(" ")
    cls.id = cls.__name__[0].lower() + cls.__name__[1:]
    cls.answer_type = _answer_type(cls)
    cls.body_model = _body_model(cls)
    cls.parameters = tuple(_parameters(cls))
    cls.wire_type = getattr(cls, "wire", None) or _wire_type(cls.answer_type)
    cls.wire_adapter = TypeAdapter(cls.wire_type)
    cls.answer_adapter = TypeAdapter(cls.answer_type)
    _check(cls)


def _answer_type(cls: type[Operation[Any]]) -> Any:
    for base in cls.__mro__:
        metadata = getattr(base, "__pydantic_generic_metadata__", None)
        if metadata and metadata["origin"] is not None and metadata["args"]:
            (argument,) = metadata["args"]
            return (
                Page.__class_getitem__(argument)
                if metadata["origin"] in {ListOf, Recall}
                else argument
            )
    raise TypeError(f"{cls.__name__} does not say what it answers: subclass e.g. Read[Campaign]")


def _wire_type(answer: Any) -> Any:
    """Unless `wire` says otherwise the platform's data is the answer itself, a list for a page."""
    metadata = getattr(answer, "__pydantic_generic_metadata__", None)
    if metadata and metadata["origin"] is Page:
        (item,) = metadata["args"]
        return list.__class_getitem__(item)
    return Any if answer is None else answer


def _body_model(cls: type[Operation[Any]]) -> type[BaseModel] | None:
    info = cls.model_fields.get("body")
    if info is None:
        return None
    assert isinstance(info.annotation, type)
    assert issubclass(info.annotation, BaseModel)
    return info.annotation


def _parameters(cls: type[Operation[Any]]) -> Iterator[Parameter]:
    in_path = set(re.findall(r"\{(\w+)\}", cls.path))
    for field, info in cls.model_fields.items():
        if field == "body":
            continue
        name = info.alias or field
        renamed = next((mark.name for mark in info.metadata if isinstance(mark, Wire)), name)
        local = any(isinstance(mark, Local) for mark in info.metadata)
        yield Parameter(
            field=field,
            name=name,
            place=Place.PATH if name in in_path else Place.QUERY,
            wire=None if local or cls.upstream is None else renamed,
            many=get_origin(info.annotation) is tuple,
            required=info.is_required(),
        )
        in_path.discard(name)
    if in_path:
        raise TypeError(f"{cls.__name__} has no field for {sorted(in_path)} of its route")


def _check(cls: type[Operation[Any]]) -> None:
    """The rules' fields exist, and the upstream address speaks only of what is sent."""
    fields = set(cls.model_fields) | {"subject"}
    for rule in cls.access:
        if missing := rule.looks_at - fields:
            raise TypeError(f"{cls.__name__} has the rule `{rule}` and no field {sorted(missing)}")
    if cls.upstream is not None:
        try:
            misfit = Address.parse(cls.upstream.address).misfit(wire_names(cls))
        except ValueError as error:
            misfit = str(error)
        if misfit:
            raise TypeError(f"{cls.__name__}: {misfit}")


def wire_names(cls: type[Operation[Any]]) -> frozenset[str]:
    """The names of all that the operation may send upstream."""
    names = {parameter.wire for parameter in cls.parameters if parameter.wire is not None}
    if cls.body_model is not None:
        names |= {
            info.serialization_alias or info.alias or name
            for name, info in cls.body_model.model_fields.items()
        }
    return frozenset(names)
