"""All that is offered, in the order of the documentation, and what we ask for ourselves."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from app.catalogue import (
    account_insights,
    ads,
    campaigns,
    connections,
    dashboard,
    insights,
    lead_forms,
    meta_account,
    new_campaigns,
    permissions,
    teams,
    tenant_lists,
    workspaces,
    writes,
)
from app.catalogue.address import Address, Evidence
from app.catalogue.operation import Operation, Upstream, wire_names
from app.settings import SettingsFault


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together in the documentation, and the modules that declare them."""

    title: str
    about: str
    modules: tuple[ModuleType, ...]


GROUPS = (
    Group("Workspaces", "One per enterprise, each with one admin.", (workspaces,)),
    Group("Teams", "Teams and their members.", (teams,)),
    Group(
        "Connections and ad accounts",
        "Connections to ads networks, and the ad accounts that came with them.",
        (connections, tenant_lists, account_insights),
    ),
    Group("Permissions", "Who may do what on one ad account.", (permissions,)),
    Group("Meta account", "Import, pages and targeting search.", (meta_account,)),
    # `/campaigns/traffic` comes before `/campaigns/{campaignId}`, as routing needs it.
    Group("Meta campaigns", "Create, list, pause and resume.", (new_campaigns, campaigns)),
    Group("Meta ads", "Ads, ad sets and ad creatives.", (ads,)),
    Group("Meta insights", "Figures for a period, by level and breakdown.", (insights,)),
    Group("Meta lead forms", "Forms that collect leads.", (lead_forms,)),
    Group("Writes", "What became of writes that spend money.", (writes,)),
    Group("Dashboard", "What a dashboard shows, in one call or live.", (dashboard,)),
)

# Asked by the gateway itself.
INTERNAL: Mapping[str, Upstream] = {
    "exchangeToken": Upstream(1, "POST /auth/token", Evidence.DOCUMENTED),
    "refreshToken": Upstream(2, "GET /auth/refresh", Evidence.INFERRED),
}
INTERNAL_NAMES: Mapping[str, frozenset[str]] = {
    "exchangeToken": frozenset({"externalUserId"}),
    "refreshToken": frozenset(),
}


class Catalogue:
    """Everything that one gateway offers: what is built in, and what its integrator declared."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = tuple(groups)
        self._group = {
            operation: group.title
            for group in groups
            for module in group.modules
            for operation in declared(module)
        }

    @property
    def operations(self) -> tuple[type[Operation[Any]], ...]:
        """Every declared operation, in the order of the documentation and of routing."""
        return tuple(self._group)

    def group_of(self, operation: type[Operation[Any]]) -> str:
        """The group's title in the documentation."""
        return self._group[operation]

    def upstream_groups(self) -> dict[str, str]:
        """Of every id that is asked of the platform, what fails together: a group of operations."""
        groups = {operation.id: title for operation, title in self._group.items()}
        return groups | dict.fromkeys(INTERNAL, "Tokens")

    def addresses(self, replaced: Mapping[str, str]) -> dict[str, Address]:
        """The upstream address of every operation id, with the replacements of the settings.

        Raises SettingsFault with one sentence per fault: an unknown id, an address that is none, or
        one that speaks of a parameter which the operation does not send.
        """
        known = {op.id: (op.upstream, wire_names(op)) for op in self.operations if op.upstream}
        known |= {name: (upstream, INTERNAL_NAMES[name]) for name, upstream in INTERNAL.items()}
        faults = [_unknown(name, known) for name in replaced if name not in known]
        found: dict[str, Address] = {}
        for name, (upstream, parameters) in known.items():
            try:
                found[name] = Address.parse(replaced.get(name, upstream.address))
            except ValueError:
                # The text itself stays unsaid: it came from the settings, where secrets are.
                faults.append(_fault(f"{name} is not given an address like `GET /teams/{{id}}`"))
                continue
            if misfit := found[name].misfit(parameters):
                faults.append(_fault(f"{name}: {misfit}"))
        if faults:
            raise SettingsFault(faults)
        return found


def declared(module: ModuleType) -> Iterator[type[Operation[Any]]]:
    """The operations that a module declares itself, in their order there."""
    for name, value in vars(module).items():
        # pydantic leaves `Read[...]` aliases in the module; only plain names are declarations.
        if not name.isidentifier() or name.startswith("_") or not isinstance(value, type):
            continue
        if issubclass(value, Operation) and value.__module__ == module.__name__:
            yield value


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `bff operations` lists them."
    return f"BFF_UPSTREAM__ROUTES: {name} is not an operation{hint}"


def _fault(sentence: str) -> str:
    return f"BFF_UPSTREAM__ROUTES: {sentence}."


BUILT_IN = Catalogue(GROUPS)
