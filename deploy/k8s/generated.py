"""The files that are generated from the table of tenants: an overlay for each tenant, and the bureaus' accounts on the province's
broker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from deploy.cluster.topology import bureau_account, bureau_permissions
from deploy.k8s.federation import account, crossing
from deploy.k8s.manifest import Resource
from deploy.k8s.monitoring import alerts, dashboards
from deploy.k8s.overlays import bureau_overlay, province_overlay
from deploy.k8s.shared_database import databases, shared_overlay
from deploy.k8s.tenants import SHARED_OVERLAY, Table

#: The line width; longer values are folded.
WIDTH = 130


def files(table: Table) -> dict[str, str]:
    """Return the generated files: the name of each below this folder → its text."""
    texts = {_overlay(table.province.overlay): _text(str(table.province.name.zh), province_overlay(table))}
    for city in table.cities:
        texts[_overlay(city.overlay)] = _text(f"{city.name.zh} {city.name.en}", bureau_overlay(table, city))
    texts["components/monitoring/rules/alerts.yaml"] = _from("deploy/monitoring/rules", alerts())
    texts["components/monitoring/rules/dashboards.yaml"] = _from("deploy/monitoring/dashboards", dashboards())
    for city in table.federated:
        title = f"{city.name.zh} {city.name.en}: events cross between its broker and the province's."
        texts[f"overlays/{table.province.overlay}/from-{city.code}.yaml"] = _text(title, *crossing("province", city))
        texts[f"overlays/{city.overlay}/from-{table.province.code}.yaml"] = _text(title, *crossing("city", city))
    if table.sharing:
        title = "The PostgreSQL that cities share."
        texts[_overlay(SHARED_OVERLAY)] = _text(title, shared_overlay(table))
        texts[f"overlays/{SHARED_OVERLAY}/cities.yaml"] = _text("A database for each of its cities.", *databases(table))
    texts["components/rabbitmq/province/bureaus.yaml"] = _text(
        "A bureau's account: its own queues and exchange.", *_accounts(table)
    )
    return texts


def drift(table: Table, folder: Path) -> list[str]:
    """Return the names of the files that differ from the table, are missing, or belong to no tenant."""
    texts = files(table)
    existing = {path.relative_to(folder).as_posix() for path in folder.glob("overlays/*/*")}
    return sorted({name for name, text in texts.items() if _read(folder / name) != text} | (existing - set(texts)))


def write(table: Table, folder: Path) -> list[str]:
    """Write the files according to the table; return the names of those that changed."""
    changed, texts = drift(table, folder), files(table)
    for name in changed:
        path = folder / name
        if name in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def _overlay(name: str) -> str:
    return f"overlays/{name}/kustomization.yaml"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _accounts(table: Table) -> Iterator[Resource]:
    for city in table.cities:
        if not city.own_broker:
            yield from account(bureau_account(city.code), asdict(bureau_permissions(city.code)))


def _text(title: str, *documents: Resource) -> str:
    return f"# {title}\n{_from('tenants.toml', documents)}"


def _from(source: str, documents: Iterable[Resource]) -> str:
    head = f"# Written from {source} by `make overlays`; change it there.\n"
    body: str = yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=WIDTH)
    return head + body


class _Plain(yaml.SafeDumper):  # type: ignore[misc]
    """Writes YAML for human readers: without anchors, and with texts of several lines as several lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_str(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Plain.add_representer(str, _Plain.represent_str)
