"""The checks that answers are held to: all of them are on, and each finds what it is there for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from app.testing.world import API, world
from tests.fuzz.callers import Callers
from tests.fuzz.checks import judge, undeclared
from tests.fuzz.document import RAW, Drawn, load

Json = dict[str, Any]
TEAM = f"{API}/teams/{{teamId}}"
BRAND = {"teamId": "team-acme-brand"}
ELSEWHERE = {"teamId": "team-globex-shop"}


@pytest.fixture(scope="module")
def callers() -> Iterator[Callers]:
    with world() as running:
        asking = Callers(running)
        yield asking
        asking.close()


def ask_and_judge(callers: Callers, document: Json, path: str, ids: dict[str, str]) -> None:
    """Ana's GET, judged by this document."""
    case: Drawn = load(document)[path]["GET"].Case(path_parameters=ids)
    response, sent = callers.send(case, "ana")
    judge(case, response, sent)


def responses(document: Json, path: str) -> Json:
    found: Json = document["paths"][path]["get"]["responses"]
    return found


def field(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"]["Team"]["properties"][name]
    return found


def secure(document: Json) -> None:
    document["paths"]["/healthz"]["get"]["security"] = [{"session": []}]


# What is done to the document, whose answers it then is wrong about, and what that is called.
WRONGS: list[tuple[Callable[[Json], object], str, dict[str, str], str]] = [
    (lambda d: responses(d, TEAM).pop("404"), TEAM, ELSEWHERE, "UndefinedStatusCode"),
    (
        lambda d: responses(d, TEAM)["200"].update(content={"text/csv": {"schema": {}}}),
        TEAM,
        BRAND,
        "UndefinedContentType",
    ),
    (lambda d: field(d, "name").update(type="integer"), TEAM, BRAND, "JsonSchemaError"),
    (
        lambda d: d["components"]["headers"]["Age"]["schema"].update(minimum=1000),
        TEAM,
        BRAND,
        "JsonSchemaError",
    ),
    (
        lambda d: d["components"]["schemas"]["Member"].update(required=[], properties={}),
        TEAM,
        BRAND,
        "CustomFailure",
    ),
    (secure, "/healthz", {}, "IgnoredAuth"),
]


@pytest.mark.parametrize(("wrong", "path", "ids", "found"), WRONGS)
def test_a_document_that_is_wrong_is_found_out(
    callers: Callers,
    wrong: Callable[[Json], object],
    path: str,
    ids: dict[str, str],
    found: str,
) -> None:
    """The true document passes on these answers, and one that is wrong about them fails by name."""
    ask_and_judge(callers, RAW, path, ids)
    document = copy.deepcopy(RAW)
    wrong(document)
    with pytest.raises(FailureGroup) as raised:
        ask_and_judge(callers, document, path, ids)
    assert found in {type(failure).__name__ for failure in raised.value.exceptions}


def test_every_check_is_on() -> None:
    """Nothing that Schemathesis can check is switched off as a whole."""
    load_all_checks()
    config = load().config.checks_config_for()
    names = CHECKS.get_all_names()
    assert "negative_data_rejection" in names
    assert [name for name in names if not config.get_by_name(name=name).enabled] == []


@pytest.mark.holds(59)
@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"items": [], "nextCursor": None}, []),
        ({"items": [], "total": 3}, ["/total"]),
        ({"items": [{"id": "a", "targeting": {"any": ["thing"]}}]}, []),
        ({"items": [{"id": "a"}, {"id": "b", "account_id": 1}]}, ["/items/1/account_id"]),
    ],
)
def test_an_undeclared_field_is_found_however_deep(answer: Json, found: list[str]) -> None:
    """A field that no schema names is pointed at; JSON that is passed on as it is may be anything."""
    schema = {"$ref": "#/components/schemas/AdSetPage"}
    assert list(undeclared(answer, schema, RAW)) == found
