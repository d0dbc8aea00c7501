"""One database is destroyed while the others keep running. It is restored from an archive, the others publish their events
again, and people repeat the actions that only this database had recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from deploy.backup.compare import compare
from deploy.backup.create import backup
from deploy.backup.restore import REPLAYED_DAYS, restore
from deploy.cli import events, main
from deploy.demo.client import until
from deploy.demo.formation import Formation
from services.kernel.ids import new_id
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import sequences
from services.kernel.settings import Settings
from services.notification.tables import feed as table
from services.notification.webhooks import feed
from tests.integration.backup.conftest import Saved, running
from tests.integration.backup.test_backup_and_restore import unfinished


@dataclass
class Later:
    """A platform that continued after its backup: since then two applications were submitted, and one of them recommended."""

    settings: Settings
    waiting: Formation
    recommended: Formation


@pytest.fixture(scope="module")
def later(saved: Saved, tmp_path_factory: pytest.TempPathFactory) -> Later:
    settings = replace(saved.settings, var=str(tmp_path_factory.mktemp("later")), keys=str(saved.settings.keys_folder))
    restore(saved.archive, settings)
    with running(settings, saved.accounts) as people:
        waiting, recommended = (Formation.complete(people, saved.call) for _ in range(2))
        waiting.submit()
        recommended.submit()
        recommended.recommend()
        recommended.reaches("submitted", stage="formal_check")
        until(lambda: not list(unfinished(settings)), "the platform being at rest")
    return Later(settings, waiting, recommended)


def test_what_a_later_archive_has_heard_that_nobody_said_by_an_earlier_is_named(
    saved: Saved, later: Later, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given archives of all databases, and an archive of the review database that is newer than the others
    reviews = backup(later.settings, ["review"])
    # When the archives are compared, Then the comparison names the applications submitted between the two instants, and no others
    between = {later.waiting.subject, later.recommended.subject}
    ahead = compare([saved.archive, reviews])
    assert {item.subject for item in ahead if item.type == "application.submitted"} == between
    assert {(item.producer, item.by) for item in ahead} <= {
        (producer, f"{reviews.folder.name}/review") for producer in ("application", "gateway", "documents")
    }
    # and the command prints a line for each of these applications
    capsys.readouterr()
    with pytest.raises(SystemExit, match="0"):
        main(["backup", "compare", str(saved.archive.folder), str(reviews.folder)])
    printed = capsys.readouterr().out
    for subject in between:
        assert f"{subject}  application.submitted  known to {reviews.folder.name}/review since" in printed
    # and in archives of the same instant, no service has received events that the sender's archive lacks
    assert compare([saved.archive]) == []
    assert compare([backup(later.settings), reviews]) == []


def test_a_review_lost_after_its_backup_is_caught_up_with(saved: Saved, later: Later) -> None:
    settings = later.settings
    # Given two applications submitted since the backup, one of them recommended, When the review database is lost and restored,
    # and all services publish their events again
    for file in settings.folder.glob("review.db*"):
        file.unlink()
    restore(saved.archive, settings, ["review"])
    events.replay_since(settings, saved.archive.at - timedelta(days=REPLAYED_DAYS))
    # Then both applications wait for their bureaus' recommendation again
    with running(settings, saved.accounts) as people:
        first, second = (Formation(people, case.units, case.id) for case in (later.waiting, later.recommended))
        first.recommend()
        first.check()
        # and the bureau can recommend the second application again, of whose recommendation the review database has no record any
        # more; the application continues from its present stage
        second.recommend()
        second.check()
        for case in (first, second):
            case.reaches("submitted", stage="expert_review")
        until(lambda: not list(unfinished(settings)), "the platform being at rest")


def test_a_city_that_has_its_review_alone_sends_again_what_that_said(saved: Saved, capsys: pytest.CaptureFixture[str]) -> None:
    # Given the deployment of a city, which has the review database only
    settings = Settings(
        bus="amqp://broker/guichuang", db_review=saved.settings.database("review"), var=str(saved.settings.folder)
    )
    # When the deployment's operator publishes all events again, and lists the parked events
    events.replay_since(settings, saved.archive.at)
    events.list_parked(settings)
    # Then the commands use only this deployment's database
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in printed[:-1]] == ["review"]
    assert printed[-1] == "0 parked"


def test_a_feed_that_was_taken_back_gives_no_place_again(saved: Saved, tmp_path: Path) -> None:
    # Given a database of the feed that was recovered to an instant at which the feed had fewer positions than its readers have
    # read
    settings = Settings(
        bus="amqp://broker/guichuang",
        db_notification=f"sqlite:///{tmp_path}/notification.db",
        var=str(tmp_path),
        keys=str(saved.settings.keys_folder),
    )
    restore(saved.archive, settings, ["notification"])
    database = Database(settings.database("notification"), pool=1)
    with database.write() as session:
        session.execute(delete(sequences).where(sequences.c.subject == "feed"))
        read_up_to = feed.last_position(session) + 50
    # When all events are published again, as after a recovery, and a new event enters the feed
    events.replay_since(settings, saved.archive.at, recovered=True)
    with database.write() as session:
        newest = session.execute(select(table).order_by(table.c.arrived.desc()).limit(1)).mappings().one()
        session.execute(insert(table).values({**newest, "id": new_id(), "arrived": newest["arrived"] + 1, "position": None}))
        feed.number_feed(session)
        # Then the new event's position is higher than the position of every reader
        assert feed.last_position(session) > read_up_to
    database.close()
