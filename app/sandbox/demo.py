"""The demo world. Its names are fixed: tests, docs and the console lean on them.

    acme    "Acme Outdoor"   admin ana
      team-acme-default (default)   ana ADMIN
      team-acme-brand               ben ADMIN · cleo, dora, emil MEMBER
          conn-acme-brand    act_1001 "Acme Tents"   cleo MANAGER, dora VIEWER
                             act_1002 "Acme Boots"
      team-acme-agency              kim ADMIN
          conn-acme-agency   act_1002 (the same account) · act_1003 "Acme Maps"
    globex  "Globex Home"    admin gwen
      team-globex-default (default) gwen ADMIN
      team-globex-shop              hugo ADMIN
          conn-globex-shop   act_2001 "Globex Lamps"
      team-globex-agency            kim ADMIN
          conn-globex-agency act_2002 "Globex Sofas"

Internal account ids are acc-1001 …, campaigns cmp_1001_1 …; what these consist of is in
demo_ads.py. zoe has no workspace yet, and an identity that allows her to create `initech`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.clock import Clock, today
from app.sandbox.demo_ads import ad_sets_of, forms_of, number_of
from app.sandbox.records import AdAccount, Campaign, Status
from app.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Person:
    """A demo user; `login` is the externalUserId and the OIDC subject."""

    login: str
    name: str
    role: str
    enterprises: tuple[str, ...]


PEOPLE = (
    Person("ana", "Ana Ruiz", "admin of the workspace Acme Outdoor", ("acme",)),
    Person("ben", "Ben Okafor", "ADMIN of Acme's brand team", ("acme",)),
    Person("cleo", "Cleo Martin", "MEMBER of Acme's brand team, MANAGER on Acme Tents", ("acme",)),
    Person("dora", "Dora Lind", "MEMBER of Acme's brand team, VIEWER on Acme Tents", ("acme",)),
    Person("emil", "Emil Novak", "MEMBER of Acme's brand team, no ad account", ("acme",)),
    Person("gwen", "Gwen Park", "admin of the workspace Globex Home", ("globex",)),
    Person("hugo", "Hugo Silva", "ADMIN of Globex's shop team", ("globex",)),
    Person(
        "kim",
        "Kim Adeyemi",
        "agency: ADMIN of a team at Acme and one at Globex",
        ("acme", "globex"),
    ),
    Person("zoe", "Zoe Tanaka", "no workspace yet; may create initech", ("initech",)),
)

_ACCOUNTS = (
    ("1001", "Acme Tents", 8),
    ("1002", "Acme Boots", 6),
    ("1003", "Acme Maps", 4),
    ("2001", "Globex Lamps", 6),
    ("2002", "Globex Sofas", 5),
)

_CONNECTIONS = (
    ("acme-brand", ("acc-1001", "acc-1002")),
    ("acme-agency", ("acc-1002", "acc-1003")),
    ("globex-shop", ("acc-2001",)),
    ("globex-agency", ("acc-2002",)),
)

_CAMPAIGNS = (
    ("Spring launch – prospecting", "OUTCOME_TRAFFIC", 12_000),
    ("Catalogue sales", "OUTCOME_SALES", 25_000),
    ("Größen & Farben – Größenberater", "OUTCOME_TRAFFIC", 4_500),
    ("Newsletter sign-ups", "OUTCOME_LEADS", 6_000),
    ("Brand film", "OUTCOME_AWARENESS", 15_000),
    ("Community questions", "OUTCOME_ENGAGEMENT", 3_000),
    ("Retargeting – basket", "OUTCOME_SALES", 9_000),
    ("Store openings", "OUTCOME_AWARENESS", 5_000),
)

_AGE_IN_DAYS = 730


def demo_world(clock: Clock) -> World:
    """A new world as above; its campaigns began about two years before the clock's now."""
    world = World(clock)
    for person in PEOPLE:
        world.user(person.login)
    _people_acme(world)
    _people_globex(world)
    for number, name, campaigns in _ACCOUNTS:
        account = AdAccount(f"acc-{number}", f"act_{number}", name)
        world.add_account(account, campaigns_for(account, campaigns, clock))
        for form_id, form, page in forms_of(account):
            world.add_form(form, page, account.id, form_id)
        world.mark_imported(account.id)
    for team, accounts in _CONNECTIONS:
        world.connect(f"team-{team}", accounts, f"conn-{team}")
    world.grant("team-acme-brand", "acc-1001", "cleo", "MANAGER")
    world.grant("team-acme-brand", "acc-1001", "dora", "VIEWER")
    return world


def _people_acme(world: World) -> None:
    world.create_workspace("acme", "Acme Outdoor", "ana")
    world.create_team("acme", "Acme Brand", "team-acme-brand")
    world.create_team("acme", "Acme Agency", "team-acme-agency")
    world.assign("team-acme-brand", "ben", "ADMIN")
    for member in ("cleo", "dora", "emil"):
        world.assign("team-acme-brand", member, "MEMBER")
    world.assign("team-acme-agency", "kim", "ADMIN")


def _people_globex(world: World) -> None:
    world.create_workspace("globex", "Globex Home", "gwen")
    world.create_team("globex", "Globex Shop", "team-globex-shop")
    world.create_team("globex", "Globex Agency", "team-globex-agency")
    world.assign("team-globex-shop", "hugo", "ADMIN")
    world.assign("team-globex-agency", "kim", "ADMIN")


MOST_CAMPAIGNS = len(_CAMPAIGNS)


def campaigns_for(account: AdAccount, count: int, clock: Clock) -> list[Campaign]:
    """The first `count` demo campaigns for an account; every third one is paused by now."""
    return [_campaign(account, n, clock) for n in range(1, count + 1)]


def _campaign(account: AdAccount, n: int, clock: Clock) -> Campaign:
    number = number_of(account)
    name, objective, budget = _CAMPAIGNS[n - 1]
    midnight = datetime.combine(today(clock), datetime.min.time(), tzinfo=UTC)
    began = (midnight - timedelta(days=_AGE_IN_DAYS - 5 * n)).timestamp()
    history: tuple[tuple[float, Status], ...] = ((began, "ACTIVE"),)
    if n % 3 == 0:
        history = (*history, ((midnight - timedelta(days=20 * n)).timestamp(), "PAUSED"))
    return Campaign(
        f"cmp_{number}_{n}",
        account.id,
        name,
        objective,
        budget,
        began,
        history[-1][0],
        history,
        ad_sets_of(account, n, objective),
    )
