"""The checks of `app.testing` fail for declarations that do not keep what the gateway promises."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import SettingsFault
from app.testing import Example, Extension
from tests.desk.test_extending import PYTHON, ROOT

EXAMPLES = {
    "listPixels": Example(answer=[{"id": "px_1", "name": "Shop", "owner": "somebody"}]),
    "renamePixel": Example(
        values={"pixelId": "px_1"},
        body={"name": "Shop, new"},
        answer={"id": "px_1", "name": "Shop, new"},
    ),
}
(SOURCE,) = (
    source
    for name, source in PYTHON.findall((ROOT / "docs/extending.md").read_text("utf-8"))
    if name == "pixels.py"
)
CLASS = "class Pixel(Answer):"
TAGS = "return {*account_tags(self.team_id, self.ad_account_id, known), pixels(self.ad_account_id)}"
LISTED = "    team_id: TeamId\n    ad_account_id: AdAccountId\n\n    def tags"


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules can be imported until the test ends."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def spoiled(folder: Path, name: str, what: str, by: str) -> str:
    """The document's module with one thing replaced, under a name of its own."""
    assert SOURCE.count(what) >= 1, what
    (folder / f"{name}.py").write_text(SOURCE.replace(what, by, 1), "utf-8")
    return name


@pytest.mark.parametrize(
    ("what", "by", "failing"),
    [
        pytest.param(
            CLASS,
            CLASS + '\n    model_config = {"extra": "allow"}\n',
            {"listPixels-answers_what_is_declared", "renamePixel-answers_what_is_declared"},
            id="passes on what nobody declared",
        ),
        pytest.param(
            TAGS,
            "return {pixels(self.ad_account_id)}",
            {"listPixels-goes_with_its_account"},
            id="does not depend on its account",
        ),
        pytest.param(
            LISTED,
            LISTED.replace(
                "    def tags",
                '    async def fetch(self, ask, known):\n        return [{"id": "px_1", "name": "x"}]\n\n'
                "    def tags",
            ),
            {
                "listPixels-asks_as_the_user",
                "listPixels-fails_as_a_problem",
                "listPixels-keeps_its_answer_for_its_user",
            },
            id="asks nobody",
        ),
        pytest.param(
            CLASS,
            "class Campaign(Answer):\n    id: str\n\n\n"
            + CLASS
            + "\n    campaign: Campaign | None = None",
            {"listPixels-is_described", "renamePixel-is_described"},
            id="takes the name of a model that is built in",
        ),
    ],
)
def test_a_declaration_that_breaks_a_promise_fails_its_check(
    importable: Path, what: str, by: str, failing: set[str]
) -> None:
    """Exactly the checks that speak of what was spoiled fail."""
    extension = Extension(spoiled(importable, "spoiled", what, by), EXAMPLES)
    failed = set()
    with extension.world() as running:
        for check in extension.checks():
            try:
                check(running)
            except AssertionError:
                failed.add(str(check))
    assert failed == failing


@pytest.mark.holds(55)
@pytest.mark.parametrize(
    ("what", "by", "sentence"),
    [
        ("    keep = Keep(fresh=60, stale=600)\n", "", "ListPixels declares no `keep`"),
        ("(Rule.ACCOUNT_READ,)", "(Rule.USER,)", "ListPixels has the field team_id and none of"),
        ('TAG = "Meta pixels"', "", "needs a `TAG`"),
        ('TAG = "Meta pixels"', 'TAG = "Teams"', "has a `TAG` that is taken: Teams"),
        ("class ListPixels(", "class ListCampaigns(", "listCampaigns, which there is already"),
        ("class ListPixels(", "class ExchangeToken(", "exchangeToken, which there is already"),
        (
            '/meta/pixels/{pixelId}"',
            '/meta/campaigns/{pixelId}"',
            "has the route of setCampaignStatus",
        ),
        ("from typing", "from no_such_package", "cannot be imported (ModuleNotFoundError"),
        ("from typing", "from typing typing", "cannot be imported (SyntaxError"),
    ],
)
def test_a_declaration_that_does_not_fit_stops_the_start(
    importable: Path, what: str, by: str, sentence: str
) -> None:
    """The settings are at fault, in one sentence that names the module and what is wrong."""
    name = spoiled(importable, "unfit", what, by)
    with pytest.raises(SettingsFault) as fault:
        Extension(name, EXAMPLES)
    (said,) = fault.value.sentences
    assert said.startswith("BFF_CATALOGUE__EXTRA: ")
    assert sentence in said


def test_a_module_that_declares_nothing_stops_the_start(importable: Path) -> None:
    """An empty module, or a name that nothing has, is a fault and not an empty extension."""
    (importable / "nothing.py").write_text('"""Nothing."""\n\nTAG = "Nothing"\n', "utf-8")
    with pytest.raises(SettingsFault, match="nothing declares no operation"):
        Extension("nothing", {})
    with pytest.raises(SettingsFault, match=r"absent cannot be imported \(ModuleNotFoundError"):
        Extension("absent", {})


def test_every_operation_has_its_example(importable: Path) -> None:
    """An operation without an example, or an example without its operation, is named."""
    name = spoiled(importable, "whole", CLASS, CLASS)
    with pytest.raises(ValueError, match="renamePixel"):
        Extension(name, {"listPixels": EXAMPLES["listPixels"]})
