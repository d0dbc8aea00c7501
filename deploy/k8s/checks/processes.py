"""Check that every process is started with valid arguments, valid settings, only its own secrets, and the probes that it
answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

import click

from deploy.cli import parse
from deploy.k8s.checks.rendered import Pods, Rendered
from deploy.k8s.tenants import SHARED_OVERLAY
from services.kernel.settings import SERVICES, Settings

#: The environment names of all settings.
SETTINGS = {field.metadata["env"] for field in fields(Settings)}
#: The service that a process runs → the databases whose secrets it needs.
DATABASES = {**{service: {service} for service in SERVICES}, "gateway": {"gateway"}, "identity": {"gateway"}}
MORE = {
    "documents": {"GUICHUANG_S3"},
    "gateway": {"GUICHUANG_S3", "GUICHUANG_OIDC_SECRET"},
    "notification": {"GUICHUANG_SMTP", "GUICHUANG_SMS_TOKEN"},
}
SECRET = {"GUICHUANG_BUS", "GUICHUANG_S3", "GUICHUANG_SMTP", "GUICHUANG_SMS_TOKEN", "GUICHUANG_OIDC_SECRET"} | {
    f"GUICHUANG_DB_{name.upper()}" for name in (*SERVICES, "gateway")
}
#: `PUBLIC`: the services that the public reaches. `PROBES` and `GATEWAY`: the port (name, number, setting) on which every process
#: answers probes and metrics, and the one on which those services serve the public.
PUBLIC = ("gateway", "console")
PROBES, GATEWAY = ("probes", 9000, "GUICHUANG_PROBES"), ("http", 8000, "GUICHUANG_HTTP")
#: The most seconds for which an answer, a delivery or a generated document can still be in progress when a process is stopped.
IN_HAND = 30


def check(rendered: Rendered) -> Iterator[str]:
    served = {}
    for pods in rendered.workloads:
        for container in pods.containers:
            yield from _started(rendered, pods, container)
        if pods.kind == "Deployment":
            service = serves(pods)
            served[service] = pods
            yield from _secrets(rendered, pods, service)
            yield from _probed(rendered, pods, service)
            if pods.spec.get("terminationGracePeriodSeconds", 30) <= IN_HAND:
                yield f"{pods} has too little time to finish work in progress"
    if rendered.settings and "GUICHUANG_SEED" in rendered.settings:
        yield "GUICHUANG_SEED is set: a real platform seeds nothing"
    expected_services = set(DATABASES) if rendered.find("Deployment", "application") else {"review"}
    expected_services |= {"console"} if "gateway" in served else set()
    expected_services -= {"review"} if rendered.name == SHARED_OVERLAY else set()  # This overlay contains only a PostgreSQL.
    if missing := expected_services - set(served):
        yield f"no process serves {', '.join(sorted(missing))}"


def serves(pods: Pods) -> str:
    """Return the service that a Deployment runs, taken from the arguments of its process."""
    return str(pods.spec["containers"][0].get("args", ["", ""])[-1])


def _started(rendered: Rendered, pods: Pods, container: Mapping[str, Any]) -> Iterator[str]:
    if not _known(tuple(container.get("args", ()))):
        yield f"{pods} is started with unknown arguments: {' '.join(container.get('args', []))}"
    variables = dict(rendered.environment(container))
    for name in variables:
        if name.startswith("GUICHUANG_") and name not in SETTINGS:
            yield f"{pods} is given {name}, which is no setting"
    for name in SECRET & {name for name, value in variables.items() if value is not None}:
        yield f"{pods} is given {name} in plain words; it belongs in a Secret"


@cache
def _known(arguments: tuple[str, ...]) -> bool:
    """Return whether `guichuang` accepts these arguments. The result is cached, because overlays have most of their arguments in
    common."""
    try:
        parse(arguments)
    except click.UsageError:
        return False
    return True


def _secrets(rendered: Rendered, pods: Pods, service: str) -> Iterator[str]:
    secret_variables = {name for name, value in rendered.environment(pods.spec["containers"][0]) if value is None}
    bus = set() if service == "console" else {"GUICHUANG_BUS"}
    needed = bus | {f"GUICHUANG_DB_{name.upper()}" for name in DATABASES.get(service, ())}
    if missing := needed - secret_variables:
        yield f"{pods} is not given {', '.join(sorted(missing))}"
    if superfluous := secret_variables & SECRET - needed - MORE.get(service, set()):
        yield f"{pods} is given {', '.join(sorted(superfluous))}, which is not for it"
    database_owner = "gateway" if service == "identity" else service
    keys = {
        source.get("secret", {}).get("name")
        for volume in pods.spec.get("volumes", ())
        for source in volume.get("projected", {}).get("sources", ())
    } - {None}
    if keys != {f"guichuang-key-{database_owner}"}:
        yield f"{pods} has the keys {', '.join(sorted(map(str, keys))) or 'of no party'}, not its own alone"


def _probed(rendered: Rendered, pods: Pods, service: str) -> Iterator[str]:
    container = pods.spec["containers"][0]
    ports_shown = [{key: port[key] for key in ("name", "containerPort")} for port in container.get("ports", ())]
    for name, port, setting in (PROBES, GATEWAY) if service in PUBLIC else (PROBES,):
        if {"name": name, "containerPort": port} not in ports_shown:
            yield f"{pods} does not show the port {name} {port}"
        if dict(rendered.environment(container)).get(setting) != f"0.0.0.0:{port}":
            yield f"{pods} does not listen on its port: {setting} is not 0.0.0.0:{port}"
    # The gateway's probes use the public port, because the gateway must answer there.
    name = GATEWAY[0] if service == "gateway" else PROBES[0]
    # A gateway that has once reached broker and accounts continues while they are unavailable; a service without its database
    # cannot.
    ready_path = "/healthz" if service == "gateway" else "/readyz"
    for probe, path in (("startupProbe", "/readyz"), ("readinessProbe", ready_path), ("livenessProbe", "/healthz")):
        http_get = container.get(probe, {}).get("httpGet", {})
        if (http_get.get("path"), http_get.get("port")) != (path, name):
            yield f"{pods}: its {probe} does not ask {path} at {name}"
