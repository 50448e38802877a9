"""The rules between settings: what does not start, and what is only risky, each in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import load
from app.settings_check import faults, is_loopback, is_origin, risks

CANARY = "canary-3d1f0c77"
DEVELOPMENT = {"BFF_ENV": "development"}
PLATFORM = DEVELOPMENT | {
    "BFF_UPSTREAM__BASE_URL": "https://platform.example/api/v1",
    "BFF_UPSTREAM__API_KEY": "key",
    "BFF_PUBLIC__ORIGIN": "http://localhost:8000",
    "BFF_IDENTITY__ENTERPRISE_CLAIM": "enterprises",
}
OIDC = PLATFORM | {
    "BFF_IDENTITY__OIDC__ISSUER": "https://idp.example",
    "BFF_IDENTITY__OIDC__CLIENT_ID": "bff",
    "BFF_IDENTITY__OIDC__CLIENT_SECRET": "secret",
}
JWT = PLATFORM | {
    "BFF_IDENTITY__JWT__ISSUER": "https://product.example",
    "BFF_IDENTITY__JWT__AUDIENCE": "ads",
    "BFF_IDENTITY__JWT__ALGORITHMS": "HS256",
    "BFF_IDENTITY__JWT__SECRET": "a secret of thirty-two bytes or more",
}
PEM = JWT | {
    "BFF_IDENTITY__JWT__ALGORITHMS": "ES256",
    "BFF_IDENTITY__JWT__SECRET": "",
    "BFF_IDENTITY__JWT__PUBLIC_KEY_FILE": "pyproject.toml",
}
JWKS = JWT | {
    "BFF_IDENTITY__JWT__ALGORITHMS": "RS256,ES256,PS256,EdDSA,Ed25519",
    "BFF_IDENTITY__JWT__SECRET": "",
    "BFF_IDENTITY__JWT__JWKS_URL": "https://product.example/keys?tenant=a",
}
PRODUCTION = OIDC | {"BFF_ENV": "production", "BFF_PUBLIC__ORIGIN": "https://app.example.com"}


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])


@pytest.mark.parametrize("sound", [DEVELOPMENT, OIDC, JWT, PEM, JWKS, PRODUCTION])
def test_sound_settings_have_no_fault(sound: dict[str, str]) -> None:
    """The settings that the other tests spoil are sound in themselves."""
    assert faults(load(sound)) == []


UNSAFE = [
    # the platform
    (PRODUCTION, {"UPSTREAM__BASE_URL": ""}, "UPSTREAM__BASE_URL is missing"),
    (OIDC, {"UPSTREAM__BASE_URL": "http://platform.example"}, "UPSTREAM__BASE_URL must be https"),
    *(
        (OIDC, {"UPSTREAM__BASE_URL": address}, "UPSTREAM__BASE_URL must be an http(s) address")
        for address in (
            f"https://user:{CANARY}@platform.example",
            f"https://platform.example/?key={CANARY}",
            "https://platform.example/#x",
            "ftp://platform.example",
            "platform.example",
            "https://",
            "https://[",
            "https://platform.example:99999",
            "https://platform.example:0",
            "https://platform.example/a b",
            "https://plätform.example",
            CANARY,
        )
    ),
    (OIDC, {"UPSTREAM__API_KEY": ""}, "UPSTREAM__API_KEY (or"),
    (OIDC, {"UPSTREAM__API_KEY": f"{CANARY} x"}, "UPSTREAM__API_KEY holds characters"),
    (OIDC, {"UPSTREAM__API_KEY": f"{CANARY}\x01"}, "UPSTREAM__API_KEY holds characters"),
    (OIDC, {"UPSTREAM__API_KEY": f"{CANARY}é"}, "UPSTREAM__API_KEY holds characters"),
    (OIDC, {"UPSTREAM__API_KEY_FILE": "LICENSE"}, "UPSTREAM__API_KEY and BFF_UPSTREAM__API_KEY_F"),
    (OIDC, {"UPSTREAM__API_KEY": "", "UPSTREAM__API_KEY_FILE": "no"}, "UPSTREAM__API_KEY (or"),
    # who signs in
    (PLATFORM, {}, "Nobody could sign in"),
    (OIDC, {"IDENTITY__OIDC__ISSUER": "http://127.0.0.1:8001/idp"}, "IDENTITY__OIDC__ISSUER is on"),
    (OIDC, {"IDENTITY__OIDC__ISSUER": "http://idp.example"}, "IDENTITY__OIDC__ISSUER must be ht"),
    (OIDC, {"IDENTITY__OIDC__ISSUER": "https://idp.example/?x"}, "IDENTITY__OIDC__ISSUER must be"),
    (OIDC, {"IDENTITY__OIDC__ISSUER": CANARY}, "IDENTITY__OIDC__ISSUER must be"),
    (OIDC, {"IDENTITY__OIDC__CLIENT_ID": ""}, "IDENTITY__OIDC__CLIENT_ID and"),
    (OIDC, {"IDENTITY__OIDC__CLIENT_SECRET": ""}, "IDENTITY__OIDC__CLIENT_ID and"),
    (JWT, {"IDENTITY__OIDC__CLIENT_ID": "bff"}, "IDENTITY__OIDC__ISSUER is missing"),
    (JWT, {"IDENTITY__OIDC__CLIENT_SECRET": CANARY}, "IDENTITY__OIDC__ISSUER is missing"),
    (
        OIDC,
        {"IDENTITY__OIDC__CLIENT_SECRET_FILE": "LICENSE"},
        "IDENTITY__OIDC__CLIENT_SECRET and BFF_IDENTITY__OIDC__CLIENT_SECRET_FILE",
    ),
    (OIDC | JWT, {}, "IDENTITY__OIDC__ISSUER and BFF_IDENTITY__JWT__ISSUER differ"),
    # the product's tokens
    *(
        (JWT, {f"IDENTITY__JWT__{name}": ""}, "IDENTITY__JWT__ISSUER, __AUDIENCE, __ALGORITHMS")
        for name in ("AUDIENCE", "ALGORITHMS")
    ),
    (OIDC, {"IDENTITY__JWT__SECRET": CANARY * 4}, "IDENTITY__JWT__ISSUER, __AUDIENCE"),
    (OIDC, {"IDENTITY__JWT__COOKIE": "product"}, "IDENTITY__JWT__ISSUER, __AUDIENCE"),
    (JWT, {"IDENTITY__JWT__ALGORITHMS": f"HS256,{CANARY}"}, "IDENTITY__JWT__ALGORITHMS holds"),
    (JWT, {"IDENTITY__JWT__ALGORITHMS": "none,HS256"}, "IDENTITY__JWT__ALGORITHMS holds"),
    (JWT, {"IDENTITY__JWT__ALGORITHMS": "HS256,ES256"}, "IDENTITY__JWT__SECRET goes with HS256"),
    (JWT, {"IDENTITY__JWT__SECRET": CANARY}, "IDENTITY__JWT__SECRET must have 32 bytes"),
    (JWT, {"IDENTITY__JWT__SECRET_FILE": "LICENSE"}, "IDENTITY__JWT__SECRET and BFF_IDENTITY__JWT"),
    (JWT, {"IDENTITY__JWT__PUBLIC_KEY_FILE": "LICENSE"}, "IDENTITY__JWT__SECRET and BFF_IDENTITY"),
    (
        PEM,
        {"IDENTITY__JWT__ALGORITHMS": "ES256,HS256"},
        "IDENTITY__JWT__PUBLIC_KEY_FILE never goes",
    ),
    (JWKS, {"IDENTITY__JWT__ISSUER": ""}, "IDENTITY__JWT__ISSUER, __AUDIENCE, __ALGORITHMS"),
    (JWKS, {"IDENTITY__JWT__ALGORITHMS": "ES384"}, "IDENTITY__JWT__ALGORITHMS holds"),
    (JWKS, {"IDENTITY__JWT__ALGORITHMS": "HS256"}, "IDENTITY__JWT__JWKS_URL never goes"),
    (JWKS, {"IDENTITY__JWT__ALGORITHMS": "RS256,HS256"}, "IDENTITY__JWT__JWKS_URL never goes"),
    (
        JWKS,
        {"IDENTITY__JWT__SECRET": CANARY * 4},
        "IDENTITY__JWT__SECRET and BFF_IDENTITY__JWT__JWKS",
    ),
    (
        JWKS,
        {"IDENTITY__JWT__SECRET_FILE": "LICENSE"},
        "IDENTITY__JWT__SECRET and BFF_IDENTITY__JWT__JWKS",
    ),
    (
        JWKS,
        {"IDENTITY__JWT__PUBLIC_KEY_FILE": "LICENSE"},
        "IDENTITY__JWT__PUBLIC_KEY_FILE and BFF_IDENTITY__JWT__JWKS",
    ),
    *(
        (
            JWKS,
            {"IDENTITY__JWT__JWKS_URL": address},
            "IDENTITY__JWT__JWKS_URL must be https: whoever",
        )
        for address in ("http://product.example/keys", "http://localhost.example/keys?a=b")
    ),
    *(
        (
            JWKS,
            {"IDENTITY__JWT__JWKS_URL": address},
            "IDENTITY__JWT__JWKS_URL must be an https address",
        )
        for address in (
            CANARY,
            "file:///keys",
            f"https://user:{CANARY}@product.example/keys",
            "http://localhost@product.example/keys",
            "https://product.example/keys#first",
            "https://product.example/keys?a#first",
            "https://product.example/ keys",
            "https://product.example/keys?a b",
            "https://product.example/keys?\\a",
        )
    ),
    *(
        (JWT, {"IDENTITY__JWT__COOKIE": name}, "IDENTITY__JWT__COOKIE is not a cookie name")
        for name in ("a b", "a;b", "ä", "bff-dev", "__Host-bff", "__Host-bff-login-x")
    ),
    # the public side
    (PRODUCTION, {"PUBLIC__ORIGIN": ""}, "PUBLIC__ORIGIN is missing"),
    (PRODUCTION, {"PUBLIC__ORIGIN": "http://localhost:8000"}, "PUBLIC__ORIGIN must be https"),
    (OIDC, {"PUBLIC__ORIGIN": "http://app.example"}, "PUBLIC__ORIGIN must be https"),
    (OIDC, {"PUBLIC__ORIGIN": "https://app.example/"}, "PUBLIC__ORIGIN must be scheme://host"),
    (OIDC, {"PUBLIC__CORS_ORIGINS": "*"}, "PUBLIC__CORS_ORIGINS holds something"),
    (OIDC, {"PUBLIC__CORS_ORIGINS": f"https://a.example,{CANARY}"}, "PUBLIC__CORS_ORIGINS holds"),
    *(
        (OIDC, {"PUBLIC__REDIRECTS": bad}, "PUBLIC__REDIRECTS holds something")
        for bad in (CANARY, "/x", "//a.example/x", "javascript:alert(1)", "data:x", "https://a b")
    ),
    *(
        (OIDC, {"PUBLIC__NATIVE_REDIRECTS": bad}, "PUBLIC__NATIVE_REDIRECTS holds something")
        for bad in (
            CANARY,
            "/x",
            "app:/x",
            "myapp://x/y",
            "javascript:/x",
            "com.example.app:",
            "com.example.app:x",
            "com.example.app:/x?a=b",
            "com.example.app:/x#a",
            "Com.Example.App:/x",
            ".com.example:/x",
            "com..example:/x",
            "http://app.example/x",
            "http://127.0.0.1/x",
            "https://app.example",
            "https://app.example/x?a=b",
            "https://user@app.example/x",
            "https://APP.example/x",
            "https:/x",
            "com.example.app:/x, com.example.app:/a b",
        )
    ),
    (OIDC, {"PUBLIC__TRUSTED_PROXIES": "*"}, "PUBLIC__TRUSTED_PROXIES holds something"),
    (OIDC, {"PUBLIC__TRUSTED_PROXIES": f"10.0.0.0/8,{CANARY}"}, "PUBLIC__TRUSTED_PROXIES holds"),
    (
        OIDC,
        {"SESSION__IDLE_SECONDS": "601", "SESSION__ABSOLUTE_SECONDS": "600"},
        "SESSION__IDLE_SECONDS is longer",
    ),
]


@pytest.mark.holds(7, 27)
@pytest.mark.parametrize(("sound", "changes", "sentence"), UNSAFE)
def test_an_unsafe_setting_is_one_sentence(
    sound: dict[str, str], changes: dict[str, str], sentence: str
) -> None:
    """One thing spoilt is one fault, which names the setting and never shows its value."""
    said = faults(load(sound | {f"BFF_{name}": value for name, value in changes.items()}))
    assert [s for s in said if s.removeprefix("BFF_").startswith(sentence)], said
    assert len(said) == 1 or sentence.startswith(("IDENTITY__JWT", "PUBLIC__ORIGIN is")), said
    assert not [s for s in said if CANARY in s]


@pytest.mark.holds(7)
def test_production_refuses_the_sandbox(tmp_path: Path) -> None:
    """Nothing set, or the sandbox's own addresses, does not start in production."""
    said = " ".join(faults(load({"BFF_ENV": "production"})))
    for name in ("BFF_UPSTREAM__BASE_URL", "BFF_PUBLIC__ORIGIN", "BFF_IDENTITY__OIDC__ISSUER"):
        assert name in said
    sandbox = {
        "BFF_UPSTREAM__BASE_URL": "http://127.0.0.1:8001/api/v1",
        "BFF_IDENTITY__OIDC__ISSUER": "http://127.0.0.1:8001/idp",
    }
    assert faults(load(PRODUCTION | sandbox)) == ["BFF_IDENTITY__OIDC__ISSUER must be https."]
    assert faults(load(OIDC | sandbox)) == []


