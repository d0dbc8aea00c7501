"""Nothing is restored if the archive is incomplete, the target is not empty, or the version differs."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest

from deploy import composition
from deploy.backup.archive import Archive, Broken, complete
from deploy.backup.create import backup
from deploy.backup.drill import drill
from deploy.backup.restore import Refused, restore
from deploy.cli import main
from deploy.embedded.instance_lock import hold_instance_lock
from services.kernel import audit
from services.kernel.persistence import migrate
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings
from services.kernel.storage.factory import store_of
from services.policy.bureaus import BUREAUS
from tests.integration.backup.conftest import Saved


@pytest.fixture
def empty(saved: Saved, tmp_path: Path) -> Settings:
    return replace(saved.settings, var=str(tmp_path / "var"), keys=str(saved.settings.keys_folder))


@pytest.fixture
def copy(saved: Saved, tmp_path: Path) -> Path:
    """Return a copy of an archive that a test may damage."""
    return Path(shutil.copytree(saved.archive.folder, tmp_path / "copy"))


def untouched(settings: Settings) -> bool:
    return not any(settings.folder.glob("*.db")) and not any((settings.folder / "objects").glob("*/*"))


def test_a_whole_archive_is_found_whole(saved: Saved) -> None:
    saved.archive.verify()


@pytest.mark.parametrize("file", ["application/outbox.jsonl.gz", "objects.jsonl.gz", "objects/documents/*", "manifest.json"])
@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_broken_archive_is_recognised_before_anything_is_written(copy: Path, empty: Settings, file: str, how: str) -> None:
    victim = next(copy.glob(file))
    if how == "gone":
        victim.unlink()
    else:
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 1
        victim.write_bytes(content)
    with pytest.raises(Broken, match=victim.name):
        restore(Archive(copy), empty)
    assert untouched(empty)


def test_what_is_not_empty_is_named_and_left_alone(saved: Saved, empty: Settings) -> None:
    # Given a target whose database and object store contain other data
    composition.migrate_all(empty, ["review"])
    database = Database(empty.database("review"))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO sequences VALUES ('review', 'a', 1)")
    store_of(empty).put("documents/of-others", b"x")
    # When an operator restores an archive there, Then the refusal says that the database and the store are not empty
    with pytest.raises(Refused) as refused:
        restore(saved.archive, empty)
    assert "review: the database is not empty (sequences" in str(refused.value)
    assert "1 objects the archive does not know, documents/of-others" in str(refused.value)
    assert not (empty.folder / "application.db").exists() or not migrate.current(Database(empty.database("application")))
    database.close()


def test_nothing_is_restored_under_a_platform_that_runs(saved: Saved, empty: Settings) -> None:
    with hold_instance_lock(empty.folder), pytest.raises(Refused, match="stop the platform first"):
        restore(saved.archive, empty)
    assert untouched(empty)


def test_a_store_that_survived_is_kept_when_one_says_so(saved: Saved, empty: Settings) -> None:
    store_of(empty).put("documents/newer", b"x")
    restore(saved.archive, empty, keep_store=True)
    assert store_of(empty).exists("documents/newer")


def test_an_archive_of_a_newer_version_is_refused(copy: Path, empty: Settings) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["databases"]["review"]["revisions"].append("review_9999")
    rewrite(copy, manifest)
    with pytest.raises(Refused, match="newer version"):
        restore(Archive(copy), empty)


def test_an_interrupted_restore_is_begun_again_where_it_broke_off(saved: Saved, empty: Settings) -> None:
    restore(saved.archive, empty, ["application", "gateway"])
    restore(saved.archive, empty)
    with pytest.raises(Refused):
        restore(backup(saved.settings, ["application"]), empty)


def test_an_archive_of_an_older_version_is_brought_up(saved: Saved, empty: Settings, tmp_path: Path) -> None:
    # Given the archive of a platform with older code
    old = replace(empty, var=str(tmp_path / "old"), backups=str(tmp_path / "old-backups"))
    database = Database(old.database("review"))
    old.folder.mkdir()
    with database.engine.begin() as connection:
        migrate.rebuild("review", connection, ["kernel_0001", "review_0002"])
        connection.exec_driver_sql("INSERT INTO sequences VALUES ('review', 'a', 7)")
    archive = backup(old, ["review"])
    # When the present code restores that archive, Then the rows are restored, and the tables are migrated to the present version
    restore(archive, empty)
    new = Database(empty.database("review"))
    with new.read() as session:
        assert session.connection().exec_driver_sql("SELECT last FROM sequences").all() == [(7,)]
    assert migrate.differences("review", new) == []
    new.close()
    database.close()


def test_keys_come_along_only_when_asked_for(saved: Saved, empty: Settings, tmp_path: Path) -> None:
    without = backup(replace(saved.settings, backups=str(tmp_path / "a")), ["gateway"])
    assert not (without.folder / "keys").exists()
    with_keys = backup(replace(saved.settings, backups=str(tmp_path / "b")), ["gateway"], with_keys=True)
    elsewhere = replace(empty, keys="")
    restore(with_keys, elsewhere)
    assert composition.vault("gateway", elsewhere).open(composition.vault("gateway", saved.settings).seal("x")) == "x"


def test_secrets_without_their_key_are_told_of(saved: Saved, empty: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = replace(empty, keys="")
    composition.make_keys(stranger)
    restore(saved.archive, stranger, ["gateway"])
    assert "put gateway.vault of that time there" in capsys.readouterr().out


def test_a_restore_without_the_services_signing_key_says_that_its_log_lacks_the_entry(
    saved: Saved, empty: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    restore(saved.archive, replace(empty, keys=""), ["gateway"])
    assert "gateway: the audit log does not say that it was set back" in capsys.readouterr().out


def rewrite(folder: Path, manifest: dict[str, object]) -> None:
    from deploy.backup import archive

    del manifest["sha256"]
    manifest["sha256"] = archive._digest(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def typed(monkeypatch: pytest.MonkeyPatch, settings: Settings, *words: str) -> int:
    """Run a command with these settings in the environment; return the exit status."""
    for field in fields(settings):
        monkeypatch.setenv(field.metadata["env"], getattr(settings, field.name))
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_what_is_typed_says_by_its_exit_status_whether_it_was_done(
    saved: Saved, copy: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, empty, "restore", str(copy)) == 0
    assert typed(monkeypatch, empty, "backup") == 0
    assert typed(monkeypatch, empty, "backup", "list") == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.endswith("documents, gateway")]
    assert typed(monkeypatch, empty, "backup", "verify", line.split()[0]) == 0
    (Path(line.split()[0]) / "review" / "cases.jsonl.gz").unlink()
    assert typed(monkeypatch, empty, "backup", "verify", line.split()[0]) == 1
    assert "cases.jsonl.gz is missing or was changed" in capsys.readouterr().err
    # The same archive is restored already, so the command has nothing to do.
    assert typed(monkeypatch, empty, "restore", str(copy)) == 0
    assert typed(monkeypatch, empty, "restore", str(saved.archive.folder / "none")) == 2


def test_a_restore_of_one_database_is_recorded_in_its_audit_log_once(saved: Saved, tmp_path: Path) -> None:
    # Given a platform that has lost one database and kept the others
    settings = replace(saved.settings, var=str(tmp_path), keys=str(saved.settings.keys_folder))
    # When the lost database is restored, and the restore is then repeated
    for _ in range(2):
        restore(saved.archive, settings, ["application"])
    # Then the audit log of the restored database states, in each chain and signed by the service, to which instant the database
    # was set back
    database = Database(settings.database("application"), pool=1)
    with database.read() as session:
        found = audit.all_restores(session, "application", composition.verifier(settings))
    database.close()
    assert [back.to for back in found] == [saved.archive.at] * len(BUREAUS)


def test_a_drill_restores_the_newest_archive_and_leaves_nothing(saved: Saved, tmp_path: Path) -> None:
    # Given a platform with archives, When the newest archive is restored for a test
    before = {path for path in saved.settings.folder.rglob("*") if not path.name.endswith(("-wal", "-shm"))}
    assert drill(saved.settings, tmp_path).digest == complete(saved.settings.backups_folder)[0].digest
    # Then nothing of the test remains, and the platform is unchanged
    assert list(tmp_path.iterdir()) == []
    assert {path for path in saved.settings.folder.rglob("*") if not path.name.endswith(("-wal", "-shm"))} == before


def test_a_drill_fails_where_the_newest_archive_is_broken_or_there_is_none(saved: Saved, tmp_path: Path) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    scratch.mkdir()
    copy = Path(shutil.copytree(saved.archive.folder, home / saved.archive.folder.name))
    next(copy.glob("application/outbox.jsonl.gz")).write_bytes(b"x")
    with pytest.raises(Broken):
        drill(replace(saved.settings, backups=str(home)), scratch)
    with pytest.raises(Broken, match="there is no archive"):
        drill(replace(saved.settings, backups=str(tmp_path / "none")), scratch)
    assert list(scratch.iterdir()) == []
