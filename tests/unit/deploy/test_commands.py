"""The command line parses its arguments, and explains mistakes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from deploy.cli import main, parse
from deploy.cli.commands import guichuang
from deploy.keys import key_folder


@pytest.mark.parametrize(
    ("typed", "services"),
    [("migrate", ()), ("migrate review", ("review",)), ("migrate gateway documents", ("gateway", "documents"))],
)
def test_migrate_takes_some_services_or_none(typed: str, services: tuple[str, ...]) -> None:
    assert parse(typed.split())["services"] == services


def test_migrate_says_where_keys_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path))
    monkeypatch.setenv("GUICHUANG_KEYS", str(tmp_path / "file" / "keys"))
    with pytest.raises(SystemExit) as ended:
        main(["migrate"])
    assert ended.value.code == 2
    assert f"Make {tmp_path / 'file' / 'keys'} writable, or set GUICHUANG_KEYS" in capsys.readouterr().err


def test_migrate_refuses_what_is_no_service() -> None:
    with pytest.raises(click.UsageError, match="reviews is none of application, review"):
        parse(["migrate", "reviews"])


@pytest.mark.parametrize(
    ("typed", "services"),
    [
        ("backup", ()),
        ("backup --only review", ("review",)),
        ("backup --only review gateway --with-keys", ("review", "gateway")),
        ("backup --only=review --only gateway", ("review", "gateway")),
        ("restore --only application review tests", ("application", "review")),
        ("restore tests --only application gateway --keep-store", ("application", "gateway")),
    ],
)
def test_an_archive_can_be_of_several_services_that_follow_one_option(typed: str, services: tuple[str, ...]) -> None:
    assert parse(typed.split())["only"] == services


def test_only_takes_services_alone() -> None:
    for typed in ("backup --only", "backup --only reviews", "backup --only review reviews", "restore tests --only tests"):
        with pytest.raises(click.UsageError):
            parse(typed.split())


def commands_below(command: click.Command, *words: str) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(words), command
    for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
        yield from commands_below(inner, *words, name)


@pytest.mark.parametrize(("typed", "command"), list(commands_below(guichuang)), ids=str)
def test_every_command_and_option_has_a_help_text(typed: str, command: click.Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*typed.split(), "--help"])
    assert (ended.value.code, "Usage: guichuang" in capsys.readouterr().out) == (0, True)
    assert command.help
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []
    # The first sentence of a command's help text must fit into one line of `guichuang --help`.
    assert not command.get_short_help_str(66).endswith("...")


@pytest.mark.parametrize("typed", ["", "accounts", "keys", "events dead-letters", "nonsense", "run now", "migrate --wait-for"])
def test_what_is_no_command_is_a_mistake_of_the_caller(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = told(typed, capsys)
    assert (status, said.startswith("Usage: guichuang")) == (2, True)


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("2026-11-25", datetime(2026, 11, 24, 16, tzinfo=UTC)),
        ("2026-11-25T08:00:00+08:00", datetime(2026, 11, 25, tzinfo=UTC)),
        ("2026-11-25T08:00:00Z", datetime(2026, 11, 25, 8, tzinfo=UTC)),
    ],
)
def test_a_replay_begins_at_a_day_or_at_a_time(typed: str, instant: datetime) -> None:
    assert parse(["events", "replay", "--since", typed])["since"] == instant


@pytest.mark.parametrize(
    "typed",
    [
        "events replay --since yesterday",
        "events replay --since 2026-11-31",
        "events replay --since 2026-11-25T08:00:00",
        "sweep --as-of tomorrow",
    ],
)
def test_what_is_no_time_is_refused_with_how_to_write_it(typed: str) -> None:
    with pytest.raises(click.UsageError, match="write it as 2026-11-25"):
        parse(typed.split())


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


def told(typed: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command; return its exit status and its error message."""
    with pytest.raises(SystemExit) as ended:
        main(typed.split())
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


def test_nonsense_in_the_settings_is_told_by_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_OUTBOX_DAYS", "soon")
    assert told("doctor", capsys) == (2, "GUICHUANG_OUTBOX_DAYS=soon: expected a whole number, 1 or more\n")


def test_a_folder_without_keys_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_BUS", "amqp://127.0.0.1:1//")
    monkeypatch.setenv("GUICHUANG_HTTP", "127.0.0.1:0")
    monkeypatch.setenv("GUICHUANG_KEYS", str(tmp_path / "none"))
    status, said = told("serve gateway", capsys)
    assert (status, "none cannot be read" in said, "see GUICHUANG_KEYS" in said) == (2, True, True)


def test_an_address_where_somebody_listens_is_told_before_a_service_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_BUS", "amqp://127.0.0.1:1//")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = f"127.0.0.1:{listening.getsockname()[1]}"
        for service, setting in (("gateway", "GUICHUANG_HTTP"), ("review", "GUICHUANG_PROBES")):
            monkeypatch.setenv(setting, taken)
            status, said = told(f"serve {service}", capsys)
            assert (status, said.startswith(f"{setting}={taken}: Address already in use. ")) == (2, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("accounts create li --role director", "'applicant', 'officer', 'chief'"),
        ("events dead-letters replay nonsense", "`guichuang events dead-letters list`"),
        ("events dead-letters show nonsense", "`guichuang events dead-letters list`"),
        ("keys retire nonsense", "`guichuang keys list`"),
        ("move 450000 --to nowhere", "such are 450100"),
        ("broker federation city 1", "such are 450100"),
        ("backup verify nowhere", "`guichuang backup list`"),
        ("backup prune --daily -3", "is no number of archives"),
        ("restore nowhere", "`guichuang backup list`"),
    ],
)
def test_nonsense_is_answered_with_the_right_way(
    typed: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path / "var"))
    key_folder.make(tmp_path / "var" / "keys", ["gateway"], [])
    status, answer = told(typed, capsys)
    assert (status, said in answer) == (2, True)


def test_an_account_that_could_not_act_is_refused_before_a_password_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    status, said = told("accounts create li --role officer", capsys)
    assert (status, "/bureau: Officers and chiefs need one." in said) == (1, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("accounts create 李四 --role auditor", "/username: "),
        ("accounts create li --role applicant --organisation 000000000000000000", "/organisation: "),
    ],
)
def test_an_account_that_no_form_takes_is_refused_here_too(
    typed: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    status, answer = told(typed, capsys)
    assert (status, said in answer) == (1, True)


@pytest.mark.parametrize("day", ["20260203", "2026-W05-1", "9999-12-31", "2026/2/3"])
def test_a_day_on_the_command_line_has_the_one_form_and_its_bounds(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = told(f"sweep --as-of {day}", capsys)
    assert (status, f"{day} is no day" in said) == (2, True)


def test_where_a_database_is_away_a_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_VAR", str(tmp_path / "none"))
    status, said = told("events dead-letters list", capsys)
    assert (status, "unable to open database file" in said, "`guichuang doctor`" in said) == (1, True, True)


def test_the_gateways_metrics_are_not_shown_at_the_publics_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHUANG_BUS", "amqp://127.0.0.1:1//")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = f"127.0.0.1:{listening.getsockname()[1]}"
    for setting in ("GUICHUANG_HTTP", "GUICHUANG_PROBES"):
        monkeypatch.setenv(setting, free)
    status, said = told("serve gateway", capsys)
    assert (status, said.startswith("GUICHUANG_PROBES and GUICHUANG_HTTP are both")) == (2, True)
