"""Values that a schema cannot ask for: ids that exist, a cursor, days that are near.

Without them a run would not get past the door. Every fourth request is left as it was drawn, and so
is whatever was drawn to be wrong. What was drawn decides, so that a run can be repeated.
"""

from __future__ import annotations

import json
import zlib
from typing import Any
from uuid import uuid4

from app.testing.asks import OWN
from tests.fuzz.document import Drawn, operation_of
from tests.proxy.asks import BODIES, VALUES

IDS = {**OWN, **VALUES}
BODY_OF = BODIES | {
    "createWorkspace": {"enterpriseId": "initech", "name": "Initech"},
    "backchannelLogout": {},
    "exchangeNativeCode": {},
}
# The second page of a list, as `nextCursor` writes it; the other parameters stay as drawn.
QUERY = {name: IDS[name] for name in ("startDate", "endDate", "metrics")} | {"cursor": "MQ"}
QUERY_IDS = {"adAccountId": IDS["adAccountId"], "externalUserId": [IDS["externalUserId"]]}
# What an app says at login, all of it or nothing.
APP = {
    "client": "native",
    "redirect": "com.example.app:/signed-in",
    "code_challenge": "A" * 43,
    "code_challenge_method": "S256",
    "state": "state",
}
IN_BODY = {
    "platform": "meta",
    "redirect": "/",
    "startDate": "2999-12-31",
    "endDate": "2999-12-31",
    "specialAdCountry": ["DE"],
}


def draw_of(case: Drawn) -> int:
    """A number that depends on what was drawn and on nothing else."""
    drawn = [case.path_parameters, dict(case.query), case.body]
    return zlib.crc32(json.dumps(drawn, sort_keys=True, default=_kind).encode())


def _kind(value: object) -> str:
    """Of what is no JSON: bytes, or no body. Its repr would hold an address in memory."""
    return type(value).__name__


def is_left_as_drawn(case: Drawn, draw: int) -> bool:
    assert case.meta is not None
    return case.meta.generation.mode.is_negative or draw % 4 == 0


def bring_home(case: Drawn, draw: int) -> None:
    """Ids of the demo world, and for the rest what may succeed; bodies stay drawn but for that."""
    if is_left_as_drawn(case, draw):
        return
    case.path_parameters = _with(IDS, case.path_parameters)
    case.query = _with(QUERY | QUERY_IDS, case.query)
    _mean_it_anew(case)
    if operation_of(case) == "login":
        case.query = _of_one_client(case.query)
    if isinstance(case.body, dict):
        example = BODY_OF[operation_of(case)]
        ids = {name: value for name, value in example.items() if name.endswith("Id")}
        case.body = _with(IN_BODY | ids, case.body)


def smooth(case: Drawn, draw: int) -> None:
    """The same on a journey: its ids came along a link, and its bodies are for getting on."""
    if is_left_as_drawn(case, draw):
        return
    case.query = _with(QUERY, case.query)
    _mean_it_anew(case)
    if isinstance(case.body, dict):
        case.body = BODY_OF[operation_of(case)]


def _mean_it_anew(case: Drawn) -> None:
    """Keys of writes are drawn alike again and again, and would only meet what was answered before."""
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid4().hex


def _of_one_client(drawn: dict[str, Any]) -> dict[str, Any]:
    """A browser's login, or an app's: what was drawn of both does not go together."""
    if "client" in drawn:
        return APP
    return {name: value for name, value in drawn.items() if name not in APP}


def _with(known: dict[str, Any], drawn: dict[str, Any]) -> dict[str, Any]:
    return {name: known.get(name, value) for name, value in drawn.items()}
