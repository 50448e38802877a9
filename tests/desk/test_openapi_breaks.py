"""What breaks clients is found in the document, and what does not is let pass."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
SCRIPT = CHECKOUT / "scripts" / "openapi_breaks.py"
BEFORE: dict[str, Any] = json.loads((CHECKOUT / "openapi" / "bff.json").read_text("utf-8"))
TEAM = "/api/v1/teams/{teamId}"

Json = dict[str, Any]
Change = Callable[[Json], object]


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def parameters(document: Json) -> list[Json]:
    """Those of getTeam."""
    found: list[Json] = document["paths"][TEAM]["get"]["parameters"]
    return found


def parameter(name: str, *, required: bool) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": {"type": "string"}}


def nullable(document: Json) -> None:
    name = schema(document, "Team")["properties"]["name"]
    name["anyOf"] = [{"type": name.pop("type")}, {"type": "null"}]


def new_field(document: Json) -> None:
    schema(document, "Campaign")["properties"]["colour"] = {"type": "string"}
    schema(document, "Campaign")["required"].append("colour")


def new_operation(document: Json) -> None:
    document["paths"][f"{TEAM}/colours"] = {"get": document["paths"][TEAM]["get"]}


BREAKS: list[tuple[str, Change, str]] = [
    ("no operation", lambda d: d["paths"][TEAM].pop("delete"), f"DELETE {TEAM}: it is gone"),
    (
        "another operationId",
        lambda d: d["paths"][TEAM]["get"].update(operationId="readTeam"),
        "it is called readTeam now",
    ),
    (
        "no field of an answer",
        lambda d: schema(d, "Campaign")["properties"].pop("objective"),
        f"GET {TEAM}/meta/campaigns, 200.items[].objective: it is gone",
    ),
    (
        "a field that may be missing",
        lambda d: schema(d, "Campaign")["required"].remove("objective"),
        "200.items[].objective: it is not always there any more",
    ),
    ("a field that may be null", nullable, f"GET {TEAM}, 200.name: it was string and is null"),
    (
        "a required field of a body",
        lambda d: schema(d, "TrafficCampaignDraft")["required"].append("appId"),
        f"POST {TEAM}/meta/campaigns/traffic, body.appId: it is required now",
    ),
    (
        "no field of a body",
        lambda d: schema(d, "TrafficCampaignDraft")["properties"].pop("appId"),
        "body.appId: it is gone",
    ),
    (
        "no value of a parameter",
        lambda d: schema(d, "DashboardPart")["enum"].remove("trend"),
        f"GET {TEAM}/dashboard, parts[]: not every value is taken any more",
    ),
    (
        "a required parameter",
        lambda d: parameters(d).append(parameter("colour", required=True)),
        f"GET {TEAM}: the query parameter colour is required now",
    ),
    (
        "no parameter",
        lambda d: d["paths"][f"{TEAM}/dashboard"]["get"]["parameters"].pop(),
        f"GET {TEAM}/dashboard: the query parameter require is gone",
    ),
    (
        "a narrower parameter",
        lambda d: parameters(d)[0]["schema"].update(pattern="^[a-z]+$"),
        f"GET {TEAM}, teamId: its pattern is another one now",
    ),
    (
        "no event of a stream",
        lambda d: schema(d, "PartsEvent")["properties"]["event"].update(const="news"),
        f"GET {TEAM}/dashboard/stream, 200: PartsEvent does not fit",
    ),
    (
        "no success",
        lambda d: d["paths"][TEAM]["get"]["responses"].pop("200"),
        f"GET {TEAM}: it does not answer 200 any more",
    ),
]

ADDITIONS: list[tuple[str, Change]] = [
    ("nothing", lambda _: None),
    ("an operation", new_operation),
    ("a field of an answer", new_field),
    ("an optional parameter", lambda d: parameters(d).append(parameter("colour", required=False))),
    (
        "an optional field of a body",
        lambda d: schema(d, "TrafficCampaignDraft")["properties"].update(colour={"type": "string"}),
    ),
    ("a code", lambda d: schema(d, "ProblemCode")["enum"].append("too-colourful")),
    ("a value of a parameter", lambda d: schema(d, "DashboardPart")["enum"].append("colours")),
    ("other words", lambda d: d["paths"][TEAM]["get"].update(summary="Read a team, all of it")),
    ("no refusal", lambda d: d["paths"][TEAM]["get"]["responses"].pop("409")),
]


def compared(folder: Path, change: Change) -> subprocess.CompletedProcess[str]:
    after = copy.deepcopy(BEFORE)
    change(after)
    for name, document in (("before.json", BEFORE), ("after.json", after)):
        (folder / name).write_text(json.dumps(document), "utf-8")
    return run(SCRIPT, str(folder / "before.json"), str(folder / "after.json"))


def run(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("change", "said"), [one[1:] for one in BREAKS], ids=[b[0] for b in BREAKS]
)
def test_a_break_is_named(tmp_path: Path, change: Change, said: str) -> None:
    """What a client relied on and does not find any more fails, by its place."""
    done = compared(tmp_path, change)
    assert done.returncode == 1
    assert said in done.stderr, done.stderr


@pytest.mark.parametrize("change", [one[1] for one in ADDITIONS], ids=[a[0] for a in ADDITIONS])
def test_an_addition_passes(tmp_path: Path, change: Change) -> None:
    """What no client relied on may change."""
    done = compared(tmp_path, change)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_last_release_is_what_counts(tmp_path: Path) -> None:
    """Without a tag it says that there is none; a version that may break ends the complaint."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "openapi").mkdir()
    script = Path(shutil.copy(SCRIPT, tmp_path / "scripts"))
    document = tmp_path / "openapi" / "bff.json"

    def git(*command: str) -> None:
        person = ["-c", "user.name=A", "-c", "user.email=a@shop.example", "-c", "tag.gpgSign=false"]
        subprocess.run(["git", *person, *command], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    document.write_text(json.dumps(BEFORE), "utf-8")
    git("add", "openapi")
    git("commit", "--message", "A release")
    done = run(script)
    assert (done.returncode, "no release yet" in done.stdout) == (0, True)

    git("tag", "v0.1.0")
    assert run(script).returncode == 0
    after = copy.deepcopy(BEFORE)
    del after["paths"][TEAM]
    document.write_text(json.dumps(after), "utf-8")
    assert run(script).returncode == 1
    after["info"]["version"] = "0.2.0"
    document.write_text(json.dumps(after), "utf-8")
    done = run(script)
    assert (done.returncode, f"DELETE {TEAM}: it is gone" in done.stderr) == (0, True)
