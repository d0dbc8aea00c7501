"""A file name reaches other people's disks: nothing in it may lead anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.domain.document import name_key, safe_filename, subject_of
from services.kernel.errors import NotFound


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("组建协议 第二版.pdf", "组建协议 第二版.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\表.xlsx", "表.xlsx"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("报告\u202efdp.exe.pdf", "报告fdp.exe.pdf"),
        (' "x"?*.pdf ', "_x___.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("...pdf", "pdf"),
    ],
)
def test_a_name_keeps_what_is_harmless(given_name: str, kept: str) -> None:
    assert safe_filename(given_name) == kept


@given(st.text(max_size=300))
def test_no_name_leads_out_of_a_folder_or_a_header(name: str) -> None:
    safe = safe_filename(f"{name}.pdf")
    assert not set(safe) & set('/\\<>:"|?*\r\n\x00')
    assert safe_filename(safe) == safe


VOLUMES = [f"关于组建广西{'新能源商用车电驱动系统与轻量化材料协同' * 3}创新联合体的运行制度第{n}册.pdf" for n in "一二"]


@pytest.mark.parametrize("names", [VOLUMES, ["a?.pdf", "a*.pdf"], ["Plan.pdf", "plan.pdf"], ["a/x.pdf", "b/x.pdf"]])
def test_names_that_differ_are_told_apart_however_they_are_stored(names: list[str]) -> None:
    keys = [name_key(name, safe_filename(name)) or safe_filename(name) for name in names]
    assert len(set(keys)) == len(names)


def test_a_long_name_keeps_its_end() -> None:
    assert [safe_filename(name)[-6:] for name in VOLUMES] == ["一册.pdf"[-6:], "二册.pdf"[-6:]]


def test_an_id_says_what_the_document_is_about() -> None:
    assert subject_of("application.0190-a.0190-b") == "application/0190-a"


@pytest.mark.parametrize("id", ["", "application", "application.1", "application..2", "account.me.1", ".1.2"])
def test_anything_else_is_no_documents_id(id: str) -> None:
    with pytest.raises(NotFound):
        subject_of(id)
