"""One database is lost and the others live on: it comes back from an archive, the others send again, and people do again what it
alone had known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from deploy.demo.client import until
from deploy.demo.formation import Formation
from deploy.keeping.restore import REPLAYED_DAYS, restore
from deploy.operations import events
from tests.integration.keeping.conftest import Saved, running
from tests.integration.keeping.test_backup_and_restore import unfinished


def test_a_review_lost_after_its_backup_is_caught_up_with(saved: Saved, tmp_path: Path) -> None:
    settings = replace(saved.settings, var=str(tmp_path), keys=str(saved.settings.keys_folder))
    restore(saved.archive, settings)
    # Given two applications since the backup, one of them recommended
    with running(settings, saved.accounts) as people:
        waiting, recommended = (Formation.complete(people, saved.call) for _ in range(2))
        waiting.submit()
        recommended.submit()
        recommended.recommend()
        recommended.reaches("submitted", stage="formal_check")
    # When the database of reviews is lost, restored, and everybody sends again
    for file in tmp_path.glob("review.db*"):
        file.unlink()
    restore(saved.archive, settings, ["review"])
    events.replay_since(settings, saved.archive.at - timedelta(days=REPLAYED_DAYS))
    # Then both are before their bureaus again
    with running(settings, saved.accounts) as people:
        first, second = (Formation(people, case.units, case.id) for case in (waiting, recommended))
        first.recommend()
        first.check()
        # and what was recommended already is recommended once more, for the record, and goes on from where it was
        second.recommend()
        second.check()
        for case in (first, second):
            case.reaches("submitted", stage="expert_review")
        until(lambda: not list(unfinished(settings)), "the platform being at rest")
