"""A model as msgspec structs: one with the wire's names to read, one with the public names to write.

Both have the same slots, so that what was read becomes public where it is: what is only renamed is
never copied. What stands elsewhere on the wire, below another object or under one of several names,
has a slot of its own there, is moved, and is not written. What comes of JSON has no cycles, so that the
collector need not know of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

Publish = Callable[[Iterable[Any]], None]
Step = Callable[[Sequence[Any]], None]

# No number is both. In a union it takes the numbers that lax reading would make something else of.
NO_NUMBER = Annotated[float, Meta(gt=1, lt=0)]


class NotDerivable(Exception):
    """The declaration says something that cannot be said with structs, or is not known here."""


class Missing(Exception):
    """A required field stands in none of its places."""


class Row:
    """The two structs of one model, put together field by field."""

    def __init__(self, name: str) -> None:
        self._name = name
        # Of each slot: how it is read (a type, perhaps a default), and its names.
        self._read: dict[str, tuple[Any, ...]] = {}
        self._on_wire: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        # Objects on the wire of which single fields are wanted.
        self._below: dict[str, list[tuple[str, Any, Any]]] = {}
        self._steps: list[Step] = []

    def plain(
        self,
        name: str,
        on_wire: str,
        shown: str | None,
        read: tuple[Any, ...],
        publish: Publish | None,
    ) -> None:
        """A field with a name of its own on the wire; `shown` is None when it is not public."""
        self._slot(name, on_wire, *read)
        if shown is None:
            self._steps.append(_hidden(name))
            return
        self._shown[name] = shown
        if publish is not None:
            self._steps.append(_nested(name, publish))

    def moved(
        self, name: str, shown: str, places: Sequence[Sequence[str]], kind: Any, *, required: bool
    ) -> None:
        """A field that is read from the first of these places where there is something."""
        alone = len(places) == 1 and not required
        paths = [self._place(place, kind, None if alone else UNSET) for place in places]
        self._made(name, shown)
        self._steps.append(_moved(name, paths, required=required))
        self._steps += [_hidden(path) for path in paths if "." not in path]

    def lifted(self, name: str, shown: str, keys: Mapping[str, Any], public: type[Struct]) -> None:
        """A field made of the first of these keys, and of the name that it stands for."""
        slots = {self._place([key], str, UNSET): member for key, member in keys.items()}
        self._made(name, shown)
        self._steps.append(_lifted(name, slots, public))

    def unseen(self, place: Sequence[str], kind: Any) -> None:
        """Something on the wire that is checked and goes no further."""
        self._place(place, kind, None)

    def structs(self) -> tuple[type[Struct], type[Struct], Publish | None]:
        """For the wire, for the public, and what makes values of the one those of the other."""
        steps = [*self._steps, *(_hidden(f"wire_{top}") for top in self._below)]
        for top, fields in self._below.items():
            below = defstruct(top, fields, forbid_unknown_fields=True, frozen=True, gc=False)
            self._slot(f"wire_{top}", top, below, below())
        slots = [(slot, *read) for slot, read in self._read.items()]
        wire = defstruct(
            self._name,
            slots,
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
            rename=self._on_wire,
        )
        if not steps and self._on_wire == self._shown:
            return wire, wire, None
        hidden = [slot for slot in self._read if slot not in self._shown]
        written = [*((s, Any, None) for s in self._shown), *((s, Any, UNSET) for s in hidden)]
        public = defstruct(self._name, written, kw_only=True, gc=False, rename=self._shown)
        try:
            wire(**dict.fromkeys(self._read)).__class__ = public
        except TypeError:
            # Python lets objects change their class only where both are laid out alike.
            raise NotDerivable(f"{self._name} is laid out in two ways") from None
        return wire, public, _published(public, steps)

    def _slot(self, slot: str, on_wire: str, *read: Any) -> None:
        if slot in self._read or on_wire in self._on_wire.values() or not slot.isidentifier():
            raise NotDerivable(f"{self._name}.{slot}")
        self._read[slot] = read
        self._on_wire[slot] = on_wire

    def _made(self, name: str, shown: str) -> None:
        """A public slot that nothing on the wire fills."""
        self._slot(name, f"({name})", NO_NUMBER, None)
        self._shown[name] = shown

    def _place(self, place: Sequence[str], kind: Any, default: Any) -> str:
        """A slot for what is on the wire only; gives the path to it."""
        top, *below = place
        slot = f"wire_{top}"
        if not below:
            self._slot(slot, top, kind | UnsetType, default)
            return slot
        (name,) = below
        self._below.setdefault(top, []).append((name, kind | UnsetType, default))
        return f"{slot}.{name}"


# --- steps ----------------------------------------------------------------------------------------


def _published(public: type[Struct], steps: Sequence[Step]) -> Publish:
    def publish(values: Iterable[Any]) -> None:
        rows = list(values)
        for row in rows:
            row.__class__ = public
        for step in steps:
            step(rows)

    return publish


def _nested(slot: str, publish: Publish) -> Step:
    get = attrgetter(slot)
    return lambda rows: publish(map(get, rows))


def _moved(slot: str, paths: Sequence[str], *, required: bool) -> Step:
    getters = [attrgetter(path) for path in paths]

    if len(getters) == 1 and not required:
        return lambda rows: _put(rows, slot, map(getters[0], rows))

    def move(rows: Sequence[Any]) -> None:
        # Columns of ids and names, all set, are the rule; what is unset is false.
        columns = [list(map(get, rows)) for get in getters]
        _put(rows, slot, columns[0] if all(columns[0]) else map(first, *columns))

    def first(*values: Any) -> Any:
        for value in values:
            if value is not UNSET:
                return value
        if required:
            raise Missing(slot)
        return None

    return move


def _lifted(slot: str, keys: Mapping[str, Any], public: type[Struct]) -> Step:
    getters = [(key, name, attrgetter(key)) for key, name in keys.items()]
    get_all = attrgetter(*keys) if len(keys) > 1 else None
    unset = (UNSET,) * len(keys)

    def lift(rows: Sequence[Any]) -> None:
        if get_all is not None and list(map(get_all, rows)).count(unset) == len(rows):
            return
        # The last one that is set is the first of the keys.
        for key, name, get in reversed(getters):
            column = list(map(get, rows))
            if any(column) or column.count(UNSET) < len(column):
                for row, value in zip(rows, column, strict=True):
                    if value is not UNSET:
                        setattr(row, slot, public(name=name, value=value))
                _put(rows, key, repeat(UNSET))

    return lift


def _hidden(slot: str) -> Step:
    """What is unset is not written."""
    return lambda rows: _put(rows, slot, repeat(UNSET))


def _put(rows: Sequence[Any], slot: str, values: Iterable[Any]) -> None:
    """Each row's value, in a loop that is not Python's own."""
    deque(map(setattr, rows, repeat(slot), values), maxlen=0)
