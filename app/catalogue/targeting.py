"""The audience of a campaign, as the platform takes it; ids come from searchTargeting."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_serializer, field_validator

from app.catalogue.shapes import WHOLE, Draft, Line
from app.patterns import FILLED_LINE, in_words

OptionId = Annotated[str, StringConstraints(pattern=FILLED_LINE, max_length=128)]
MOST_OPTIONS = 200


class GeoKind(StrEnum):
    COUNTRY = "country"
    REGION = "region"
    CITY = "city"


class GeoLocation(Draft):
    """A place, e.g. `{"type": "country", "id": "DE"}`."""

    type: GeoKind
    id: OptionId


class Option(Draft):
    """A targeting option; the name is for people."""

    id: OptionId
    name: Annotated[Line, StringConstraints(max_length=200)] | None = None


Options = Annotated[tuple[Option, ...], Field(max_length=MOST_OPTIONS)]
Places = Annotated[tuple[GeoLocation, ...], Field(max_length=MOST_OPTIONS)]
Gender = Annotated[int, Field(ge=0, le=2), WHOLE]
Age = Annotated[int, Field(ge=13, le=65), WHOLE]
Number = Annotated[int, WHOLE]


class Targeting(Draft):
    """Who sees the ads. Only the places are required; everything else narrows."""

    geo_locations: Annotated[Places, Field(min_length=1, description="Where people are")]
    excluded_geo_locations: Places | None = None
    genders: Annotated[tuple[Gender, ...], Field(max_length=3)] | None = Field(
        None, description="0 is all, 1 and 2 are one gender each (Meta's numbers); default all"
    )
    age_min: Age | None = None
    age_max: Age | None = None
    locales: Annotated[tuple[Number, ...], Field(max_length=MOST_OPTIONS)] | None = None
    interests: Options | None = None
    behaviors: Options | None = None
    life_events: Options | None = None
    industries: Options | None = None
    income: Options | None = None
    relationship_statuses: Annotated[tuple[Number, ...], Field(max_length=20)] | None = None
    family_statuses: Annotated[tuple[Option, ...], Field(max_length=1)] | None = Field(
        None, description="The platform takes one, where its siblings take many"
    )
    education_schools: Options | None = None
    education_majors: Options | None = None
    education_statuses: (
        Annotated[
            tuple[
                Annotated[
                    str,
                    StringConstraints(
                        pattern=in_words(r"^([1-9]|1[0-3])$", "use a number from 1 to 13")
                    ),
                ],
                ...,
            ],
            Field(max_length=13),
        ]
        | None
    ) = None
    work_employers: Options | None = None
    work_positions: Options | None = None

    @field_validator("family_statuses")
    @classmethod
    def _none_is_absent(cls, statuses: tuple[Option, ...] | None) -> tuple[Option, ...] | None:
        """No object can say "none of them", so nothing is sent."""
        return statuses or None

    @field_serializer("family_statuses")
    def _one_family_status(self, statuses: tuple[Option, ...] | None) -> Any:
        """The platform's field is one object, not a list of them."""
        return statuses[0].model_dump(mode="json", exclude_none=True) if statuses else None
