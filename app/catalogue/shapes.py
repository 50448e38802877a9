"""The shapes that operations are made of: ids, roles, pages, and the two kinds of models."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from app.patterns import FILLED_LINE, LINE, in_words, url_safe

OBJECT_ID = url_safe(1, 128)
EXTERNAL_ID = r"^[^\u0000-\u001f\u007f/\\?#]{1,256}$"
_FORBIDDEN = re.compile(r"[/\\?#]")


class Answer(BaseModel):
    """What a frontend receives. Reads the wire's names, writes ours, and drops everything else."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
        hide_input_in_errors=True,
    )


class Draft(BaseModel):
    """What a frontend sends as a body. Strict: `"1"` is no number, an unknown field is a fault.

    Fields are read by their public camelCase names and written by `serialization_alias`, the
    platform's name, where the two differ.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        populate_by_name=False,
        hide_input_in_errors=True,
    )


def is_external_id(text: str) -> bool:
    """Whether the text can be an id that an integrator chose (a user's or an enterprise's).

    One canonical form only (NFC), since the value that is checked must be the value forwarded.
    """
    return (
        1 <= len(text) <= 256
        and text.isprintable()
        and not _FORBIDDEN.search(text)
        and text not in {".", ".."}
        and unicodedata.is_normalized("NFC", text)
    )


def _external_id(text: str) -> str:
    if not is_external_id(text):
        raise ValueError("use 1 to 256 printable characters without / \\ ? #, in Unicode NFC")
    return text


ObjectId = Annotated[str, StringConstraints(pattern=OBJECT_ID)]
ExternalId = Annotated[
    str,
    AfterValidator(_external_id),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 256, "pattern": EXTERNAL_ID}),
]

TeamId = Annotated[ObjectId, Field(description="Team id", examples=["team-acme-brand"])]
ConnectionId = Annotated[ObjectId, Field(description="Connection id", examples=["conn-acme-brand"])]
AdAccountId = Annotated[
    ObjectId,
    Field(description="Ad account id, as the ads network writes it", examples=["act_1001"]),
]
CampaignId = Annotated[ObjectId, Field(description="Campaign id", examples=["cmp_1001_1"])]
EnterpriseId = Annotated[
    ExternalId, Field(description="The product's id of the enterprise", examples=["acme"])
]
UserId = Annotated[ExternalId, Field(description="The product's id of the user", examples=["cleo"])]
# Texts for people hold no control characters, but for tabs and line breaks where there can be lines.
Line = Annotated[str, StringConstraints(pattern=LINE)]
Prose = Annotated[
    str,
    StringConstraints(
        pattern=in_words(
            r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$",
            "leave out control characters other than tabs and line breaks",
        )
    ),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=FILLED_LINE)]


class Role(StrEnum):
    """A member's role in a team."""

    ADMIN = "ADMIN"
    MEMBER = "MEMBER"


class Permission(StrEnum):
    """What a member may do on one ad account: MANAGER changes, VIEWER reads."""

    MANAGER = "MANAGER"
    VIEWER = "VIEWER"


class Status(StrEnum):
    """Whether a campaign delivers."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"


def _no_booleans(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a boolean is no figure")  # noqa: TRY004  # pydantic wants a ValueError
    return value


# The platform's store answers numbers, the ads network behind it strings.
Figure = Annotated[float, BeforeValidator(_no_booleans), Field(allow_inf_nan=False)]
Count = Annotated[int, BeforeValidator(_no_booleans)]


def _whole(value: Any) -> Any:
    """50.0 is an integer in JSON (its Schema says so); what is strict about integers is not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# For integers of a body. It stands last: before a bound, pydantic would describe that as `ge`.
WHOLE = BeforeValidator(_whole)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _iso_day(value: Any) -> Any:
    """Days are texts wherever they come from, and only in this one form."""
    if not isinstance(value, str):
        return value
    if _DAY.fullmatch(value) is None:
        raise ValueError("write the day as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None


Day = Annotated[date, BeforeValidator(_iso_day)]

Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """A list, or a part of it; `nextCursor` asks for what follows, null at the end."""

    items: list[Item]
    next_cursor: str | None = None
