"""Proof: the platform itself answered this user, with his own token, about this account.

Account data, kept or not, is served to a user only on a proof younger than the access TTL. What
another user's token fetched is served to him only if he has earned it, which is a proof of its own:
his own answer to the same question was the same. A refusal, or a change of his permissions, ends
both; so does time.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

from app.cache.entries import Entry
from app.cache.epochs import Epochs, Snapshot
from app.catalogue import tags
from app.catalogue.tags import Tag
from app.clock import Clock
from app.oldest import drop_oldest


class Reach(NamedTuple):
    """One user's way to one ad account."""

    user: str
    team_id: str
    ad_account_id: str


class Earning(NamedTuple):
    """One user's way to the copy of an operation's answers that an account's readers share."""

    reach: Reach
    operation: str


class Way(NamedTuple):
    """What one operation proves, and earns, where one user reads one ad account: what that depends on
    (`proven`), and what of it is about the user alone (`personal`)."""

    reach: Reach
    earning: Earning
    personal: frozenset[Tag]
    proven: frozenset[Tag]


@lru_cache(maxsize=1024)
def way_of(user: str, team_id: str, ad_account_id: str, operation: str) -> Way:
    """Those who read now ask again and again."""
    reach = Reach(user, team_id, ad_account_id)
    personal = frozenset({tags.user(user), tags.reader(*reach)})
    proven = personal | {tags.below_team(team_id)}
    return Way(reach, Earning(reach, operation), personal, proven)


class Proof(Struct, frozen=True, gc=False):
    """`at` is when the platform was asked, in seconds since the epoch; `of` is what was earned."""

    at: float
    snapshot: Snapshot
    of: str


K = TypeVar("K", bound=Hashable)

# A proof that was given less than this ago is left as it is: it ends a little earlier. A second, or so
# much of the TTL where that is short.
LATELY, LATELY_SHARE = 1.0, 0.05


class Proofs(Generic[K]):
    """The proofs of this process, at most so many. `ttl` and `outage` are in seconds."""

    def __init__(
        self, epochs: Epochs, clock: Clock, *, ttl: float, outage: float, most: int = 100_000
    ) -> None:
        self._epochs = epochs
        self._clock = clock
        self._ttl = ttl
        self._outage = outage
        self._most = most
        self._lately = min(LATELY, LATELY_SHARE * ttl)
        # Those longest not renewed first: whoever reads renews his own within the TTL.
        self._proofs: dict[K, Proof] = {}

    @property
    def oldest(self) -> float:
        """An answer that was asked for before this proves nothing now (seconds since the epoch)."""
        return self._clock.now() - self._ttl

    def give(
        self, key: K, tags: frozenset[Tag], own: Entry, of: str = "", like: Proof | None = None
    ) -> Proof | None:
        """The platform gave this user his own answer, now or some time ago; `tags` are what it proves
        for as long as they stand. Gives the proof that there is now.

        `like` is a proof under the same tags: what both depend on is kept once.
        """
        known = self._proofs.get(key)
        if known is not None and self._epochs.stand(known.snapshot):
            newer = own.at - known.at
            if newer <= 0 or (newer < self._lately and known.of == of):
                return known
        snapshot = own.snapshot.bearing(tags)
        if not snapshot.storable or not self._epochs.stand(snapshot):
            return None
        if like is not None and like.snapshot.epochs == snapshot.epochs:
            snapshot = like.snapshot
        proof = Proof(own.at, snapshot, of)
        self._proofs.pop(key, None)
        self._proofs[key] = proof
        drop_oldest(self._proofs, self._most)
        return proof

    def end(self, key: K) -> None:
        """It proves nothing any more."""
        if self._proofs.pop(key, None) is not None:
            self._epochs.changes.note()

    def alive(self, key: K) -> Proof | None:
        """The proof, if data may be served on it now."""
        proof = self._proofs.get(key)
        if proof is None or not self._epochs.stand(proof.snapshot):
            return None
        return proof if self._clock.now() - proof.at <= self._ttl else None

    def believed(self, key: K) -> Proof | None:
        """The proof, if kept data may be served on it while the platform is unreachable."""
        proof = self._proofs.get(key)
        if proof is None or not self._epochs.stand(proof.snapshot):
            return None
        return proof if self._clock.now() - proof.at <= self._outage else None

    def ends(self, proof: Proof) -> float:
        """Until when data may be served on it (seconds since the epoch)."""
        return proof.at + self._ttl
