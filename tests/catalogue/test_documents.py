"""The OpenAPI documents: fresh, valid, and good to generate a client from."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.catalogue.operations import BUILT_IN, INTERNAL
from app.commands.described import documents
from app.gateway.prefix import API
from app.testing.world import World, world

COMMITTED = Path(__file__).parents[2] / "openapi"
NAMES = ("bff.json", "upstream.json")
Json = dict[str, Any]

OURS: Json = json.loads(documents()["bff.json"])
THEIRS: Json = json.loads(documents()["upstream.json"])


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for body in item.values():
            yield path, body


def resolved(node: Json) -> Json:
    while "$ref" in node:
        target: Any = OURS
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


DECLARED = [body for path, body in operations(OURS) if path.startswith(API)]
EVERY = [body for _, body in operations(OURS)]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_documents_are_fresh(name: str) -> None:
    """What is committed is byte for byte what `make openapi` writes."""
    assert (COMMITTED / name).read_text("utf-8") == documents()[name]


def test_the_documents_do_not_depend_on_the_environment(tmp_path: Path) -> None:
    """Whatever is set where it runs, `bff openapi` writes the same bytes."""
    odd = {
        "BFF_ENV": "production",
        "BFF_DOCS": "false",
        "BFF_UPSTREAM__ROUTES": '{"getTeam": "GET /elsewhere/{id}"}',
        "BFF_PUBLIC__ORIGIN": "https://elsewhere.example",
        "BFF_LEDGER__PATH": str(tmp_path / "never.db"),
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
    }
    command = [str(Path(sys.executable).with_name("bff")), "openapi", str(tmp_path / "written")]
    subprocess.run(command, check=True, cwd=tmp_path, env=os.environ | odd, timeout=60)
    for name in NAMES:
        assert (tmp_path / "written" / name).read_text("utf-8") == documents()[name]
    assert not (tmp_path / "never.db").exists()


@pytest.mark.parametrize("document", [OURS, THEIRS])
def test_the_documents_are_valid(document: Json) -> None:
    """Both are OpenAPI 3.1 without a fault."""
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


@pytest.mark.parametrize("operation", EVERY, ids=lambda o: o["operationId"])
def test_an_operation_is_described(operation: Json) -> None:
    """Summary, one known tag, described parameters, typed problems: what a reader needs."""
    assert operation["summary"]
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in {tag["name"] for tag in OURS["tags"]}
    assert all(parameter["description"] for parameter in operation.get("parameters", ()))
    for status, response in operation["responses"].items():
        if status >= "400":
            schema = response["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ProblemDocument"}


@pytest.mark.parametrize("operation", DECLARED, ids=lambda o: o["operationId"])
def test_a_declared_operation_says_who_may_and_what_can_happen(operation: Json) -> None:
    """Cookie or bearer, the access rules, and the refusals that every client meets."""
    assert operation["security"] == [{"session": []}, {"bearer": []}]
    assert "Access: " in operation["description"]
    assert {"401", "403", "404", "422", "502", "503", "504"} <= operation["responses"].keys()
    required = [p for p in operation.get("parameters", ()) if p["required"]]
    assert all(p.get("examples") or resolved(p["schema"])["items"]["maxLength"] for p in required)


@pytest.mark.holds(67)
@pytest.mark.parametrize("operation", EVERY, ids=lambda o: o["operationId"])
def test_what_can_happen_to_any_request_is_described(operation: Json) -> None:
    """An unreadable request and an unforeseen error end every operation in the same way."""
    assert {"400", "500"} <= operation["responses"].keys()


def test_reads_name_the_headers_of_kept_answers() -> None:
    """A kept answer's ETag, Age and Cache-Status are described, and so is 304."""
    kept = [op.id for op in BUILT_IN.operations if hasattr(op, "keep")]
    assert kept
    for operation in DECLARED:
        if operation["operationId"] in kept:
            for status in ("200", "304"):
                headers = operation["responses"][status]["headers"]
                assert set(headers) == {"ETag", "Age", "Cache-Status"}
                assert all(resolved(header)["description"] for header in headers.values())


def test_names_are_fit_for_generated_types() -> None:
    """Schemas have plain names: no brackets made into underscores, no twins for input and output."""
    names = list(OURS["components"]["schemas"])
    assert [n for n in names if not n.isalnum() or n.endswith(("Input", "Output"))] == []
    assert {"CampaignPage", "MemberPage", "ConnectionPage"} <= set(names)


