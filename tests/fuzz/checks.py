"""Every check of Schemathesis on every answer, and one of ours; what does not apply, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemathesis import CheckContext, CheckFunction, Response, checks

from tests.fuzz.document import Drawn, operation_of

ANYWHERE = frozenset[str]()


def answers_declared_fields_only(_: CheckContext, response: Response, case: Drawn) -> None:
    """What an answer holds, its schema names, however deep."""
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    for media in described.get("content", {}).values():
        document = case.operation.schema.raw_schema
        found = list(undeclared(response.json(), media["schema"], document))
        assert not found, f"undeclared: {', '.join(found)}"


def undeclared(
    value: Any, schema: Mapping[str, Any], document: Mapping[str, Any], at: str = ""
) -> Iterator[str]:
    """Pointers to the fields that no schema names. A schema without fields allows any JSON."""
    schema = _meant(schema, document)
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from undeclared(item, schema.get("items", {}), document, f"{at}/{place}")
    elif isinstance(value, dict) and schema:
        fields, others = schema.get("properties", {}), schema.get("additionalProperties", False)
        for name, field in value.items():
            if name not in fields and others is False:
                yield f"{at}/{name}"
            else:
                yield from undeclared(field, fields.get(name, others), document, f"{at}/{name}")


def _meant(schema: Any, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Behind references, and of `X or null` the one that was meant. Where there are several they are
    texts, open lists of codes, and have no fields."""
    if schema is True:
        return {}
    if "anyOf" in schema:
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    if "$ref" in schema:
        named = schema["$ref"].rpartition("/")[2]
        return _meant(document["components"]["schemas"][named], document)
    known: Mapping[str, Any] = schema
    return known


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A check that cannot say anything: of these operations, or whenever `when` is true."""

    check: CheckFunction
    why: str
    operations: frozenset[str] = ANYWHERE
    when: Callable[[Response], bool] = lambda _: True

    def applies(self, operation: str, response: Response) -> bool:
        return operation in (self.operations or {operation}) and self.when(response)


def refused_beyond_schemas(response: Response) -> bool:
    """By a rule that no schema can state, or by the platform, whose rules we do not know."""
    if response.status_code == 413:
        return True  # a hundred ids are allowed, and a query of 8 KiB
    if response.status_code not in {400, 422}:
        return False
    problem = response.json()
    pointers = {error["pointer"] for error in problem.get("errors", ())}
    if not pointers:
        return problem["code"] in {"not-a-member", "key-reused"} or _is_the_platforms(problem)
    return all(any(pointer.startswith(rule) for rule in BEYOND_SCHEMAS) for pointer in pointers)


def _is_the_platforms(problem: Mapping[str, Any]) -> bool:
    return bool(problem.get("detail") == "The ads platform did not accept the request.")


# Where a valid value can be refused, and by which rule.
BEYOND_SCHEMAS = {
    "/path/enterpriseId": "printable, and in NFC",
    "/path/externalUserId": "printable, and in NFC",
    "/query/externalUserId": "printable, and in NFC",
    "/body/externalUserId": "printable, and in NFC",
    "/body/enterpriseId": "printable, and in NFC",
    "/body/members/": "printable, and in NFC",
    "/query/returnTo": "a path of our own origin, however often it is decoded",
    "/query/prompt": "none is for browsers",
    "/query/client": "an app says all that goes with it",
    "/query/code_challenge": "an app says all that goes with it",
    "/query/state": "an app says all that goes with it",
    "/query/redirect": "one of the configured addresses",
    "/query/cursor": "what the answer before said",
    "/query/startDate": "start and end: in order, near enough, not to come",
    "/query/endDate": "start and end: in order, near enough, not to come",
    "/query/trend": "as many points as a dashboard holds",
    "/query/require": "parts that are asked for as well",
    "/query/compare": "the totals are asked for as well",
    "/body/redirect": "on our own origin",
    "/body/startDate": "start and end: in order, not past",
    "/body/endDate": "start and end: in order, not past",
    "/body/specialAdCountry": "needed with a special category",
    "/body/targeting/ageMax": "not below ageMin",
    "/body/creatives/thumbnailUrl": "needed with a video",
    "/body/creatives/imageUrl": "needed without a video",
    "/body/appId": "needed for APP",
    "/body/objectStoreUrl": "needed for APP",
    "/body/questions/": "options are for CUSTOM questions",
    "/body/thankYouPage/": "what the button needs",
}
CREATIONS = frozenset(
    f"create{kind}Campaign" for kind in ("Traffic", "Sales", "Lead", "Awareness", "Engagement")
)
EXCLUSIONS = (
    Exclusion(
        checks.use_after_free,
        "DELETE …/members takes away the members that it names, not their list",
        operations=frozenset({"listTeamMembers"}),
    ),
    Exclusion(
        checks.positive_data_acceptance,
        "rules between fields and the platform's own rules fit no schema",
        when=refused_beyond_schemas,
    ),
    Exclusion(
        checks.positive_data_acceptance,
        "only what the identity provider sent just now is accepted",
        operations=frozenset({"finishLogin", "backchannelLogout"}),
    ),
    Exclusion(
        checks.allow_header_conformance,
        "PATCH /campaigns/{campaignId} also matches this path; no document can say so",
        operations=CREATIONS,
    ),
)


def judge(
    case: Drawn,
    response: Response,
    sent: dict[str, Any],
    *,
    spare: Sequence[CheckFunction] = (),
    recorder: Any = None,
) -> None:
    """Raises what the checks find. `sent` is what went along with the case."""
    operation = operation_of(case)
    excluded = [one.check for one in EXCLUSIONS if one.applies(operation, response)]
    case.validate_response(
        response,
        excluded_checks=[*excluded, *spare],
        additional_checks=[answers_declared_fields_only],
        headers=sent["headers"],
        transport_kwargs=sent,
        recorder=recorder,
    )
