"""What a declared class is made into: its policy checked, everything derivable derived.

A class that is incomplete, or contradicts itself, raises TypeError with one sentence that names it,
so it does not import.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, TypeAdapter

from app.catalogue.access_rules import JUDGED_BY, Rule
from app.catalogue.address import METHODS, Address
from app.catalogue.paged import page_of
from app.catalogue.parameters import Place, named_in, parameters_of

if TYPE_CHECKING:
    from app.catalogue.operation import Operation

# The rules of who reads data of an ad account.
_OF_ACCOUNT = frozenset({Rule.ACCOUNT_READ, Rule.ACCOUNT_IF_NAMED})


def complete(cls: type[Operation[Any]]) -> None:
    """Check the policy and derive the rest."""
    _refuse(cls, _missing(cls))
    cls.method, _, cls.path = cls.route.partition(" ")
    cls.id = cls.__name__[0].lower() + cls.__name__[1:]
    answered = _answered(cls)
    cls.answer_type = page_of(answered) if cls.pages else answered
    cls.answer_item = answered
    cls.body_model = _body_model(cls)
    sent = cls.upstream is not None
    cls.parameters = tuple(parameters_of(cls.model_fields, cls.path, sent=sent))
    cls.sent = tuple((p.field, p.wire) for p in cls.parameters if p.wire is not None)
    cls.asked = tuple(
        (p.field, p.many) for p in cls.parameters if p.wire is not None or p.place is Place.PATH
    )
    cls.of_account = not _OF_ACCOUNT.isdisjoint(cls.access)
    cls.by_target = all(p.place is not Place.HEADER for p in cls.parameters)
    cls.wire_type = getattr(cls, "wire", None) or _wire_type(cls, answered)
    cls.wire_adapter = TypeAdapter(cls.wire_type)
    cls.answer_adapter = TypeAdapter(cls.answer_type)
    _refuse(cls, [*_misrouted(cls), *_unjudged(cls), *_misaddressed(cls), *_overspared(cls)])


def wire_names(cls: type[Operation[Any]]) -> frozenset[str]:
    """The names of all that the operation may send upstream."""
    names = {parameter.wire for parameter in cls.parameters if parameter.wire is not None}
    if cls.body_model is not None:
        names |= {
            info.serialization_alias or info.alias or name
            for name, info in cls.body_model.model_fields.items()
        }
    return frozenset(names)


def _refuse(cls: type[Operation[Any]], faults: Iterator[str] | list[str]) -> None:
    for fault in faults:
        raise TypeError(f"{cls.__name__} {fault}")


def _missing(cls: type[Operation[Any]]) -> Iterator[str]:
    for name in cls.policy:
        declared = getattr(cls, name, None)
        if not hasattr(cls, name) or getattr(declared, "__isabstractmethod__", False):
            yield f"declares no `{name}`: a policy has no default"
    if not (cls.__doc__ or "").strip():
        yield "has no docstring: it is the operation's summary"


def _answered(cls: type[Operation[Any]]) -> Any:
    """What stands in the brackets of `Read[...]`, `ListOf[...]` and so on."""
    for base in cls.__mro__:
        metadata = getattr(base, "__pydantic_generic_metadata__", None)
        if metadata and metadata["origin"] is not None and metadata["args"]:
            (argument,) = metadata["args"]
            return argument
    raise TypeError(f"{cls.__name__} does not say what it answers: subclass e.g. Read[Campaign]")


def _wire_type(cls: type[Operation[Any]], answered: Any) -> Any:
    """Unless `wire` says otherwise the platform's data is the answer itself, a list for a page."""
    if cls.pages:
        return list.__class_getitem__(answered)
    return Any if answered is None else answered


def _body_model(cls: type[Operation[Any]]) -> type[BaseModel] | None:
    info = cls.model_fields.get("body")
    if info is None:
        return None
    if not isinstance(info.annotation, type) or not issubclass(info.annotation, BaseModel):
        raise TypeError(f"{cls.__name__} has a body that is no model")
    return info.annotation


def _misrouted(cls: type[Operation[Any]]) -> Iterator[str]:
    """Only what keeps its answer, or recalls it, is a GET: everything else changes something."""
    if cls.method not in METHODS or not cls.path.startswith("/"):
        yield "has a route that is not like `GET /teams/{teamId}`"
    if (cls.method == "GET") is not cls.safe:
        yield "answers a GET, which changes nothing, or must answer one"
    if (cls.status == 204) is not (cls.answer_type is None):
        yield "must have status 204 when it answers nothing, and only then"
    named = {parameter.name for parameter in cls.parameters if parameter.place is Place.PATH}
    if missing := named_in(cls.path) - named:
        yield f"has no field for {sorted(missing)} of its route"


def _unjudged(cls: type[Operation[Any]]) -> Iterator[str]:
    """Rules have what they look at and build on; every object that is named has its rule."""
    if not cls.access or not all(isinstance(rule, Rule) for rule in cls.access):
        yield "declares no `access`: name one rule or more, USER for any signed-in user"
        return
    fields = set(cls.model_fields) | {"subject"}
    for place, rule in enumerate(cls.access):
        if missing := rule.looks_at - fields:
            yield f"has the rule `{rule}` and no field {sorted(missing)}"
        for field in sorted((rule.looks_at & set(cls.model_fields)) - rule.optional):
            if not cls.model_fields[field].is_required():
                yield f"has the rule `{rule}` on the field {field}, which may be left out"
        if rule.builds_on and not rule.builds_on & set(cls.access[:place]):
            yield f"has the rule `{rule}` without one of {sorted(rule.builds_on)} before it"
    for parameter in cls.parameters:
        # What neither stands in the path nor goes upstream only picks from our own answer.
        matters = parameter.place is Place.PATH or parameter.wire is not None
        rules = JUDGED_BY.get(parameter.field, frozenset())
        if matters and rules and not rules & set(cls.access):
            yield f"has the field {parameter.field} and none of the rules {sorted(rules)}"


def _misaddressed(cls: type[Operation[Any]]) -> Iterator[str]:
    """The upstream address speaks only of what is sent."""
    if cls.upstream is None:
        return
    try:
        misfit = Address.parse(cls.upstream.address).misfit(wire_names(cls))
    except ValueError as error:
        misfit = str(error)
    if misfit:
        yield f"has an upstream address that does not fit: {misfit}"


def _overspared(cls: type[Operation[Any]]) -> Iterator[str]:
    """Only what may be null and is no figure can be made null in the place of an odd value."""
    spares = getattr(cls, "spares", None)
    if spares is None:
        return
    if cls.wire_type != list.__class_getitem__(cls.answer_item):
        yield "spares fields, and the platform's data is not the list that it answers"
        return
    for name in spares:
        info = cls.answer_item.model_fields.get(name)
        if info is None or info.is_required() or _numeric(info.annotation):
            yield f"spares {name}, which is no text or moment that may be null"


def _numeric(annotation: Any) -> bool:
    return annotation in {int, float, bool} or any(map(_numeric, get_args(annotation)))
