"""How the session routes are described in the OpenAPI document, and what they answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.caller import Via
from app.catalogue.links import Names
from app.catalogue.shapes import Answer
from app.errors import Problem
from app.session.callers import Recognised
from app.session.claims import Claims
from app.session.sessions import Session


class SessionInfo(Answer):
    """Who is signed in, and for how long."""

    user: Annotated[str, Field(description="The user's id at the platform", examples=["ana"])]
    name: Annotated[str | None, Field(description="Display name, null when unknown")] = None
    enterprises: Annotated[
        list[str],
        Names("enterpriseId"),
        Field(description="Enterprises that the identity provider names, sorted"),
    ]
    via: Annotated[Via, Field(description="How the caller proved who he is")]
    idle_seconds_left: Annotated[
        int | None, Field(description="Seconds until the session ends unused; null for host tokens")
    ]
    absolute_seconds_left: Annotated[
        int, Field(description="Seconds until the session or the host token ends in any case")
    ]


class SignedOut(Answer):
    """The session has ended."""

    logout_url: Annotated[
        str | None,
        Field(
            description="Path on this origin that leads to the identity provider's logout, once and "
            "within a minute; null where it has none"
        ),
    ] = None


class SessionEntry(Answer):
    """One of a user's sessions."""

    id: Annotated[str, Field(description="Names the session to end it; it opens nothing")]
    created_at: Annotated[datetime, Field(description="When somebody signed in")]
    last_seen_at: Annotated[
        datetime, Field(description="The last activity, up to half a minute less than the truth")
    ]
    current: Annotated[bool, Field(description="Whether it is the session that asks")]
    how: Annotated[str, Field(description="How somebody signed in", examples=["oidc"])]


class SessionList(Answer):
    """Where a user is signed in, the newest session first."""

    items: list[SessionEntry]


def session_info(recognised: Recognised, now: float) -> SessionInfo:
    """What a caller may know about how he is signed in."""
    caller = recognised.caller
    idle, absolute = _left(recognised.proof, now)
    return SessionInfo(
        user=caller.user,
        name=recognised.proof.name,
        enterprises=sorted(caller.enterprises or ()),
        via=caller.via,
        idle_seconds_left=idle,
        absolute_seconds_left=absolute,
    )


def _left(proof: Session | Claims, now: float) -> tuple[int | None, int]:
    match proof:
        case Session():
            return int(proof.idle_ends - now), int(proof.absolute_ends - now)
        case Claims():
            return None, max(0, int(proof.expires - now))


def refusals(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The problems that a route can answer, one entry per status."""
    titles: dict[int, list[str]] = {}
    for problem in problems:
        titles.setdefault(problem.status, []).append(problem.title)
    return {
        status: {
            "description": ", or: ".join(told),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/ProblemDocument"}
                }
            },
        }
        for status, told in titles.items()
    }


def redirect(description: str) -> dict[int | str, dict[str, Any]]:
    """A 303 and where it leads."""
    location = {"description": "Where to go", "schema": {"type": "string"}}
    return {303: {"description": description, "headers": {"Location": location}, "content": {}}}
