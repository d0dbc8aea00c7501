"""`make cluster` accepts the cities that get a deployment of their own as arguments; none is required."""

from __future__ import annotations

import pytest

from deploy.cluster.__main__ import cities


def test_one_city_has_a_deployment_of_its_own_where_none_is_named() -> None:
    assert cities([]) == ["450200"]


def test_several_may_be_named_and_industry_bureaus_too() -> None:
    assert cities(["450100", "GX-MIIT"]) == ["450100", "GX-MIIT"]


def test_the_province_and_strangers_are_refused_with_those_who_may(capsys: pytest.CaptureFixture[str]) -> None:
    for code in ("450000", "999999"):
        with pytest.raises(SystemExit):
            cities([code])
        assert "450100" in capsys.readouterr().err
