"""A user's tokens at the platform, and how long they are good."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

# Documented lifetimes (seconds): the answer itself does not tell.
ACCESS_SECONDS = 3600.0
REFRESH_SECONDS = 86_400.0
# A token this much before its end may die on the way (seconds).
MARGIN = 30.0


@dataclass(frozen=True, slots=True)
class Pair:
    """What an exchange gave. Times are seconds since the epoch by our own clock.

    Up to `soft` nothing has to be done for it; that is no later than it is usable.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    issued: float
    soft: float
    ends: float
    refresh_ends: float

    def usable(self, now: float) -> bool:
        """Whether the access token outlives a question."""
        return now < self.ends - MARGIN

    def put_off(self, soft: float) -> Pair:
        """The same, to be refreshed at another time."""
        return replace(self, soft=min(soft, self.ends - MARGIN))

    def refreshable(self, now: float) -> bool:
        return now < self.refresh_ends - MARGIN


def pair_of(access: str, refresh: str, asked_at: float, refresh_ends: float, life: float) -> Pair:
    """It was issued at some moment since it was asked for: only the question's is safe.

    `life` is the part of the access token's life after which it is refreshed.
    """
    soft, ends = asked_at + ACCESS_SECONDS * life, asked_at + ACCESS_SECONDS
    return Pair(access, refresh, asked_at, soft, ends, refresh_ends)
