"""The platform's operations by number: where each one lives, and what it asks of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import compile_path

BASE_PATH = "/api/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """One operation. `number` is the reference's order; the path is below `BASE_PATH`."""

    number: int
    name: str
    method: str
    path: str


ADDRESSES = (
    Address(1, "exchangeToken", "POST", "/auth/token"),
    Address(2, "refreshToken", "GET", "/auth/refresh"),
    Address(3, "createWorkspace", "POST", "/workspace"),
    Address(4, "getWorkspace", "GET", "/workspace/{id}"),
    Address(5, "updateWorkspace", "PATCH", "/workspace/{id}"),
    Address(6, "deleteWorkspace", "DELETE", "/workspace/{id}"),
    Address(7, "changeWorkspaceAdmin", "PATCH", "/workspace/{enterpriseId}/change-admin"),
    Address(8, "createTeam", "POST", "/team"),
    Address(9, "getWorkspaceTeams", "POST", "/team/enterprise"),
    Address(10, "assignMembers", "POST", "/team/{teamId}/members"),
    Address(11, "getTeamMembers", "GET", "/team/{teamId}/members"),
    Address(12, "deleteTeamMembers", "DELETE", "/team/{teamId}/members"),
    Address(13, "getTeam", "GET", "/team/{id}"),
    Address(14, "updateTeamName", "PATCH", "/team/{id}"),
    Address(15, "deleteTeam", "DELETE", "/team/{id}"),
    Address(16, "getTenantConnections", "GET", "/connections"),
    Address(17, "createConnection", "POST", "/connections"),
    Address(18, "getTeamConnections", "GET", "/connections/team/{teamId}"),
    Address(19, "getConnectionStatuses", "GET", "/connections/status"),
    Address(20, "deleteAdAccount", "DELETE", "/connections/ads-account/{adsaccountid}"),
    Address(21, "disconnect", "DELETE", "/connections/{connectionId}"),
    Address(22, "getAccountInsights", "GET", "/connections/{id}/insights"),
    Address(23, "assignAdAccount", "POST", "/{teamId}/ads-accounts/assign"),
    Address(24, "revokeAdAccount", "POST", "/{teamId}/ads-accounts/revoke"),
    Address(25, "changeAdAccount", "POST", "/{teamId}/ads-accounts/change"),
    Address(26, "import", "GET", "/{teamId}/meta/import"),
    Address(27, "getPages", "GET", "/{teamId}/meta/pages"),
    Address(28, "searchTargeting", "POST", "/{teamId}/meta/targeting-search"),
    Address(29, "getAds", "GET", "/{teamId}/meta/ads"),
    Address(30, "getAdSets", "GET", "/{teamId}/meta/adsets"),
    Address(31, "getAdCreatives", "GET", "/{teamId}/meta/adcreatives"),
    Address(32, "getInsights", "GET", "/{teamId}/meta/insights"),
    Address(33, "getCampaigns", "GET", "/{teamId}/meta/campaigns"),
    Address(34, "updateCampaignStatus", "PATCH", "/{teamId}/meta/campaigns/{campaignId}/status"),
    Address(35, "createTrafficCampaign", "POST", "/{teamId}/meta/campaigns/traffic"),
    Address(36, "createSalesCampaign", "POST", "/{teamId}/meta/campaigns/sales"),
    Address(37, "createLeadCampaign", "POST", "/{teamId}/meta/campaigns/lead"),
    Address(38, "createAwarenessCampaign", "POST", "/{teamId}/meta/campaigns/awareness"),
    Address(39, "createEngagementCampaign", "POST", "/{teamId}/meta/campaigns/engagement"),
    Address(40, "getLeadForms", "GET", "/{teamId}/meta/lead-forms"),
    Address(41, "createLeadForm", "POST", "/{teamId}/meta/lead-forms"),
)

# Documented without an Authorization row; whether the real platform asks for one is unknown.
KEY_ALONE = frozenset({26, *range(30, 37), *range(38, 42)})


class Operations:
    """Those of the reference and `extra` ones, by address and by name."""

    def __init__(self, extra: Sequence[Address] = ()) -> None:
        self._known = (*ADDRESSES, *extra)
        self._patterns = tuple((compile_path(one.path)[0], one) for one in self._known)

    def find(self, method: str, path: str) -> tuple[Address, dict[str, str]] | None:
        """The operation at this (decoded) path below `BASE_PATH`, with its path parameters."""
        for pattern, address in self._patterns:
            if address.method == method and (match := pattern.match(path)):
                return address, match.groupdict()
        return None

    def number_of(self, operation: str | int) -> int | None:
        """The number behind a name or number as a person writes it; "*" is None, all of them.

        Raises LookupError for an operation that does not exist.
        """
        if operation == "*":
            return None
        for address in self._known:
            if str(operation) in (address.name, str(address.number)):
                return address.number
        raise LookupError("no such operation")
