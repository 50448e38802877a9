"""The sandbox as one object: what it is started with, and what tests may look at and turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zlib import crc32

from app.clock import MovableClock
from app.sandbox.calls import Calls
from app.sandbox.demo import PEOPLE, Person
from app.sandbox.faults import Faults
from app.sandbox.operations import Address, Operations
from app.sandbox.records import Campaign
from app.sandbox.replay import people_on
from app.sandbox.rights import Rights
from app.sandbox.tokens import Tokens
from app.sandbox.wire import Reply
from app.sandbox.world import World
from app.tape import Recorded


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How a sandbox is started.

    `origin` is its own base URL, "" lets SandboxServer derive it from the bound port;
    `gateway_origin` is where sign-in callbacks may go. `previous_api_key` is accepted too, as
    while a key is being rotated. The switches can be turned later: see Switches. `extra` operations
    are answered beside those of the reference. With a `tape` everything but tokens is answered from it.
    """

    origin: str
    gateway_origin: str
    api_key: str
    previous_api_key: str | None = None
    client_id: str = "ads-bff"
    client_secret: str = "sandbox-secret"  # noqa: S105 - a demo value, public by design
    enforce_permissions: bool = True
    enforce_tokens: bool = True
    extra: tuple[Extra, ...] = ()
    tape: tuple[Recorded, ...] | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """Who can sign in."""
        return PEOPLE if self.tape is None else people_on(self.tape)


@dataclass(slots=True)
class Switches:
    """Strict or lax.

    `enforce_permissions` off: a valid caller may do anything inside the tenant.
    `enforce_tokens` off: the operations documented without a user token need the key alone; a
    living token that comes along still names the user whose permissions count.
    `documented_bodies` on: three of the campaign creations answer no ids but null, as their
    samples do. `filter_campaigns` on: nobody is refused a campaign, but each user is shown some of
    them only, and what hangs from these.
    """

    enforce_permissions: bool
    enforce_tokens: bool
    documented_bodies: bool = False
    filter_campaigns: bool = False


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts of a running sandbox."""

    options: SandboxOptions
    clock: MovableClock
    world: World
    operations: Operations
    tokens: Tokens
    switches: Switches
    faults: Faults
    calls: Calls


@dataclass(frozen=True, slots=True)
class Asking:
    """One authenticated request as an operation sees it. `actor` is None for the key alone."""

    sandbox: Sandbox
    actor: str | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: object

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def rights(self) -> Rights:
        enforced = self.sandbox.switches.enforce_permissions
        return Rights(self.sandbox.world, self.actor if enforced else None)

    def campaigns(self, account: str) -> list[Campaign]:
        """Those of an account (by its internal id) that the caller is shown."""
        listed = self.world.campaigns_of(account)
        if not self.sandbox.switches.filter_campaigns:
            return listed
        return [one for one in listed if is_shown(self.actor, one.id)]


def is_shown(user: str | None, campaign: str) -> bool:
    """Whether a platform that filters shows a user this campaign: two of three, others for each."""
    return crc32(f"{user} {campaign}".encode()) % 3 > 0


Handler = Callable[[Asking], Reply]


@dataclass(frozen=True, slots=True)
class Extra:
    """An operation that the reference does not have."""

    address: Address
    handler: Handler
