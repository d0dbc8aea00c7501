"""Names in an archive unpack on every disk, and none overwrites another."""

from __future__ import annotations

from typing import Any

from gateway.bundles import LONGEST_NAME, paths


def file(filename: str, *, kind: str = "attachment", version: int = 1, newest: bool = True) -> dict[str, Any]:
    return {"kind": kind, "filename": filename, "version": version, "newest": newest}


def test_names_that_differ_in_case_alone_or_not_at_all_get_numbers() -> None:
    found = paths([file("Plan.pdf"), file("plan.pdf"), file("plan.pdf")])
    assert found == ["attachment/Plan.pdf", "attachment/plan (2).pdf", "attachment/plan (3).pdf"]


def test_an_older_version_never_takes_the_name_of_another_file() -> None:
    found = paths([file("报告.pdf", newest=False), file("报告.pdf", version=2), file("报告.v1.pdf")])
    assert len({path.casefold() for path in found}) == 3
    assert found[1] == "attachment/报告.pdf"


def test_devices_of_windows_are_no_names() -> None:
    assert paths([file("CON.pdf"), file("nul.tar.pdf"), file("Com1.pdf")]) == [
        "attachment/_CON.pdf",
        "attachment/_nul.tar.pdf",
        "attachment/_Com1.pdf",
    ]


def test_a_long_name_is_cut_in_the_archive_and_stays_unlike_others() -> None:
    names = [f"{'运行制度' * 25}第{n}册.pdf" for n in "一二"]
    found = paths([file(name) for name in names])
    assert len(set(found)) == 2
    assert all(len(path.split("/")[1].encode()) <= LONGEST_NAME for path in found)
