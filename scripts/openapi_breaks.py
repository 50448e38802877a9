"""Says what in openapi/bff.json breaks clients that were written for the last release.

The last release is the last tag of git; `openapi_breaks.py BEFORE AFTER` compares two files. What a
client sends has to be accepted still, and what it reads has to be there still. More may come: new
operations, optional parameters, further fields and further values of an answer's enum. A release
with a new major version (below 1.0 a new minor one) may break what it says in the changelog.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OURS = "openapi/bff.json"

Json = dict[str, Any]  # JSON has no narrower type until it is looked at


def main(arguments: list[str]) -> int:
    if arguments:
        before, after = (json.loads(Path(path).read_text("utf-8")) for path in arguments)
    else:
        tag = git("describe", "--tags", "--abbrev=0")
        released = tag and git("show", f"{tag}:{OURS}")
        if not released:
            print("Breaking changes: there is no release yet to compare with.")
            return 0
        before, after = json.loads(released), json.loads((ROOT / OURS).read_text("utf-8"))
    found = sorted(set(breaks(before, after)))
    for line in found:
        print(line, file=sys.stderr)
    old, new = (document["info"]["version"] for document in (before, after))
    print(f"Breaking changes from {old} to {new}: {len(found)}.")
    return 1 if found and generation(old) == generation(new) else 0


def git(*command: str) -> str | None:
    done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def generation(version: str) -> list[str]:
    """What changes when a version may break: the major version, below 1.0 the minor one too."""
    parts = version.split(".")
    return parts[:2] if parts[0] == "0" else parts[:1]


def breaks(before: Json, after: Json) -> Iterator[str]:
    for path, item in before["paths"].items():
        for method, old in item.items():
            where = f"{method.upper()} {path}"
            new = after["paths"].get(path, {}).get(method)
            if new is None:
                yield f"{where}: it is gone"
                continue
            if old["operationId"] != new["operationId"]:
                yield f"{where}: it is called {new['operationId']} now"
            yield from asked(where, (old, before), (new, after))
            yield from answered(where, (old, before), (new, after))


def asked(where: str, old: tuple[Json, Json], new: tuple[Json, Json]) -> Iterator[str]:
    """What clients send: parameters and the body."""
    given, taken = (
        {(p["in"], p["name"]): p for p in side[0].get("parameters", [])} for side in (old, new)
    )
    for place, parameter in taken.items():
        if parameter.get("required") and not given.get(place, {}).get("required"):
            yield f"{where}: the {place[0]} parameter {place[1]} is required now"
    sent = Fit(old[1], new[1], answers=False)
    for place, parameter in given.items():
        if place not in taken:
            yield f"{where}: the {place[0]} parameter {place[1]} is gone"
        else:
            yield from sent.faults(
                f"{where}, {place[1]}", parameter["schema"], taken[place]["schema"]
            )
    before, after = (side[0].get("requestBody", {}) for side in (old, new))
    if after.get("required") and not before.get("required"):
        yield f"{where}: a body is required now"
    for kind, content in before.get("content", {}).items():
        if kind not in after.get("content", {}):
            yield f"{where}: no body of {kind} is taken any more"
        else:
            yield from sent.faults(
                f"{where}, body", content["schema"], after["content"][kind]["schema"]
            )


def answered(where: str, old: tuple[Json, Json], new: tuple[Json, Json]) -> Iterator[str]:
    """What clients read: every answer that there was."""
    read = Fit(new[1], old[1], answers=True)
    for status, response in old[0]["responses"].items():
        if status not in new[0]["responses"]:
            if status < "400":
                yield f"{where}: it does not answer {status} any more"
            continue
        now = new[0]["responses"][status].get("content", {})
        for kind, content in response.get("content", {}).items():
            if kind not in now:
                yield f"{where}: {status} is not {kind} any more"
            else:
                place = f"{where}, {status}"
                yield from read.faults(place, now[kind]["schema"], content.get("schema", {}))


@dataclass
class Fit:
    """Whether each value of one schema is what another one promises.

    The values come from the sender's document, the promise from the reader's. In `answers` further
    fields and further values of an enum are nothing to complain of.
    """

    sender: Json
    reader: Json
    answers: bool
    _met: set[tuple[str, str]] = field(default_factory=set)

    def faults(self, where: str, sent: Json, wanted: Json) -> Iterator[str]:
        names = (sent.get("$ref", ""), wanted.get("$ref", ""))
        if all(names):
            if names in self._met:
                return
            self._met.add(names)
        sent, wanted = resolved(sent, self.sender), resolved(wanted, self.reader)
        choices, promised = alternatives(sent), alternatives(wanted)
        if choices == [sent] and promised == [wanted]:
            yield from self._plain(where, sent, wanted)
            return
        for choice in choices:
            tried = [list(self._copy().faults(where, choice, one)) for one in promised]
            if all(tried):
                yield (
                    min(tried, key=len)[0]
                    if len(tried) == 1
                    else f"{where}: {named(choice)} does not fit"
                )

    def _copy(self) -> Fit:
        return Fit(self.sender, self.reader, self.answers, set(self._met))

    def _plain(self, where: str, sent: Json, wanted: Json) -> Iterator[str]:
        here, there = sent.get("type"), wanted.get("type")
        if there and here != there and (here, there) != ("integer", "number"):
            was, now = (there, here) if self.answers else (here, there)
            yield f"{where}: it was {was} and is {now}"
            return
        values, known = enumerated(sent), enumerated(wanted)
        if known and not self.answers and (not values or not values <= known):
            yield f"{where}: not every value is taken any more"
        if known and self.answers and not values & known:
            yield f"{where}: its values are all others now"
        if not self.answers:
            yield from bounds(where, sent, wanted)
        if "items" in sent and "items" in wanted:
            yield from self.faults(f"{where}[]", sent["items"], wanted["items"])
        yield from self._fields(where, sent, wanted)

    def _fields(self, where: str, sent: Json, wanted: Json) -> Iterator[str]:
        here, there = sent.get("properties", {}), wanted.get("properties", {})
        for name in sorted(set(wanted.get("required", [])) - set(sent.get("required", []))):
            word = "is not always there any more" if self.answers else "is required now"
            if name in here or not self.answers:
                yield f"{where}.{name}: it {word}"
        for name in there if self.answers else here:
            if name not in here or name not in there:
                yield f"{where}.{name}: it is gone"
            else:
                yield from self.faults(f"{where}.{name}", here[name], there[name])


def bounds(where: str, sent: Json, wanted: Json) -> Iterator[str]:
    """Limits of what is taken: none may be narrower."""
    for key in ("maxLength", "maxItems", "maximum", "exclusiveMaximum"):
        if key in wanted and sent.get(key, float("inf")) > wanted[key]:
            yield f"{where}: its {key} is {wanted[key]} now"
    for key in ("minLength", "minItems", "minimum", "exclusiveMinimum"):
        if key in wanted and sent.get(key, float("-inf")) < wanted[key]:
            yield f"{where}: its {key} is {wanted[key]} now"
    for key in ("pattern", "format"):
        if key in wanted and sent.get(key) != wanted[key]:
            yield f"{where}: its {key} is another one now"


def resolved(schema: Json, document: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def alternatives(schema: Json) -> list[Json]:
    found: list[Json] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return found


def enumerated(schema: Json) -> set[Any]:
    return set(schema.get("enum", [schema["const"]] if "const" in schema else []))


def named(schema: Json) -> str:
    return str(schema.get("$ref", schema.get("type", "a value"))).rsplit("/", 1)[-1]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
