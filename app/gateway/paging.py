"""Pages, cut from our own full copy of a list."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from pydantic_core import from_json, to_json

from app.cache.entries import Content
from app.catalogue.operation import Paged
from app.errors import FieldError, Invalid


def cut(content: Content, asked: Paged) -> bytes:
    """The part of the list that was asked for; the common case is all of it, as it is kept."""
    assert content.items is not None
    if asked.cursor is None and content.items <= asked.limit and not asked.narrows:
        return content.body
    items = from_json(content.body)["items"]
    if asked.narrows:
        items = [item for item in items if asked.picks(item)]
    start = _position(asked.cursor)
    end = start + asked.limit
    following = _cursor(end) if end < len(items) else None
    return to_json({"items": items[start:end], "nextCursor": following})


def _cursor(position: int) -> str:
    return urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        if text.isdecimal() and len(text) < 10 and _cursor(int(text)) == cursor:
            return int(text)
    except ValueError:
        pass
    raise Invalid(errors=[FieldError("/query/cursor", "use the nextCursor of the answer before")])
