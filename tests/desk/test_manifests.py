"""compose.yaml, its sandbox and the manifests for Kubernetes start what they mean to start.

`make check` holds them to their schemas; here are the things that no schema knows.
"""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml  # type: ignore[import-untyped]  # the stubs are not locked

from app.sealing import KEY_BYTES
from app.serving import finishing
from app.settings import load
from deploy.cluster import nginx
from tests.commands.running import bff
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
# Where secrets are mounted, and something that each of them could be.
MOUNTED = re.compile(r"^/run/secrets/(?:ads-bff/)?([a-z-]+)$")
SECRETS = {
    "platform-key": "a-key",
    "oidc-secret": "a-secret",
    "session-keys": b64encode(bytes(KEY_BYTES)).decode(),
    "redis-url": "rediss://:password@redis:6379/0",
}


def composed(file: str) -> Any:
    return yaml.safe_load((ROOT / file).read_text("utf-8"))["services"]


def manifest(kind: str) -> Any:
    found = [yaml.safe_load(file.read_text("utf-8")) for file in KUBERNETES.glob("*.yaml")]
    (one,) = [each for each in found if each["kind"] == kind]
    return one


def gateways(file: str) -> dict[str, Any]:
    return {name: one for name, one in composed(file).items() if name.startswith("gateway-")}


PRODUCTION, SANDBOX = "compose.yaml", "deploy/compose/sandbox.yaml"


def settings_of(file: str) -> Mapping[str, str]:
    """All gateways of a file have the same."""
    first, *others = (one["environment"] for one in gateways(file).values())
    assert all(one == first for one in others)
    return dict(first)


SETTINGS: dict[str, Mapping[str, str]] = {
    "kubernetes": manifest("ConfigMap")["data"],
    PRODUCTION: settings_of(PRODUCTION),
    SANDBOX: settings_of(SANDBOX),
}


@pytest.mark.parametrize("where", SETTINGS)
def test_the_settings_are_sound(where: str, tmp_path: Path) -> None:
    """`bff check` finds no fault in them: names that are known, and values that start."""
    settings = dict(SETTINGS[where])
    for name, value in settings.items():
        if secret := MOUNTED.match(value):
            settings[name] = str(tmp_path / secret[1])
            Path(settings[name]).write_text(SECRETS[secret[1]], "utf-8")
    checked = bff("check", cwd=tmp_path, **settings)
    assert checked.returncode == 0, checked.stdout


def test_every_secret_that_is_read_is_mounted() -> None:
    """Under the name that the setting gives it."""
    secrets = set(manifest("Secret")["stringData"])
    assert _read(SETTINGS["kubernetes"]) == secrets == set(SECRETS)
    for one in gateways(PRODUCTION).values():
        assert _read(SETTINGS[PRODUCTION]) == set(one["secrets"])


def _read(settings: Mapping[str, str]) -> set[str]:
    return {found[1] for found in map(MOUNTED.match, settings.values()) if found}


def test_nobody_is_killed_while_he_finishes() -> None:
    """Who stops a gateway leaves it the time that the drain may take, with these very settings."""
    settings = load({"BFF_ENV": "production"})
    least = settings.drain_seconds + finishing(settings.upstream) + 5
    assert (
        manifest("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= least
    )
    for one in gateways(PRODUCTION).values():
        assert float(one["stop_grace_period"].removesuffix("s")) >= least


def test_pods_keep_to_the_restricted_standard() -> None:
    """Of the Pod Security Standards, so that a namespace that enforces it takes them."""
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    assert pod["enableServiceLinks"] is pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {next(iter(volume.keys() - {"name"})) for volume in pod["volumes"]} <= {
        "secret",
        "emptyDir",
    }
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is context["privileged"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_probes_ask_the_right_thing() -> None:
    """Liveness must not know of Redis: all replicas would be killed with it (decision 22)."""
    (container,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    asked = {
        name: container[f"{name}Probe"]["httpGet"]["path"]
        for name in ("startup", "liveness", "readiness")
    }
    assert asked == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}


def test_all_select_the_same_pods() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert manifest(kind)["spec"]["selector"]["matchLabels"] == labels
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    assert manifest("Service")["spec"]["selector"] == labels
    assert (
        manifest("HorizontalPodAutoscaler")["spec"]["minReplicas"]
        > manifest("PodDisruptionBudget")["spec"]["minAvailable"]
    )


def test_the_proxy_of_compose_asks_its_gateways() -> None:
    """At the addresses that they have, and it alone may set forwarded headers."""
    services = composed(PRODUCTION)
    addresses = {one["networks"]["front"]["ipv4_address"] for one in gateways(PRODUCTION).values()}
    replicas = services["nginx"]["environment"]["REPLICAS"]
    assert set(re.findall(r"server ([0-9.]+):8000 ", replicas)) == addresses
    proxy = services["nginx"]["networks"]["front"]["ipv4_address"]
    assert SETTINGS[PRODUCTION]["BFF_PUBLIC__TRUSTED_PROXIES"] == proxy
    ports = {one["command"][-1] for one in gateways(SANDBOX).values()}
    replicas = composed(SANDBOX)["nginx"]["environment"]["REPLICAS"]
    assert set(re.findall(r"server 127\.0\.0\.1:([0-9]+) ", replicas)) == ports


@pytest.mark.skipif(nginx.BINARY is None, reason="nginx: scripts/system-packages installs it")
@pytest.mark.parametrize("file", [PRODUCTION, SANDBOX])
def test_nginx_takes_its_configuration(file: str, tmp_path: Path) -> None:
    """The templates, filled in as the image does it, at addresses that this machine has."""
    certificate = trustme.CA().issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "certificate")
    certificate.private_key_pem.write_to_path(tmp_path / "certificate-key")
    given = composed(file)["nginx"]
    here = {
        name: re.sub(r"^(?:[0-9.]+:)?[0-9]+", f"127.0.0.1:{free_port()}", value)
        for name, value in given["environment"].items()
    }
    templates = [(ROOT / file).parent / one.partition(":")[0] for one in given["volumes"]]
    servers = "".join(nginx.filled(one.read_text("utf-8"), here) for one in templates)
    framed = nginx.framed(tmp_path, servers.replace("/run/secrets", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(framed, "utf-8")
    assert nginx.BINARY is not None
    tried = subprocess.run(
        [nginx.BINARY, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert tried.returncode == 0, tried.stderr
