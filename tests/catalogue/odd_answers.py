"""Answers of a platform that nobody can rely on: made from what an operation declares, as JSON text.

Text, because much of what goes wrong is lost in a value: `1.0` for `1`, `-0`, a key given twice.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from random import Random
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import AliasChoices, AliasPath, BaseModel, BeforeValidator, JsonValue
from pydantic.fields import FieldInfo

from app.catalogue.lifted import Lifted

T = TypeVar("T")

# Of any type, in texts and as texts.
NUMBERS = [
    *[
        "0",
        "-0",
        "1",
        "-1",
        "1.0",
        "-0.0",
        "1e3",
        "1e400",
        "-1e400",
        "1e+400",
        "1e-400",
        "0e400",
        "NaN",
        "Infinity",
        "-Infinity",
        "01",
        "1.",
        ".5",
    ],
    *[
        "+1",
        "0x1",
        "1_0",
        "007",
        "9007199254740993",
        "18446744073709551616",
        "123456789012345678901",
        "1e15",
        "1e16",
    ],
    *("1e17", "1e22", "20000000001", "1e11", "1" * 30, "9" * 400, "0." + "0" * 99 + "1e101"),
]
WORDS = [
    *[
        r"null",
        r"NULL",
        r"nUll",
        r"n\u0075ll",
        r"\u006eull",
        r"\u002d0",
        r"nullable",
        r"nan",
        r"inf",
        r"-inf",
        r"true",
        r"True",
        r"false",
        r"t",
    ],
    *[
        r"12.0",
        r"12e0",
        r"\ud800",
        r"\ud83d\ude00",
        r"\u0000",
        r"\/",
        r"é",
        r"\u00e9",
        r"\u0031",
        r"2026-01-01",
    ],
    *("2026-01-01T00:00:00\\u002e1234567", "", " 1", "1 ", "\u2028", "\x7f", "\t", "9" * 40),
]
ODD = (
    *("null", "true", "false", "[]", "{}", "[null]", "[[]]", "[{}]", "[1,2]", '{"a":1,"a":2}'),
    *NUMBERS,
    *(f'"{number}"' for number in NUMBERS),
    *(f'"{word}"' for word in WORDS),
    *("[" * 70 + "]" * 70, '{"a":' * 70 + "1" + "}" * 70, "[" * 40 + "]" * 40),
)
TEXTS = ('"text"', r'"it\"s \\ \n \/"', '"Größe 😀"', r'"\u00fc"', '"17"', '"NaN [{"')
FREE = ('{"a":[1,2.5,{"b":null}],"c":"d"}', "[1.5e3,true,-0]", '"text"', "{}")


class Odd:
    """Makes JSON text; `rate` is how often something is not as declared."""

    def __init__(self, chance: Random, rate: float) -> None:
        self._chance = chance
        self._rate = rate

    def answer(self, annotation: Any) -> bytes:
        """A whole body, mostly in an envelope that is one."""
        data = self.value(annotation)
        fields = [("success", "true"), ("data", data), ("message", '"Done"'), ("statusCode", "200")]
        if self._slip():
            fields = self._choice(
                [
                    [("success", self._odd()), ("data", data)],
                    [("success", "true"), ("data", self._object(fields))],
                    [("success", "false"), ("success", "true"), ("data", data)],
                    [("success", "true"), ("success", "false"), ("data", data)],
                    [("data", data)],
                    [("data", data), ("error", '"Oops"')],
                    [*fields, ("meta", self._odd())],
                    [("message", self._odd()), *fields[:2]],
                    [*fields, ("data", self._odd())],
                    fields[:1],
                ]
            )
        body = self._object(fields) if not self._slip() else self._choice([data, self._odd(), ""])
        text = (" " if self._slip() else "") + body + ("]" if self._slip() and self._slip() else "")
        coded = text.encode("utf-8", "surrogatepass")
        return coded.replace(b"e", b"\xff", 1) if self._slip() and self._slip() else coded

    def value(self, annotation: Any) -> str:
        return self._odd() if self._slip() else self._fitting(annotation)

    def _fitting(self, annotation: Any) -> str:
        inner, origin = get_args(annotation), get_origin(annotation)
        if origin in {Annotated, list, Union, types.UnionType} and annotation is not JsonValue:
            return self._put_together(origin, inner)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self._object(list(self._fields(annotation)))
        if isinstance(annotation, type) and issubclass(annotation, StrEnum):
            return f'"{self._choice(list(annotation))}"'
        simple: list[tuple[Any, Callable[[], str]]] = [
            (str, lambda: self._choice(TEXTS)),
            (bool, lambda: self._choice(["true", "false"])),
            (int, lambda: self._number(whole=True)),
            (float, lambda: self._number(whole=False)),
            (date, lambda: f'"{self._day()}"'),
            (datetime, lambda: f'"{self._moment()}"'),
            (type(None), lambda: "null"),
            (JsonValue, lambda: self._choice(FREE)),
        ]
        return next(make for kind, make in simple if kind is annotation)()

    def _put_together(self, origin: Any, inner: tuple[Any, ...]) -> str:
        if origin is Annotated:
            lifted = [m.func for m in inner[1:] if isinstance(m, BeforeValidator)]
            return self._lifted(inner[0], lifted[0]) if lifted else self._fitting(inner[0])
        if origin is list:
            many = self._chance.randint(0, 3)
            return "[" + ",".join(self.value(inner[0]) for _ in range(many)) + "]"
        return self.value(self._choice(inner))

    def _lifted(self, annotation: Any, lifted: Any) -> str:
        """A row that has one of the keys, seldom none or another; a figure has no keys."""
        if not isinstance(lifted, Lifted):
            return self._fitting(annotation)
        keys = self._chance.sample(list(lifted.keys.values()), 2 if self._slip() else 1)
        fields = self._fields(annotation)
        without = [field for field in fields if field[0] not in lifted.keys.values()]
        named = [(key, self.value(str)) for key in keys] if self._chance.random() < 0.7 else []
        return self._object(
            [field for field in without if field[0] != lifted.field or self._slip()] + named
        )

    def _number(self, *, whole: bool) -> str:
        made = str(self._chance.randint(-3, 10 ** self._chance.randint(1, 18)))
        if not whole and self._chance.random() < 0.7:
            made += "." + "".join(self._chance.choices("0123456789", k=self._chance.randint(1, 18)))
        if not whole and self._slip():
            made += self._choice(["e5", "E-7", "e+12", "e-320", "e290", "e308"])
        return self._choice([made, f'"{made}"'])

    def _day(self) -> str:
        year = self._choice(["2026", "2024", "1969", "0001", "9999"])
        day = self._choice(["29", "31", "00"]) if self._slip() else self._choice(["01", "28"])
        return f"{year}-{self._choice(['01', '02', '12'])}-{day}"

    def _moment(self) -> str:
        places = self._choice([7, 9, 12]) if self._slip() else self._choice([0, 0, 3, 6])
        fraction = "." + "".join(self._chance.choices("0123456789", k=places)) if places else ""
        time = self._choice(["23:59:60", "24:00:00"] if self._slip() else ["00:00:00", "23:59:59"])
        zone = self._choice(["Z", "Z", "+0000", "+02:00", "-0730", "", "z", "-00:00", "+23:59"])
        return f"{self._day()}{self._choice(['T', 'T', ' ', 't'])}{time}{fraction}{zone}"

    def _fields(self, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
        below: dict[str, list[tuple[str, str]]] = {}
        for name, info in model.model_fields.items():
            if self._slip() or (not info.is_required() and self._chance.random() < 0.3):
                continue
            for first, *rest in self._places(name, info):
                made = self.value(info.annotation)
                if rest:
                    below.setdefault(first, []).append((rest[0], made))
                else:
                    yield first, made
                if self._slip():
                    yield first, self._odd()
            if self._slip():
                yield name, self._odd()
        yield from ((name, self._object(fields)) for name, fields in below.items())

    def _places(self, name: str, info: FieldInfo) -> list[list[str]]:
        """One of the places where it can stand, seldom several."""
        alias = info.validation_alias or name
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
        paths = [[str(s) for s in c.path] if isinstance(c, AliasPath) else [c] for c in choices]
        return paths if self._slip() else [self._choice(paths)]

    def _object(self, fields: list[tuple[str, str]]) -> str:
        more = [("undeclared", self._odd())] if self._slip() else []
        pairs = [f'"{name}":{value}' for name, value in [*fields, *more]]
        return "{" + ",".join(pairs) + "}"

    def _odd(self) -> str:
        return self._choice([self._choice(ODD), self._number(whole=False), f'"{self._moment()}"'])

    def _slip(self) -> bool:
        return self._chance.random() < self._rate

    def _choice(self, among: Sequence[T]) -> T:
        return self._chance.choice(among)
