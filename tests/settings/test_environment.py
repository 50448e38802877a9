"""Settings from the environment: every name known, every value checked, no value repeated."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.settings import Environment, LogFormat, Settings, SettingsFault, known_names, load

CANARY = "canary-3d1f0c77"


def faults_of(**environment: str) -> list[str]:
    with pytest.raises(SettingsFault) as fault:
        load(environment)
    return fault.value.sentences


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("BFF_UPSTREAM__APIKEY", "Did you mean BFF_UPSTREAM__API_KEY?"),
        ("BFF_PUBLIC_ORIGIN", "Did you mean BFF_PUBLIC__ORIGIN?"),
        ("bff_public__orgin", "Did you mean BFF_PUBLIC__ORIGIN?"),
        ("BFF_UPSTREAM__BASE_URL_", "Did you mean BFF_UPSTREAM__BASE_URL?"),
        ("BFF_QQ", "`bff check` lists the settings."),
    ],
)
def test_an_unknown_name_stops_the_start(name: str, sentence: str) -> None:
    """A misspelt setting is not ignored: it is named, with the one that was probably meant."""
    assert faults_of(**{name: CANARY}) == [f"{name} is not a setting. {sentence}"]


@pytest.mark.parametrize(
    "name", ["BFF_SERVICE_HOST", "BFF_SERVICE_PORT_HTTP", "BFF_PORT", "BFF_PORT_8000_TCP_ADDR"]
)
def test_what_kubernetes_injects_is_explained(name: str) -> None:
    """Variables of a Service named bff are told apart from mistakes, with the way to stop them."""
    (said,) = faults_of(**{name: "tcp://10.0.0.1:8000"})
    assert said.startswith(f"{name} looks injected by Kubernetes")
    assert "enableServiceLinks: false" in said


def test_every_fault_is_a_sentence() -> None:
    """Three misspelt names are three sentences, in the order of the names."""
    said = faults_of(BFF_A="1", BFF_B="2", BFF_C="3")
    assert [sentence.split()[0] for sentence in said] == ["BFF_A", "BFF_B", "BFF_C"]


@pytest.mark.parametrize(
    "written",
    ["https://a.example/x,https://b.example/y", " https://a.example/x , https://b.example/y, ",
     '["https://a.example/x", "https://b.example/y"]', ' ["https://a.example/x","https://b.example/y"]\n'],
)  # fmt: skip
def test_a_list_is_json_or_comma_separated(written: str) -> None:
    """Both ways of writing a list mean the same."""
    redirects = load({"BFF_PUBLIC__REDIRECTS": written}).public.redirects
    assert redirects == ("https://a.example/x", "https://b.example/y")


@pytest.mark.parametrize("written", ["", " ", "[]", ","])
def test_an_empty_list_is_empty(written: str) -> None:
    """Nothing between the commas is nothing."""
    assert load({"BFF_PUBLIC__CORS_ORIGINS": written}).public.cors_origins == ()


def test_names_are_read_in_any_case_and_empty_means_unset() -> None:
    """As everywhere: `bff_env` is BFF_ENV, and an empty variable is one that is not there."""
    settings = load({"bff_env": "production", "BFF_LOG__FORMAT": "json", "BFF_DOCS": ""})
    assert (settings.env, settings.log.format) == (Environment.PRODUCTION, LogFormat.JSON)
    assert settings.docs is None
    assert settings.production
    assert not settings.uses_sandbox


def test_only_what_is_handed_in_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that are made in code do not change with the machine that makes them."""
    monkeypatch.setenv("BFF_ENV", "production")
    monkeypatch.setenv("BFF_UPSTREAM__API_KEY", CANARY)
    assert Settings(env=Environment.DEVELOPMENT).upstream.api_key is None
    assert load({"BFF_ENV": "development"}).upstream.api_key is None


@pytest.mark.holds(27)
@pytest.mark.parametrize(
    ("name", "written"),
    [
        *((name, CANARY) for name in ("BFF_ENV", "BFF_DOCS", "BFF_UPSTREAM__READ_DEADLINE")),
        ("BFF_UPSTREAM__ROUTES", CANARY),
        ("BFF_UPSTREAM__ROUTES", json.dumps([CANARY])),
        ("BFF_UPSTREAM__ROUTES", json.dumps({"getTeam": [CANARY]})),
        ("BFF_PUBLIC__REDIRECTS", f'["{CANARY}"'),
        ("BFF_PUBLIC__REDIRECTS", f'[{{"a": "{CANARY}"}}]'),
        ("BFF_LOG__LEVEL", CANARY),
        ("BFF_LOG__FORMAT", CANARY),
        ("BFF_ACCESS__AD_ACCOUNTS", CANARY),
        ("BFF_ACCESS__UNKNOWN_GRANTS", CANARY),
        ("BFF_ACCESS__TTL_SECONDS", "61"),
        ("BFF_ACCESS__TTL_SECONDS", "0"),
        ("BFF_SESSION__ABSOLUTE_SECONDS", "86401"),
        ("BFF_LIMITS__MAX_BODY_BYTES", CANARY),
        ("BFF_IDENTITY__SAME_USERS", CANARY),
        ("BFF_IDENTITY__JWT__MAX_LIFETIME_SECONDS", CANARY),
        ("BFF_UPSTREAM", json.dumps({"api_key": CANARY})),
        ("BFF_IDENTITY__JWT", json.dumps({"secret": CANARY})),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_never_shown(name: str, written: str) -> None:
    """The sentence names the variable; what stands in it may be a secret in the wrong place."""
    (said,) = faults_of(**{name: written})
    assert said.startswith(name)
    assert said.endswith((".", "?"))
    assert CANARY not in said


@pytest.mark.holds(13)
def test_no_session_outlives_a_day() -> None:
    """The longest that can be set is 24 hours."""
    assert load({"BFF_SESSION__ABSOLUTE_SECONDS": "86400"}).session.absolute_seconds == 86_400
    assert load({}).session.absolute_seconds <= 86_400


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("BFF_UPSTREAM__API_KEY", lambda s: s.upstream.key()),
        ("BFF_IDENTITY__OIDC__CLIENT_SECRET", lambda s: s.identity.oidc.secret()),
        ("BFF_IDENTITY__JWT__SECRET", lambda s: s.identity.jwt.key()),
    ],
)
def test_every_secret_can_come_from_a_file(tmp_path: Path, name: str, group: object) -> None:
    """NAME_FILE is read again when it changes, keeps its last when it goes, and shows nothing."""
    assert callable(group)
    assert group(load({name: f" {CANARY}\n"})).current() == CANARY
    file = tmp_path / "secret"
    file.write_text(f"\n{CANARY}-new\n\n{CANARY}-old\n")
    settings = load({f"{name}_FILE": str(file)})
    secret = group(settings)
    assert secret.lines() == (f"{CANARY}-new", f"{CANARY}-old")
    file.write_text(f"{CANARY}-newest")
    assert secret.current() == f"{CANARY}-newest"
    file.unlink()
    assert secret.current() == f"{CANARY}-newest"
    file.write_bytes(os.urandom(8) + b"\xff\xfe")
    assert not secret
    assert not group(load({f"{name}_FILE": str(tmp_path / "never")}))
    assert CANARY not in repr(secret) + repr(settings) + str(settings.model_dump_json())


def test_every_setting_is_described() -> None:
    """What `bff check` and .env.example list says what each is for."""
    assert [name for name, description in known_names().items() if not description] == []
