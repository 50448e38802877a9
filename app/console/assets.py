"""Files of installed packages, read once and served from memory with an ETag."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

# Ours, as the machine's own table of types differs from one to the next.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# For what no page is made of: opened by itself it may do nothing.
INERT = "default-src 'none'; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file's bytes, its type, the policy that a browser holds it to, and how long it keeps it."""

    body: bytes
    media_type: str
    etag: str
    policy: str
    keep: str

    @classmethod
    def read(cls, file: Traversable, *, policy: str = INERT) -> Asset:
        """Raises KeyError for a kind of file that is not ours to serve."""
        suffix = file.name[file.name.rindex(".") :]
        return cls.of(file.read_bytes(), MEDIA_TYPES[suffix], policy=policy)

    @classmethod
    def of(cls, body: bytes, media_type: str, *, policy: str, keep: str = "no-cache") -> Asset:
        # Weak: whoever compresses the body on the way need not change it.
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        return cls(body, media_type, etag, policy, keep)

    async def answer(self, request: Request) -> Response:
        """The file, or 304 to a browser that has it already."""
        headers = {
            "content-type": self.media_type,
            "content-security-policy": self.policy,
            "cache-control": self.keep,
            "etag": self.etag,
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
        }
        if self._is_known_by(request):
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers)

    def _is_known_by(self, request: Request) -> bool:
        known = ",".join(request.headers.getlist("if-none-match")).split(",")
        return any(one.strip() in {self.etag, self.etag.removeprefix("W/"), "*"} for one in known)


class Shelf:
    """Assets by name. A name is looked up, never made into a path, so that nothing escapes."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._assets = dict(assets)

    async def answer(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        return await asset.answer(request)


def below(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Asset]]:
    """Every file below the folder with its name from there; hidden ones and pages left out."""
    for entry in folder.iterdir():
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            yield from below(entry, f"{prefix}{entry.name}/")
        elif not entry.name.endswith(".html"):
            yield f"{prefix}{entry.name}", Asset.read(entry)