def test_a_closed_list_has_a_name() -> None:
    """Every enumeration is a schema of its own, so that a client gets one type for it."""
    schemas = OURS["components"]["schemas"].items()
    nested = [name for name, schema in schemas if _enums(schema.get("properties", {}))]
    assert nested == []
    assert not _enums(OURS["paths"])


def _enums(node: Any) -> bool:
    if isinstance(node, list):
        return any(_enums(part) for part in node)
    if isinstance(node, dict):
        return "enum" in node or any(_enums(part) for part in node.values())
    return False


@pytest.mark.parametrize("document", [OURS, THEIRS])
def test_bounds_are_told_in_words_of_json_schema(document: Json) -> None:
    """No bound is described by pydantic's own word, which no client reads."""
    assert not {"ge", "gt", "le", "lt", "min_length", "max_length"} & set(_keys(document))


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _keys(part)
    elif isinstance(node, dict):
        yield from node
        for part in node.values():
            yield from _keys(part)


def test_answers_always_have_their_fields() -> None:
    """Fields of an answer are required, null where there is nothing: clients need no `undefined`."""
    for operation in DECLARED:
        for status, response in operation["responses"].items():
            if status in {"200", "201"}:
                media = response["content"].get("application/json")
                if media is None:
                    assert operation["operationId"] == "streamDashboard"
                    continue
                schema = resolved(media["schema"])
                assert set(schema["required"]) == set(schema["properties"])


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        ("409", {"account-shared", "conflict"}),
        ("422", {"invalid", "not-a-member"}),
        ("503", {"access-unavailable", "upstream-unavailable", "read-only"}),
    ],
)
def test_the_codes_of_a_status_are_listed(status: str, codes: set[str]) -> None:
    """A client is told which codes it may meet at a status."""
    described = [
        o["responses"][status]["description"] for o in DECLARED if status in o["responses"]
    ]
    assert described
    assert all(f"`{code}`" in text for text in described for code in codes)


def test_the_codes_are_named_and_may_grow() -> None:
    """Generated types know every code that there is, and stay true when another one is added."""
    schemas = OURS["components"]["schemas"]
    named = set(schemas["ProblemCode"]["enum"])
    for response in (one for body in EVERY for one in body["responses"].values()):
        codes = response["description"].partition("Codes: ")[2]
        assert set(re.findall(r"`([^`]+)`", codes)) <= named
    for name in ("ProblemDocument", "PartProblem"):
        code = schemas[name]["properties"]["code"]
        assert code["anyOf"] == [{"$ref": "#/components/schemas/ProblemCode"}, {"type": "string"}]


def test_what_is_expected_of_the_platform_is_complete() -> None:
    """upstream.json has every address that is asked for, with its evidence and its number."""
    expected = dict(INTERNAL) | {op.id: op.upstream for op in BUILT_IN.operations if op.upstream}
    described = {
        body["operationId"]: (body["x-operation"], f"{method.upper()} {path}", body["x-evidence"])
        for path, item in THEIRS["paths"].items()
        for method, body in item.items()
    }
    assert described == {
        name: (one.number, one.address.partition("?")[0].partition(" {")[0], one.evidence.value)
        for name, one in expected.items()
    }


@pytest.mark.holds(66)
@pytest.mark.parametrize(
    ("docs", "status"), [({}, 200), ({"docs": True}, 200), ({"docs": False}, 404)]
)
def test_the_document_is_served_where_it_is_meant_to_be(docs: Any, status: int) -> None:
    """/openapi.json and /docs are there in development, and gone when they are switched off."""
    with world(**docs) as running:
        browser = running.browser()
        for path in ("/openapi.json", "/docs"):
            assert browser.get(path).status_code == status
        if status == 200:
            assert browser.get("/openapi.json").json() == OURS


@pytest.mark.holds(66)
@pytest.mark.parametrize(("docs", "status"), [({}, 404), ({"docs": True}, 200)])
def test_production_serves_no_document_unless_told(docs: Any, status: int) -> None:
    """In production the description is off by default, and on only by BFF_DOCS."""
    public = {"origin": "https://app.example.com"}
    oidc = {"issuer": "https://idp.example", "client_id": "x", "client_secret": "x"}
    groups: Any = {"env": "production", "public": public, "identity": {"oidc": oidc}} | docs
    with world(**groups) as running:
        browser = running.browser()
        for path in ("/openapi.json", "/docs"):
            assert browser.get(path).status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_open_and_not_kept(strict_world: World, path: str) -> None:
    """Whoever asks is told, and told anew each time."""
    answer = strict_world.browser().get(path, headers={"X-BFF": "", "Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"
