"""A restore drill: restore the newest archive into an empty platform of one process, and compare the data that are read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy import composition
from deploy.backup.archive import Archive, Broken, complete
from deploy.backup.restore import restore
from services.kernel.settings import Settings


def drill(settings: Settings, folder: Path | None = None) -> Archive:
    """Restore the newest archive of these settings below `folder` (by default the system's folder for temporary files), compare
    the restored data with the archive, and remove them again.

    The databases, the store and the broker of these settings are not touched. Raises Broken if the archive cannot be restored.
    """
    archives = complete(settings.backups_folder)
    if not archives:
        raise Broken(f"there is no archive in {settings.backups_folder}")
    with TemporaryDirectory(dir=folder, prefix="guichuang-drill-") as scratch:
        trial = _scratch_settings(settings, scratch)
        # A restored service signs an entry in its audit log, so the trial needs keys. The running platform's keys are not read.
        composition.make_keys(trial)
        restore(archives[0], trial, list(archives[0].databases))
    return archives[0]


def _scratch_settings(settings: Settings, scratch: str) -> Settings:
    """Return the settings of an empty platform of one process, which uses nothing of the running platform."""
    scratch_settings = Settings(var=scratch, seed=settings.seed, outbox_days=settings.outbox_days, inbox_days=settings.inbox_days)
    return replace(scratch_settings, max_document_mb=settings.max_document_mb)
