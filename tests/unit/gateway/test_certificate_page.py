"""The page that a certificate's code leads to says what the register says, and nothing else."""

from __future__ import annotations

from typing import Any

from gateway.routes.papers import certificate_page

FOUND: dict[str, Any] = {
    "number": "GXCX-2026-0001",
    "name": "示例创新联合体",
    "lead": {"name": "示例单位"},
    "field": "智能装备",
    "recognised_on": "2026-03-02",
    "in_force": False,
    "files": [],
}


def test_no_character_of_a_name_turns_the_page_around_or_becomes_markup() -> None:
    page = certificate_page(FOUND | {"name": "示例\u202e创新\u2066联合体\x0b<b>"}).get_data(as_text=True)
    assert "<dd>示例创新联合体\n&lt;b&gt;</dd>" in page
    assert "已失效" in page
