"""What is typed is understood."""

from __future__ import annotations

import pytest

from deploy.cli import parser


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