def test_two_ways_to_sign_in_need_one_answer() -> None:
    """OIDC and host tokens together start with one issuer, or when told that the users are one."""
    same = {"BFF_IDENTITY__JWT__ISSUER": OIDC["BFF_IDENTITY__OIDC__ISSUER"]}
    assert faults(load(OIDC | JWT | same)) == []
    assert faults(load(OIDC | JWT | {"BFF_IDENTITY__SAME_USERS": "true"})) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://app.example.com", True),
        ("https://app.example.com:8443", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("https://xn--bcher-kva.example", True),
        ("https://app.example.com/", False),
        ("https://App.example.com", False),
        ("HTTPS://app.example.com", False),
        ("https://app.example.com:443", False),
        ("http://localhost:80", False),
        ("https://app.example.com:", False),
        ("https://app.example.com:08443", False),
        ("https://user@app.example.com", False),
        ("https://bücher.example", False),
        ("https://app.example.com?x", False),
        ("https://app.example.com\\x", False),
        (" https://app.example.com", False),
        ("https://app.example.com\n", False),
        ("app://app", False),
        ("https://", False),
        ("http://[", False),
        ("null", False),
        ("*", False),
    ],
)
def test_an_origin_is_what_browsers_send(text: str, is_one: bool) -> None:
    """Origins are compared as texts, so only the form that browsers write is one."""
    assert is_origin(text) is is_one


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://localhost:8000", True),
        ("http://idp.localhost", True),
        ("http://127.0.0.1:1/x", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:1", True),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://localhost@evil.example", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("localhost", False),
        ("http://[", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback_is_this_machine_alone(address: str | None, is_here: bool) -> None:
    """Plain http is allowed where it cannot leave the machine, and nowhere that only looks so."""
    assert is_loopback(address) is is_here


def test_keys_may_be_published_on_this_machine() -> None:
    """Plain http will do where it cannot leave the machine, as with a sidecar; in production too."""
    here = {"BFF_IDENTITY__JWT__JWKS_URL": "http://127.0.0.1:9000/keys"}
    assert faults(load(JWKS | here)) == []
    origin = {"BFF_ENV": "production", "BFF_PUBLIC__ORIGIN": "https://app.example.com"}
    assert faults(load(JWKS | here | origin)) == []


def test_apps_wait_at_claimed_addresses_and_at_schemes_of_a_domain() -> None:
    """Both kinds of addresses that RFC 8252 describes for phones may be configured."""
    addresses = (
        "https://app.example.com/signed-in, https://app.example.com:8443/, "
        "com.example.app:/signed-in, com.example.app-2:///x, com.example://host/x"
    )
    assert faults(load(OIDC | {"BFF_PUBLIC__NATIVE_REDIRECTS": addresses})) == []


IN_PRODUCTION = {"ENV": "production", "PUBLIC__ORIGIN": "https://app.example.com"}
QUIET = OIDC | {"BFF_ACCESS__UNKNOWN_GRANTS": "refuse"}


def test_the_strictest_settings_have_no_risk() -> None:
    """What the next test adds is all that is risky."""
    assert risks(load(QUIET)) == []
    assert risks(load(QUIET | {"BFF_OPERATIONS__PORT": "9100"})) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ACCESS__UNKNOWN_GRANTS": "platform"}, "ACCESS__UNKNOWN_GRANTS=platform"),
        ({"ACCESS__AD_ACCOUNTS": "platform"}, "ACCESS__AD_ACCOUNTS=platform"),
        ({"ACCESS__OPEN_WORKSPACES": "true"}, "ACCESS__OPEN_WORKSPACES=true"),
        ({"IDENTITY__USER_CLAIM": "email"}, "IDENTITY__USER_CLAIM=email"),
        ({"IDENTITY__ENTERPRISE_CLAIM": ""}, "IDENTITY__ENTERPRISE_CLAIM is not set"),
        (
            {name.removeprefix("BFF_"): value for name, value in JWKS.items()}
            | {"IDENTITY__JWT__ISSUER": OIDC["BFF_IDENTITY__OIDC__ISSUER"]},
            "IDENTITY__JWT__ISSUER: a token must hold iss, aud, sub, exp, iat and nbf",
        ),
        (
            {"PUBLIC__NATIVE_REDIRECTS": "com.example.app:/x"},
            "PUBLIC__NATIVE_REDIRECTS holds a",
        ),
        ({"PUBLIC__CORS_ORIGINS": "https://a.example"}, "PUBLIC__CORS_ORIGINS"),
        ({"UPSTREAM__ENGINE": "httpx"}, "UPSTREAM__ENGINE=httpx"),
        (
            {"OPERATIONS__PORT": "9100", "OPERATIONS__HOST": "0.0.0.0"},
            "OPERATIONS__HOST is not this machine's alone",
        ),
        ({"UPSTREAM__BASE_URL": ""}, "UPSTREAM__BASE_URL is not set"),
        (
            IN_PRODUCTION | {"PUBLIC__TRUSTED_PROXIES": "10.0.0.0/8", "DOCS": "true"},
            "DOCS=true",
        ),
        (IN_PRODUCTION, "PUBLIC__TRUSTED_PROXIES is empty"),
        (
            IN_PRODUCTION | {"PUBLIC__TRUSTED_PROXIES": "10.0.0.0/8", "DRAIN__WAIT_SECONDS": "0"},
            "DRAIN__WAIT_SECONDS=0",
        ),
    ],
)
def test_a_risk_is_explained(changes: dict[str, str], sentence: str) -> None:
    """One risky setting is one sentence that begins with its name, and it starts."""
    settings = load(QUIET | {f"BFF_{name}": value for name, value in changes.items()})
    (said,) = risks(settings)
    assert said.startswith(f"BFF_{sentence}")
    assert faults(settings) == []
