"""The files of an archive can be unpacked on every file system, and none overwrites another."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from gateway.files.zip_archive import archive, paths
from services.input.file_names import LONGEST_NAME
from services.kernel.storage.filesystem import FileStore


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


def test_a_name_that_normalises_to_another_gets_a_number() -> None:
    assert paths([file("\u00e9.pdf"), file("e\u0301.pdf"), file("a?.pdf"), file("a*.pdf")]) == [
        "attachment/é.pdf",
        "attachment/é (2).pdf",
        "attachment/a_.pdf",
        "attachment/a_ (2).pdf",
    ]


def test_an_archive_has_beijing_times_and_names_in_utf_8(tmp_path: Path) -> None:
    # Given a document that was stored late in the evening, in UTC
    store = FileStore(tmp_path)
    store.put("documents/d1", b"x")
    stored = file("=报告\x0b?.pdf") | {"key": "documents/d1", "size": 1, "sha256": "0" * 64}
    # When the document is added to a ZIP archive
    packed = b"".join(archive(store, [stored | {"stored_at": "2026-03-02T20:15:42.5+00:00"}]))
    # Then the file's time is the next morning in Beijing, and every program can read its name
    book = zipfile.ZipFile(io.BytesIO(packed))
    index, member = book.infolist()
    assert (member.filename, member.date_time) == ("attachment/=报告 _.pdf", (2026, 3, 3, 4, 15, 42))
    assert all(one.flag_bits & 0x800 for one in (index, member))
    [row] = csv.DictReader(io.StringIO(book.read("index.csv").decode("utf-8-sig")))
    assert (row["文件 file"], row["文件名 name"], row["入库时间 stored at"]) == (
        "attachment/=报告 _.pdf",
        '="=报告\n?.pdf"',
        "2026-03-03 04:15:42",
    )
