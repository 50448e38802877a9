"""Where answers to reads are kept: as their readers' own, and shared by those who were given the same.

Where an operation is shared by a team, readers who were given the same answer to the same question form
a *line*: it is named by that question and answer, and what one of them fetches serves all of them. An
answer of his own says which line a reader is in for as long as it is a proof (the access TTL); after that
another one decides. So whoever is served what another fetched was himself given what that other was given,
byte for byte, each within the TTL: nothing is inherited from third readers. Who is given something else
than the line's copy of a question is out, and the copy stays what it is: what somebody sees less or more
is nobody else's. An empty answer lets nobody in: it looks the same to those who may see and to those who
may not.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from msgspec import Struct

from app.cache.cache import Cache
from app.cache.entries import Content, Entry, Key
from app.cache.epochs import Epochs
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.operation import Read
from app.catalogue.tags import Tag
from app.gateway.proofs import Earning, Proof, Proofs, Reach
from app.upstream.lanes import Urgency


class Asked(Struct, frozen=True):
    """One read by one caller, and where its answers are kept: his own at `own`, the shared copies as
    `sharing` says. `proven` are the tags that a proof of his reach depends on, `personal` those of them
    that are about him alone."""

    operation: Read[Any]
    known: Known
    keep: Keep
    tags: frozenset[Tag]
    own: Key
    reach: Reach | None
    personal: frozenset[Tag]
    proven: frozenset[Tag]
    sharing: Sharing | None
    urgency: Urgency

    def bears(self, entry: Entry) -> bool:
        """Whether the entry is the caller's own, and no copy that he shares."""
        return self.personal <= entry.snapshot.epochs.keys()


class Sharing(Struct, frozen=True):
    """One reader's part in what the readers of an ad account share of one operation."""

    earning: Earning
    what: bytes
    _copies: dict[str, Key] = {}

    @property
    def reach(self) -> Reach:
        return self.earning.reach

    def line(self, own: Content) -> str:
        """The name of the line of those who were given this answer."""
        return blake2b(self.what + own.etag.encode(), digest_size=12).hexdigest()

    def copy(self, line: str) -> Key:
        """Where the line's copy of what is asked is kept."""
        key = self._copies.get(line)
        if key is None:
            _, team_id, ad_account_id = self.earning.reach
            owner = ("team", team_id, ad_account_id)
            key = self._copies[line] = Key(self.earning.operation, owner, (line, self.what))
        return key


class Keeping:
    """Keeps what was fetched for a reader, and notes what that proves of him."""

    def __init__(
        self, cache: Cache, epochs: Epochs, proofs: Proofs[Reach], earned: Proofs[Earning]
    ) -> None:
        self._cache = cache
        self._epochs = epochs
        self._proofs = proofs
        self._earned = earned

    def note(self, asked: Asked, own: Entry) -> None:
        """His own answer proves his reach."""
        if asked.reach is not None:
            self._proofs.give(asked.reach, asked.proven, own)

    def let_in(self, asked: Asked, own: Entry) -> None:
        """An answer of his own that another replica fetched says here as well which line he is in."""
        sharing, content = asked.sharing, own.content
        if sharing is None or not (content.items and content.keepable):
            # What lacks something may look like what others were given.
            return
        if self._earned.alive(sharing.earning):
            return
        self._earn(asked, sharing, own, sharing.line(own.content))

    async def place(self, asked: Asked, own: Entry) -> Entry | None:
        """As his own, and as the copy of the line that he is in once he was given this."""
        self.note(asked, own)
        sharing, cache = asked.sharing, self._cache
        if sharing is None or not own.content.keepable or not self._epochs.stand(own.snapshot):
            # His rights may have changed meanwhile: it can be of either side.
            return await cache.keep(asked.own, own)
        earned, old = self._earned.alive(sharing.earning), None
        if earned is not None:
            copy = sharing.copy(earned.of)
            old = await cache.find(copy) if cache.is_shared else cache.held(copy)
        line = self._line(asked, sharing, own, earned, old)
        if line is None:
            return await cache.keep(asked.own, own)
        key = sharing.copy(line)
        if earned is None or earned.of != line:
            old = cache.held(key)
        if old is not None and old.content.etag == own.content.etag:
            # One object, whose bytes are counted once.
            own = own.having(old.content)
        return await cache.keep(asked.own, own, (key, _impersonal(own, asked.personal)))

    def _line(
        self, asked: Asked, sharing: Sharing, own: Entry, earned: Proof | None, copy: Entry | None
    ) -> str | None:
        """The line that this answer belongs to, None where it is his alone. `earned` is the one that he is
        in, whose copy there is."""
        if copy is not None and copy.content.etag != own.content.etag:
            self._earned.end(sharing.earning)
            earned = None
        if not own.content.items:
            return None
        line = sharing.line(own.content)
        if earned is not None and earned.of != line:
            # Another question than the one that let him in, or one that a write changed.
            return earned.of
        self._earn(asked, sharing, own, line)
        return line

    def _earn(self, asked: Asked, sharing: Sharing, own: Entry, line: str) -> None:
        """It lets him into the line."""
        proof = self._proofs.alive(sharing.reach)
        self._earned.give(sharing.earning, asked.proven, own, line, like=proof)


def _impersonal(entry: Entry, personal: frozenset[Tag]) -> Entry:
    """Without what is about its fetcher alone: his loss of rights takes nothing from the others."""
    return entry.bearing(frozenset(entry.snapshot.epochs) - personal)
