"""What is typed is understood."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.cli import main, parser


@pytest.mark.parametrize(
    ("typed", "services"),
    [("migrate", []), ("migrate review", ["review"]), ("migrate gateway documents", ["gateway", "documents"])],
)
def test_migrate_takes_some_services_or_none(typed: str, services: list[str]) -> None:
    assert parser().parse_args(typed.split()).service == services


def test_migrate_refuses_what_is_no_service(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["migrate", "reviews"])
    assert "reviews is none of application, review" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("2026-11-25", datetime(2026, 11, 24, 16, tzinfo=UTC)),
        ("2026-11-25T08:00:00+08:00", datetime(2026, 11, 25, tzinfo=UTC)),
        ("2026-11-25T08:00:00Z", datetime(2026, 11, 25, 8, tzinfo=UTC)),
    ],
)
def test_a_replay_begins_at_a_day_or_at_a_time(typed: str, instant: datetime) -> None:
    assert parser().parse_args(["events", "replay", "--since", typed]).since == instant


@pytest.mark.parametrize(
    "typed",
    [
        "events replay --since yesterday",
        "events replay --since 2026-11-31",
        "events replay --since 2026-11-25T08:00:00",
        "sweep --as-of tomorrow",
    ],
)
def test_what_is_no_time_is_refused_with_how_to_write_it(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(typed.split())
    assert "write it as 2026-11-25" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_what_is_no_archive_is_refused_with_what_to_do(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(SystemExit) as ended:
        main(["backup", "verify", str(tmp_path)])
    assert ended.value.code == 1
    assert ("take another archive" if content else "`guichuang backup list`") in capsys.readouterr().err


def test_a_platform_that_may_not_write_its_folder_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path / "file"))
    with pytest.raises(SystemExit) as ended:
        main(["run"])
    assert ended.value.code == 1
    assert "set GUICHUANG_VAR" in capsys.readouterr().err
