"""The types of the TypeScript client: fresh, and a change of an operation is a compile error."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.typescript import (
    CLIENT,
    OPENAPI,
    ROOT,
    compile_types,
    copy_of_client,
    write_types,
)

Json = dict[str, Any]
TEAM = "/api/v1/teams/{teamId}"


def test_the_committed_types_are_fresh(tmp_path: Path) -> None:
    """What is committed is byte for byte what `make openapi` writes."""
    write_types(OPENAPI / "bff.json", tmp_path / "bff.d.ts")
    assert (OPENAPI / "bff.d.ts").read_bytes() == (tmp_path / "bff.d.ts").read_bytes()


def test_without_node_the_types_are_said_to_be_old(tmp_path: Path) -> None:
    """Where there is no Node, `make openapi` goes on and says plainly what it left as it was."""
    (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
    types = tmp_path / "bff.d.ts"
    done = subprocess.run(
        [str(ROOT / "scripts" / "openapi-types"), str(OPENAPI / "bff.json"), str(types)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    assert f"There is no Node with npm: {types} was not written" in done.stderr
    assert not types.exists()


def remove_a_field(document: Json) -> None:
    schema = document["components"]["schemas"]["Campaign"]
    del schema["properties"]["objective"]
    schema["required"].remove("objective")


def make_a_field_nullable(document: Json) -> None:
    name = document["components"]["schemas"]["Team"]["properties"]["name"]
    name["anyOf"] = [{"type": name.pop("type")}, {"type": "null"}]


def rename_a_parameter(document: Json) -> None:
    parameters = document["paths"][f"{TEAM}/meta/campaigns"]["get"]["parameters"]
    next(one for one in parameters if one["name"] == "adAccountId")["name"] = "accountId"


def demand_a_field(document: Json) -> None:
    document["components"]["schemas"]["TrafficCampaignDraft"]["required"].append("appId")


def remove_an_operation(document: Json) -> None:
    del document["paths"][f"{TEAM}/dashboard"]


def rename_a_money_write(document: Json) -> None:
    paths = document["paths"]
    paths[f"{TEAM}/meta/campaigns/shop"] = paths.pop(f"{TEAM}/meta/campaigns/sales")


def rename_a_code(document: Json) -> None:
    codes = document["components"]["schemas"]["ProblemCode"]["enum"]
    codes[codes.index("not-found")] = "absent"


def rename_an_event(document: Json) -> None:
    stream = document["paths"][f"{TEAM}/dashboard/stream"]["get"]["responses"]["200"]
    mapping = stream["content"]["text/event-stream"]["schema"]["discriminator"]["mapping"]
    mapping["news"] = mapping.pop("parts")


CHANGES: list[tuple[Callable[[Json], None], str]] = [
    (remove_a_field, "Property 'objective' does not exist"),
    (make_a_field_nullable, "'string | null' is not assignable to type 'string'"),
    (rename_a_parameter, "'adAccountId' does not exist in type"),
    (demand_a_field, "Property 'appId' is missing"),
    (remove_an_operation, '"/api/v1/teams/{teamId}/dashboard"'),
    (rename_a_money_write, '"/api/v1/teams/{teamId}/meta/campaigns/sales"'),
    (rename_a_code, '"not-found"'),
    (rename_an_event, '"parts"'),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the compiler says when all of it has changed."""
    folder = tmp_path_factory.mktemp("changed")
    client = copy_of_client(folder)
    document = json.loads((OPENAPI / "bff.json").read_text("utf-8"))
    for change, _ in CHANGES:
        change(document)
    (folder / "openapi" / "bff.json").write_text(json.dumps(document), "utf-8")
    write_types(folder / "openapi" / "bff.json", folder / "openapi" / "bff.d.ts")
    done = compile_types(client)
    assert done.returncode != 0
    return done.stdout


@pytest.mark.parametrize(("change", "said"), CHANGES, ids=[one.__name__ for one, _ in CHANGES])
def test_a_change_is_a_compile_error(
    complaints: str, change: Callable[[Json], None], said: str
) -> None:
    """Whoever uses what is gone or different learns it from the compiler, by its name."""
    assert said in complaints


def test_the_client_is_sound() -> None:
    """Without a change `tsc --strict` finds nothing: the complaints are about the changes."""
    done = compile_types(CLIENT, "--skipLibCheck", "false")
    assert (done.returncode, done.stdout) == (0, "")
