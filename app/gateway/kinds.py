"""What pydantic's core schema of a declaration says, said again in types of msgspec, kind by kind.

Only what is known here to be read and written alike is derived; anything else, one more key in a
schema included, is NotDerivable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Annotated, Any

from msgspec import Meta, Struct
from pydantic import JsonValue, TypeAdapter

from app.catalogue.lifted import Lifted
from app.catalogue.shapes import Count, Figure
from app.gateway.rows import NO_NUMBER, NotDerivable, Publish, Row

Schema = Mapping[str, Any]

# From here on the two libraries write floats differently.
LONG = 1e16


@dataclass(frozen=True, slots=True)
class Kind:
    """A type for the wire; `publish` makes decoded values of it public, None where they are already.

    `public` is what a model's values become. `free` says that any JSON is in it, `dated` that moments
    are.
    """

    type: Any
    publish: Publish | None = None
    public: type[Struct] | None = None
    free: bool = False
    dated: bool = False


def kind_of(adapter: TypeAdapter[Any]) -> Kind:
    """The kind of a declared type; raises NotDerivable."""
    schema: Schema = adapter.core_schema
    return _Declaration({one["ref"]: one for one in schema.get("definitions", ())}).kind(schema)


class _Declaration:
    """Reads one schema; what stands in several places of it has a name."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named
        self._around: set[str] = set()

    def kind(self, schema: Schema) -> Kind:
        bare = _bare(schema)
        known = next((kind for simple, kind in _SIMPLE if bare == simple), None)
        return known or self._kind(schema, len(bare))

    def _kind(self, schema: Schema, size: int) -> Kind:
        """`size` is how many keys the schema has: none may say more than is understood here."""
        match schema:
            case {"type": "definitions", "schema": inner}:
                kind = self.kind(inner)
            case {"type": "definition-ref", "schema_ref": name} if name not in self._around:
                self._around.add(name)
                kind = self.kind(self._named[name])
                self._around.remove(name)
            case {"type": "nullable", "schema": inner} if size == 2:
                of = self.kind(inner)
                kind = replace(of, type=of.type | None, publish=_present(of.publish))
            case {"type": "list", "items_schema": inner} if size == 2:
                of = self.kind(inner)
                kind = replace(of, type=list.__class_getitem__(of.type), publish=_all(of.publish))
            case {"type": "enum", "cls": texts, "sub_type": "str", "members": _} if size == 4:
                kind = Kind(texts)
            case {"type": "model"}:
                kind = self._model(schema)
            case {"type": "function-before", "function": {"function": Lifted() as lifted}}:
                kind = self._model(self._meant(schema["schema"]), lifted)
            case _:
                raise NotDerivable(str(schema["type"]))
        return kind

    def _meant(self, schema: Schema) -> Schema:
        return self._named[schema["schema_ref"]] if "schema_ref" in schema else schema

    def _model(self, schema: Schema, lifted: Lifted | None = None) -> Kind:
        name, fields = schema["cls"].__name__, schema["schema"]
        if (
            _bare({**schema, **dict.fromkeys(("cls", "schema"))})
            != _MODEL | {"config": _CONFIG | {"title": name}}
            or {**fields, "fields": None, "model_name": None} != _FIELDS
        ):
            raise NotDerivable(name)
        row = Row(name)
        inner = [
            self._field(row, field, declared, lifted)
            for field, declared in fields["fields"].items()
        ]
        wire, public, publish = row.structs()
        free, dated = any(kind.free for kind in inner), any(kind.dated for kind in inner)
        return Kind(wire, publish, public, free, dated)

    def _field(self, row: Row, name: str, declared: Schema, lifted: Lifted | None) -> Kind:
        """Adds the field to the row; gives its kind."""
        if _bare(declared).keys() - {"serialization_exclude"} != _FIELD:
            raise NotDerivable(name)
        schema, required = _value(declared["schema"])
        kind = self.kind(schema)
        public = None if "serialization_exclude" in declared else declared["serialization_alias"]
        places = _places(declared["validation_alias"])
        if lifted is not None and lifted.field == name and kind.public and public:
            keys = {key: member for member, key in lifted.keys.items()}
            row.lifted(name, public, keys, kind.public)
        elif len(places) == 1 and len(places[0]) == 1:
            read = (kind.type,) if required else (kind.type, None)
            row.plain(name, places[0][0], public, read, kind.publish)
        elif kind.publish is not None:
            raise NotDerivable(f"{name} is moved and has more below")
        elif public is not None:
            row.moved(name, public, places, kind.type, required=required)
        elif len(places) == 1 and not required:
            row.unseen(places[0], kind.type)
        else:
            raise NotDerivable(f"{name} is read and not written")
        return kind


_MODEL: dict[str, Any] = {
    "type": "model",
    "cls": None,
    "schema": None,
    "custom_init": False,
    "root_model": False,
}
_CONFIG = {
    "extra_fields_behavior": "ignore",
    "hide_input_in_errors": True,
    "validate_by_alias": True,
    "validate_by_name": True,
}
_FIELDS: Schema = {
    "type": "model-fields",
    "fields": None,
    "model_name": None,
    "computed_fields": [],
}
_FIELD = {"type", "schema", "validation_alias", "serialization_alias"}


def _value(schema: Schema) -> tuple[Schema, bool]:
    """The schema of a field's value, and whether the field is required. The one default is None."""
    if schema["type"] != "default":
        return schema, True
    if schema != {"type": "default", "schema": schema["schema"], "default": None}:
        raise NotDerivable("a default")
    return schema["schema"], False


def _places(alias: Any) -> list[list[str]]:
    """The paths of an alias, e.g. `creative.id`, the one that counts first."""
    paths = [[alias]] if isinstance(alias, str) else alias
    paths = [paths] if isinstance(paths[0], str) else paths
    if not all(len(path) <= 2 and isinstance(path[-1], str) for path in paths):
        raise NotDerivable(str(alias))
    return paths


def _present(publish: Publish | None) -> Publish | None:
    return publish and (lambda values: publish(filter(None, values)))


def _all(publish: Publish | None) -> Publish | None:
    return publish and (lambda lists: publish(chain.from_iterable(lists)))


# --- what is known --------------------------------------------------------------------------------


def _bare(schema: Any) -> Any:
    """A schema without what only describes."""
    if isinstance(schema, dict):
        return {k: _bare(v) for k, v in schema.items() if k not in {"metadata", "ref"}}
    return schema


def _schema(annotation: Any) -> Any:
    schema: Any = TypeAdapter(annotation).core_schema
    return _bare(schema["schema"] if schema["type"] == "definitions" else schema)


_SIMPLE = (
    (_schema(str), Kind(str)),
    (_schema(bool), Kind(bool | NO_NUMBER)),
    (_schema(int), Kind(int | NO_NUMBER)),
    (_schema(Count), Kind(int | NO_NUMBER)),
    (_schema(Figure), Kind(Annotated[float, Meta(gt=-LONG, lt=LONG)])),
    (_schema(date), Kind(date | NO_NUMBER)),
    (_schema(datetime), Kind(datetime | NO_NUMBER, dated=True)),
    (_schema(JsonValue), Kind(Any, free=True)),
)
