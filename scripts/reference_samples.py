"""Extracts the sample bodies of the platform's reference into test data.

`reference_samples.py REFERENCE` reads the reference as plain text and writes
tests/sandbox/reference/samples.json: every JSON sample with its operation's number, its part
(request, or a response with its status) and its body. Where the reference contradicts itself the
sample is adapted; each adaptation is a row below, with its reason.

Three samples stay although they were copied from another operation (35, 38 and 39 answer null):
the sandbox can be switched to answer like that.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent / "tests/sandbox/reference/samples.json"

# The line on which each operation's text begins, 1 to 41: the text itself has no titles.
STARTS = (
    *(1, 118, 143, 261, 300, 341, 364, 385, 425, 483, 586, 627, 655, 706),
    *(739, 762, 797, 822, 838, 874, 906, 932, 963, 1023, 1053, 1082, 1105),
    *(1129, 1180, 1228, 1281, 1312, 1366, 1398, 1430, 1575, 1737, 1750, 1910),
    *(2056, 2079),
)
LABEL = re.compile(r"(?:Body Parameters|(?P<status>\d{3}) Response[^\n]*)\n(?=\{)")
LEFT_OUT = re.compile(r"\{ \.\.\. \}")
GAP = "(left out in the reference)"
REMOVED = "(removed)"

COPIED = "copied from Change Workspace Admin"
PLACEHOLDER = "the sample is a placeholder; the contents are ours"
NO_TARGETING = "the table demands targeting, its sample has none"
ANYWHERE = {"geoLocations": [{"type": "country", "id": "US"}]}
TEXT = "string"


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What a sample says instead, at a path of keys and positions."""

    operation: int
    part: str
    path: tuple[str | int, ...]
    value: object
    reason: str


LINK = {
    "message": TEXT,
    "call_to_action": {"type": TEXT, "value": {"link": TEXT}},
    "link": TEXT,
    "name": TEXT,
    "picture": TEXT,
}
CONNECTION = {
    "id": TEXT,
    "platform": "meta",
    "adsAccounts": [{"adsAccount": {"id": TEXT, "accountId": TEXT, "accountName": TEXT}}],
}
COUNTS = {"campaigns": 1, "adSets": 1, "ads": 1, "creatives": 1}

ADAPTATIONS = (
    Adaptation(
        1,
        "400",
        ("error", "details"),
        ["externalUserId should not be empty"],
        "the sample complains of fields that the operation does not have",
    ),
    Adaptation(18, "200", ("data",), [CONNECTION], COPIED),
    Adaptation(18, "200", ("message",), "Request successful", COPIED),
    Adaptation(21, "200", ("data", "deleted"), CONNECTION, PLACEHOLDER),
    Adaptation(25, "200", ("message",), "Ad account changed successfully", COPIED),
    Adaptation(26, "200", ("data",), {"imported": COUNTS}, PLACEHOLDER),
    Adaptation(27, "200", ("data",), [{"id": TEXT, "name": TEXT}], PLACEHOLDER),
    Adaptation(
        28,
        "200",
        ("data", 0, "status"),
        REMOVED,
        "the item's status is copied from Get Ads: targeting options have none",
    ),
    Adaptation(
        31,
        "200",
        ("data", 0, "object_story_spec"),
        {"page_id": TEXT, "link_data": LINK},
        PLACEHOLDER,
    ),
    Adaptation(35, "request", ("targeting",), ANYWHERE, NO_TARGETING),
    Adaptation(36, "request", ("targeting",), ANYWHERE, NO_TARGETING),
    Adaptation(39, "request", ("targeting",), ANYWHERE, NO_TARGETING),
)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: reference_samples.py REFERENCE", file=sys.stderr)
        return 2
    samples = list(samples_in(Path(arguments[0]).read_text("utf-8")))
    for adaptation in ADAPTATIONS:
        adapt(samples, adaptation)
    text = json.dumps(samples, ensure_ascii=False, indent=1) + "\n"
    if GAP in text:
        print("A placeholder is left: it needs its row.", file=sys.stderr)
        return 1
    SAMPLES.write_text(text, "utf-8")
    print(f"{len(samples)} samples, {len(ADAPTATIONS)} adaptations.")
    return 0


def samples_in(reference: str) -> Iterator[dict[str, Any]]:
    """Every JSON object that stands under one of the reference's labels."""
    text = LEFT_OUT.sub(json.dumps(GAP), reference)
    for label in LABEL.finditer(text):
        line = text.count("\n", 0, label.start()) + 1
        body, _ = json.JSONDecoder().raw_decode(text, label.end())
        part = label["status"] or "request"
        yield {"operation": bisect_right(STARTS, line), "part": part, "body": body}


def adapt(samples: list[dict[str, Any]], adaptation: Adaptation) -> None:
    """Puts the value in its place; a sample that is not there is an error of the row."""
    wanted = (adaptation.operation, adaptation.part)
    found = [one for one in samples if (one["operation"], one["part"]) == wanted]
    if not found:
        raise LookupError(f"no sample {wanted}")
    *way, last = adaptation.path
    place = found[0]["body"]
    for step in way:
        place = place[step]
    if adaptation.value == REMOVED:
        del place[last]
    else:
        place[last] = adaptation.value


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
