"""The surface: what is offered is what was promised, and all of it goes through the pipeline."""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.catalogue.operations import BUILT_IN
from app.gateway.prefix import API
from app.gateway.routes import DeclaredRoute
from app.testing.world import World

# Operation id, method, path and status, as documented for frontends.
PROMISED = """
createWorkspace        POST   /workspaces                                                201
getWorkspace           GET    /workspaces/{enterpriseId}                                 200
updateWorkspace        PATCH  /workspaces/{enterpriseId}                                 200
deleteWorkspace        DELETE /workspaces/{enterpriseId}                                 204
changeWorkspaceAdmin   PUT    /workspaces/{enterpriseId}/admin                           204
listWorkspaceTeams     GET    /workspaces/{enterpriseId}/teams                           200
createTeam             POST   /workspaces/{enterpriseId}/teams                           201
getTeam                GET    /teams/{teamId}                                            200
renameTeam             PATCH  /teams/{teamId}                                            200
deleteTeam             DELETE /teams/{teamId}                                            204
listTeamMembers        GET    /teams/{teamId}/members                                    200
assignTeamMembers      POST   /teams/{teamId}/members                                    200
removeTeamMembers      DELETE /teams/{teamId}/members                                    204
createConnection       POST   /teams/{teamId}/connections                                201
listTeamConnections    GET    /teams/{teamId}/connections                                200
disconnect             DELETE /teams/{teamId}/connections/{connectionId}                 204
removeAdAccount        DELETE /teams/{teamId}/ad-accounts/{adAccountId}                  200
listAdAccountAccess    GET    /teams/{teamId}/ad-accounts/{adAccountId}/permissions      200
grantAdAccountAccess   POST   /teams/{teamId}/ad-accounts/{adAccountId}/permissions      201
changeAdAccountAccess  PATCH  /teams/{teamId}/ad-accounts/{adAccountId}/permissions/{externalUserId} 204
revokeAdAccountAccess  DELETE /teams/{teamId}/ad-accounts/{adAccountId}/permissions/{externalUserId} 204
listCampaigns          GET    /teams/{teamId}/meta/campaigns                             200
setCampaignStatus      PATCH  /teams/{teamId}/meta/campaigns/{campaignId}                200
getMetaInsights        GET    /teams/{teamId}/meta/insights                              200
listConnections        GET    /workspaces/{enterpriseId}/connections                     200
listAdAccounts         GET    /workspaces/{enterpriseId}/ad-accounts                     200
getAdAccountInsights   GET    /teams/{teamId}/ad-accounts/{adAccountId}/insights         200
importMetaAccount      POST   /teams/{teamId}/meta/import                                202
listMetaPages          GET    /teams/{teamId}/meta/pages                                 200
searchTargeting        GET    /teams/{teamId}/meta/targeting                             200
listAds                GET    /teams/{teamId}/meta/ads                                   200
listAdSets             GET    /teams/{teamId}/meta/ad-sets                               200
listAdCreatives        GET    /teams/{teamId}/meta/ad-creatives                          200
createTrafficCampaign  POST   /teams/{teamId}/meta/campaigns/traffic                     201
createSalesCampaign    POST   /teams/{teamId}/meta/campaigns/sales                       201
createLeadCampaign     POST   /teams/{teamId}/meta/campaigns/leads                       201
createAwarenessCampaign POST  /teams/{teamId}/meta/campaigns/awareness                   201
createEngagementCampaign POST /teams/{teamId}/meta/campaigns/engagement                  201
listLeadForms          GET    /teams/{teamId}/meta/lead-forms                            200
createLeadForm         POST   /teams/{teamId}/meta/lead-forms                            201
getWrite               GET    /writes/{idempotencyKey}                                   200
getDashboard           GET    /teams/{teamId}/dashboard                                  200
streamDashboard        GET    /teams/{teamId}/dashboard/stream                           200
"""
TEAM = "/teams/team-acme-brand"


def test_the_surface_is_the_promised_one() -> None:
    """Ids, methods, paths and success statuses are those that frontends were told."""
    promised = {tuple(line.split()) for line in PROMISED.strip().splitlines()}
    assert {(op.id, op.method, op.path, str(op.status)) for op in BUILT_IN.operations} == promised


@pytest.mark.holds(52, 55)
def test_every_operation_enters_the_pipeline(strict_world: World) -> None:
    """Below the API's prefix there is nothing but declared routes, one for each operation."""
    below = [
        route
        for route in strict_world.gateway.app.routes
        if getattr(route, "path", "").startswith(API)
    ]
    assert all(isinstance(route, DeclaredRoute) for route in below)
    served = [route.operation.id for route in below if isinstance(route, DeclaredRoute)]
    assert sorted(served) == sorted(op.id for op in BUILT_IN.operations)


@pytest.mark.holds(52, 55)
@pytest.mark.parametrize("prefix", ["", "/other"])
def test_an_included_router_enters_the_pipeline_too(strict_world: World, prefix: str) -> None:
    """Routes that somebody takes in by include_router are served by us: the body never runs."""
    app = strict_world.gateway.app
    router = APIRouter()
    router.routes.extend(route for route in app.routes if isinstance(route, DeclaredRoute))
    for route in router.routes:
        app.router.routes.remove(route)
    app.include_router(router, prefix=prefix)

    path, ben = prefix + API + TEAM, strict_world.sign_in("ben")
    refused = strict_world.browser().get(path)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert ben.get(path).json()["id"] == "team-acme-brand"
    assert ben.head(path).status_code == 200
    assert ben.put(path).headers["allow"] == "GET, HEAD, PATCH, DELETE"
    assert ben.patch(path, json={"name": "Renamed"}).json()["name"] == "Renamed"


def test_an_endpoint_that_runs_is_a_fault(strict_world: World) -> None:
    """The function that FastAPI describes answers nothing, whoever calls it."""
    routes = [r for r in strict_world.gateway.app.routes if isinstance(r, DeclaredRoute)]
    for route in routes:
        assert isinstance(route, APIRoute)
        with pytest.raises(AssertionError, match="went past the pipeline"):
            route.endpoint()
