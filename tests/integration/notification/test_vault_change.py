"""When the vault's key changes, both secrets of a webhook subscription are encrypted with the new key, and stay in use."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from services.kernel.identity import Actor
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.registry import registry
from services.notification.tables import webhooks

PORTAL = Actor("portal-lz", ("portal",), "450200")


def test_what_the_key_before_sealed_is_sealed_anew_once(tmp_path: Path) -> None:
    # Given a webhook subscription whose secret was rotated
    keys = [new_vault_key()]
    settings = Settings(seed="demo", webhook_allow="127.0.0.1")
    bench = ServiceHarness(registry, tmp_path / "n.db", policies=None, settings=settings, vault=Vault(lambda: "\n".join(keys)))
    asked = {"url": "http://127.0.0.1:9/", "types": [], "of_bureau": None, "cursor": None}
    id = bench.tell("subscribe", PORTAL, **asked | {"types": ["application.stage_passed"]})["id"]
    secret = bench.tell("rotate", PORTAL, id=id)["secret"]
    assert [done for done in bench.runtime.sweep() if done["sweep"] == "seal_anew"] == []
    # When the operator puts a new key in front of the vault's old key
    old, new = keys[0], new_vault_key()
    keys[:] = [new, old]
    # Then the sweep encrypts both secrets with the new key, once
    assert [done["id"] for done in bench.runtime.sweep() if done["sweep"] == "seal_anew"] == [id]
    assert [done for done in bench.runtime.sweep() if done["sweep"] == "seal_anew"] == []
    keys[:] = [new]
    with bench.database.read() as session:
        kept = session.execute(select(webhooks.c.secrets)).scalar_one()
    assert Vault(new).open(kept[0]["sealed"]) == secret
    assert len(kept) == 2
    with pytest.raises(ValueError, match="not here"):
        Vault(old).open(kept[1]["sealed"])
    bench.database.close()
