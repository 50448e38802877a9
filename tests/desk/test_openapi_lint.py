"""The OpenAPI lint, tried with documents that each break one rule."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LINT = Path(__file__).parents[2] / "scripts" / "lint_openapi.py"

SOUND: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Parcels", "version": "1"},
    "paths": {
        "/parcels/{id}": {
            "get": {
                "operationId": "getParcel",
                "summary": "One parcel",
                "tags": ["parcels"],
                "security": [{"cookie": []}],
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "responses": {
                    "200": {
                        "description": "The parcel",
                        "links": {
                            "again": {
                                "operationId": "getParcel",
                                "parameters": {"id": "$request.path.id"},
                            }
                        },
                    },
                    "404": {"$ref": "#/components/responses/NotFound"},
                },
            }
        }
    },
    "components": {
        "parameters": {
            "Id": {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "Which parcel",
                "schema": {"type": "string"},
            }
        },
        "responses": {
            "NotFound": {
                "description": "Not there",
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            }
        },
        "schemas": {"Problem": {"type": "object"}},
        "securitySchemes": {"cookie": {"type": "apiKey", "in": "cookie", "name": "parcels"}},
    },
}


def again(get: dict[str, Any]) -> dict[str, Any]:
    """The sound document's link."""
    link: dict[str, Any] = get["responses"]["200"]["links"]["again"]
    return link


# What is done to the sound document (its operation, the whole), and what the lint must then say.
BREAKS: list[tuple[str, Callable[[dict[str, Any], dict[str, Any]], object], str]] = [
    ("invalid", lambda _, document: document["info"].pop("title"), "is a required property"),
    ("snake case", lambda get, _: get.update(operationId="get_parcel"), "is not camelCase"),
    ("no id", lambda get, _: get.pop("operationId"), "it has no operationId"),
    ("no summary", lambda get, _: get.pop("summary"), "has no summary"),
    ("no tag", lambda get, _: get.update(tags=[]), "has no tags"),
    ("no security", lambda get, _: get.pop("security"), "does not say who may call it"),
    (
        "an undescribed parameter",
        lambda _, document: document["components"]["parameters"]["Id"].pop("description"),
        "parameter id has no description",
    ),
    (
        "an error of another type",
        lambda get, _: get["responses"].update({"500": {"description": "Broken"}}),
        "500 is not application/problem+json",
    ),
    (
        "a link to nowhere",
        lambda get, _: again(get).update(operationId="getBox"),
        "the link again leads to getBox, which is no operation",
    ),
    (
        "a link that fills nothing",
        lambda get, _: again(get)["parameters"].update(box="$request.path.id"),
        "the link again fills box, which getParcel does not take",
    ),
    (
        "a link that reads nothing",
        lambda get, _: again(get)["parameters"].update(id="$request.query.id"),
        "the link again reads $request.query.id, which is no parameter",
    ),
    (
        "an unused schema",
        lambda _, document: document["components"]["schemas"].update(Idle={"type": "null"}),
        "nothing uses components/schemas/Idle",
    ),
    (
        "an undefined response",
        lambda _, document: document["components"]["responses"].clear(),
        "#/components/responses/NotFound is named but not there",
    ),
    (
        "an undefined security scheme",
        lambda get, _: get.update(security=[{"bearer": []}]),
        "#/components/securitySchemes/bearer is named but not there",
    ),
]


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, LINT, path], capture_output=True, text=True, check=False, timeout=60
    )


def written(folder: Path, document: dict[str, Any], name: str = "bff.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document), "utf-8")
    return path


def test_a_sound_document_passes(tmp_path: Path) -> None:
    """A document that keeps every rule passes, so that the cases below fail for their own reason."""
    done = lint(written(tmp_path, SOUND))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("change", "said"), [case[1:] for case in BREAKS], ids=[c[0] for c in BREAKS]
)
def test_each_broken_rule_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any], dict[str, Any]], object], said: str
) -> None:
    """A document that breaks one rule fails with a sentence about that rule."""
    document = copy.deepcopy(SOUND)
    change(document["paths"]["/parcels/{id}"]["get"], document)
    done = lint(written(tmp_path, document))
    assert done.returncode == 1
    assert said in done.stderr


def test_operation_ids_are_unique(tmp_path: Path) -> None:
    """Two operations of one name fail, in the platform's document too."""
    document = copy.deepcopy(SOUND)
    document["paths"]["/boxes/{id}"] = document["paths"]["/parcels/{id}"]
    for name in ("bff.json", "upstream.json"):
        done = lint(written(tmp_path, document, name))
        assert done.returncode == 1
        assert "'getParcel' for 'get' in '/boxes/{id}' is not unique" in done.stderr


def test_a_missing_document_fails(tmp_path: Path) -> None:
    """A document that nobody generated is a fault, never a pass."""
    done = lint(tmp_path / "bff.json")
    assert done.returncode == 1
    assert "the document is missing" in done.stderr
