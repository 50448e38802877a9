"""Proof: the platform itself answered this user, with his own token, about this account.

Account data, kept or not, is served to a user only on a proof younger than the access TTL; see
design of the cache in docs/architecture.md. A refusal, or a change of his permissions, ends it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import LRUCache

from app.cache.epochs import Epochs
from app.catalogue import tags
from app.catalogue.tags import Epochs as Snapshot
from app.clock import Clock


@dataclass(frozen=True, slots=True)
class Reach:
    """One user's way to one ad account."""

    user: str
    team_id: str
    ad_account_id: str


@dataclass(frozen=True, slots=True)
class Proof:
    at: float
    epochs: Snapshot


class Proofs:
    """The proofs of this process, bounded."""

    def __init__(
        self, epochs: Epochs, clock: Clock, *, ttl: float, outage: float, most: int = 100_000
    ) -> None:
        self._epochs = epochs
        self._clock = clock
        self._ttl = ttl
        self._outage = outage
        self._proofs: LRUCache[Reach, Proof] = LRUCache(most)

    def before(self, reach: Reach) -> Proof:
        """Take this before asking: a proof is as old as its question, and proves nothing if rights
        changed meanwhile."""
        reader = tags.reader(reach.user, reach.team_id, reach.ad_account_id)
        about = {reader, tags.user(reach.user), tags.below_team(reach.team_id)}
        return Proof(self._clock.now(), self._epochs.current(about))

    def give(self, reach: Reach, before: Proof) -> None:
        """The platform answered 2xx."""
        if self._epochs.may_store(before.epochs):
            self._proofs[reach] = before

    def end(self, reach: Reach) -> None:
        """The platform refused: his proof and all that is kept for him of this account go."""
        self._epochs.bump({tags.reader(reach.user, reach.team_id, reach.ad_account_id)})

    def alive(self, reach: Reach) -> bool:
        """Whether data may be served on it now."""
        return self._younger(reach, self._ttl)

    def believed(self, reach: Reach) -> bool:
        """Whether kept data may be served on it while the platform is unreachable."""
        return self._younger(reach, self._outage)

    def _younger(self, reach: Reach, seconds: float) -> bool:
        proof = self._proofs.get(reach)
        if proof is None or not self._epochs.stand(proof.epochs):
            return False
        return self._clock.now() - proof.at <= seconds
