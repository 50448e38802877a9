"""The fields of a list, and the page that it answers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from app.catalogue.parameters import Local
from app.catalogue.shapes import Page
from app.patterns import url_safe


class Paged(BaseModel):
    """The fields of a list. The whole list is ours; `limit`, `cursor` and `picks` cut it."""

    pages: ClassVar[bool] = True

    limit: Annotated[
        int,
        Local(),
        Field(ge=1, le=200, description="Most items in one answer", examples=[50]),
    ] = 100
    cursor: Annotated[
        str | None,
        Local(),
        Field(
            pattern=url_safe(1, 64),
            description="`nextCursor` of the answer before",
        ),
    ] = None

    @property
    def narrows(self) -> bool:
        """Whether `picks` can leave anything out."""
        return False

    def picks(self, item: dict[str, Any]) -> bool:
        """Whether the public item is one that was asked for."""
        return True


def page_of(item: type[BaseModel]) -> type[BaseModel]:
    """A page of these under a name of its own: `CampaignPage` reads well in a generated client.

    The parametrised class itself would be `Page_Campaign_` in every JSON schema.
    """
    base = Page.__class_getitem__(item)
    assert isinstance(base, type)
    return create_model(f"{item.__name__}Page", __base__=base, __doc__=Page.__doc__)
