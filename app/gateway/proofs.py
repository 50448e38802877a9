"""Proof: the platform itself answered this user, with his own token, about this account.

Account data, kept or not, is served to a user only on a proof younger than the access TTL. What
another user's token fetched is served to him only if he has earned it, which is a proof of its own:
his own answer to the same question was the same. A refusal, or a change of his permissions, ends
both; so does time.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from cachetools import LRUCache

from app.cache.entries import Entry
from app.cache.epochs import Epochs, Snapshot
from app.catalogue import tags
from app.catalogue.tags import Tag
from app.clock import Clock


class Reach(NamedTuple):
    """One user's way to one ad account."""

    user: str
    team_id: str
    ad_account_id: str

    @property
    def own_tags(self) -> frozenset[Tag]:
        """What is about this user alone."""
        reader = tags.reader(self.user, self.team_id, self.ad_account_id)
        return frozenset({tags.user(self.user), reader})

    @property
    def tags(self) -> frozenset[Tag]:
        """What a proof depends on."""
        return self.own_tags | {tags.below_team(self.team_id)}


class Earning(NamedTuple):
    """One user's way to the copy of an operation's answers that an account's readers share."""

    reach: Reach
    operation: str


@dataclass(frozen=True, slots=True)
class Proof:
    """`at` is when the platform was asked, in seconds since the epoch; `of` is what was earned."""

    at: float
    snapshot: Snapshot
    of: str


K = TypeVar("K", bound=Hashable)


class Proofs(Generic[K]):
    """The proofs of this process, bounded. `ttl` and `outage` are in seconds."""

    def __init__(
        self, epochs: Epochs, clock: Clock, *, ttl: float, outage: float, most: int = 100_000
    ) -> None:
        self._epochs = epochs
        self._clock = clock
        self._ttl = ttl
        self._outage = outage
        self._proofs: LRUCache[K, Proof] = LRUCache(most)

    @property
    def oldest(self) -> float:
        """An answer that was asked for before this proves nothing now (seconds since the epoch)."""
        return self._clock.now() - self._ttl

    def give(self, key: K, reach: Reach, own: Entry, of: str = "") -> None:
        """The platform gave this user his own answer, now or some time ago."""
        known = self._proofs.get(key)
        if known is not None and known.at >= own.at and self._epochs.stand(known.snapshot):
            return
        proof = Proof(own.at, own.bearing(reach.tags).snapshot, of)
        if proof.snapshot.storable and self._epochs.stand(proof.snapshot):
            self._proofs[key] = proof

    def end(self, key: K) -> None:
        """It proves nothing any more."""
        if self._proofs.pop(key, None) is not None:
            self._epochs.changes.note()

    def alive(self, key: K) -> Proof | None:
        """The proof, if data may be served on it now."""
        return self._younger(key, self._ttl)

    def believed(self, key: K) -> Proof | None:
        """The proof, if kept data may be served on it while the platform is unreachable."""
        return self._younger(key, self._outage)

    def ends(self, proof: Proof) -> float:
        """Until when data may be served on it (seconds since the epoch)."""
        return proof.at + self._ttl

    def _younger(self, key: K, seconds: float) -> Proof | None:
        proof = self._proofs.get(key)
        if proof is None or not self._epochs.stand(proof.snapshot):
            return None
        return proof if self._clock.now() - proof.at <= seconds else None
