"""Which of an ad account's two ids operation 22 is asked with: a setting says."""

from __future__ import annotations

import pytest

from app.testing.world import API, World, world

ASKED = {
    "startDate": "2026-01-01",
    "endDate": "2026-01-31",
    "metrics": ["impressions", "clicks", "spend"],
}
READERS = {
    "cleo": ("team-acme-brand", "act_1001"),
    "kim": ("team-globex-agency", "act_2002"),
}


def ids_received(running: World) -> list[str]:
    """The ids that operation 22 was asked with, off the platform's call log."""
    paths = [call["path"].partition("?")[0] for call in running.calls("getAccountInsights")]
    return [path.removeprefix(f"{API}/connections/").removesuffix("/insights") for path in paths]


@pytest.mark.holds(49)
@pytest.mark.parametrize("user", READERS)
def test_the_setting_decides_which_id_the_platform_receives(user: str) -> None:
    """`internal` sends the internal id, `platform` and nothing the network's; answers are equal."""
    team, account = READERS[user]
    path = f"/teams/{team}/ad-accounts/{account}/insights"
    answers = []
    for setting in (None, "platform", "internal"):
        chosen = {"insights_account_id": setting} if setting else {}
        with world(upstream=chosen) as running:
            answers.append(running.sign_in(user).read(path, **ASKED))
            internal = account.replace("act_", "acc-")
            assert ids_received(running) == [internal if setting == "internal" else account]
    assert answers[0] == answers[1] == answers[2]
    (item,) = answers[0]["items"]
    assert item["metrics"].keys() == set(ASKED["metrics"])
    assert all(value > 0 for value in item["metrics"].values())


@pytest.mark.holds(46, 49)
def test_an_internal_id_is_no_account_id_here() -> None:
    """Whatever the platform takes, in public an account has one id: the other is a 404."""
    with world(upstream={"insights_account_id": "internal"}) as running:
        cleo = running.sign_in("cleo")
        path = "/teams/team-acme-brand/ad-accounts/acc-1001/insights"
        answer = cleo.api("GET", path, params=ASKED)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert ids_received(running) == []
