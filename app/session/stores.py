"""Where the session layer keeps what it must remember: in this process, or in Redis for all."""

from __future__ import annotations

from dataclasses import dataclass

from app.cache.redis_link import RedisLink
from app.clock import Clock
from app.observe.counters import Counters
from app.sealing import Form, Sealing
from app.session.endings import Endings
from app.session.logins import Login
from app.session.records import LocalRecords, Records
from app.session.redis_records import RedisRecords
from app.session.revocations import Revocations
from app.session.sessions import Session, names_of

MOST_SESSIONS = 100_000
MOST_LOGINS = 50_000
MOST_ORDERS = 100_000
# Of these each may have some kilobytes.
MOST_HINTS = 20_000


@dataclass(frozen=True, slots=True)
class Stores:
    """`bars` refuse sign-ins under way, `logouts` are the provider's orders that were carried out.

    `hints` are the ID tokens of living sessions, `addresses` those of logouts on their way to the
    provider, `codes` what native apps are to fetch. `revocations` is None where nobody can revoke:
    `bff revoke` reaches replicas through Redis. `endings` are those of the sessions.
    """

    sessions: Records[Session]
    logins: Records[Login]
    bars: Records[float]
    logouts: Records[float]
    hints: Records[str]
    addresses: Records[str]
    codes: Records[str]
    revocations: Revocations | None
    endings: Endings

    @classmethod
    def local(cls, clock: Clock) -> Stores:
        """In this process, bounded."""
        endings = Endings()
        return cls(
            LocalRecords(clock, MOST_SESSIONS, names_of, endings),
            LocalRecords(clock, MOST_LOGINS),
            LocalRecords(clock, MOST_ORDERS),
            LocalRecords(clock, MOST_ORDERS),
            LocalRecords(clock, MOST_HINTS),
            LocalRecords(clock, MOST_LOGINS),
            LocalRecords(clock, MOST_LOGINS),
            None,
            endings,
        )

    @classmethod
    def shared(cls, link: RedisLink, sealing: Sealing, clock: Clock, counters: Counters) -> Stores:
        """In Redis. To be made before the link starts, since revocations and endings listen."""
        endings = Endings()
        given = (link, sealing, clock, counters)
        return cls(
            RedisRecords(Form("session"), "s", Session, *given, names=names_of, endings=endings),
            RedisRecords(Form("login"), "l", Login, *given),
            RedisRecords(Form("bar"), "sb", float, *given),
            RedisRecords(Form("logout"), "so", float, *given),
            RedisRecords(Form("id token"), "h", str, *given),
            RedisRecords(Form("logout address"), "a", str, *given),
            RedisRecords(Form("hand-off"), "ho", str, *given),
            Revocations(link, clock),
            endings,
        )
