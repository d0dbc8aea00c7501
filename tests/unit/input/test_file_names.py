"""A file's name reaches other people's screens, disks, archives and headers, so it may contain no path and no character that
breaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.input.file_names import LONGEST_NAME, portable_name, shown_name

VOLUMES = [f"关于组建广西{'新能源商用车电驱动系统与轻量化材料协同' * 3}创新联合体的运行制度第{n}册.pdf" for n in "一二"]


@pytest.mark.parametrize(
    ("name", "shown", "portable"),
    [
        ("组建协议 第二版.pdf", "组建协议 第二版.pdf", "组建协议 第二版.pdf"),
        ("../../etc/passwd.txt", "passwd.txt", "passwd.txt"),
        ("C:\\temp\\表.xlsx", "表.xlsx", "表.xlsx"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("报告\u202efdp.exe.pdf", "报告fdp.exe.pdf", "报告fdp.exe.pdf"),
        ('"x"?*.pdf', '"x"?*.pdf', "_x___.pdf"),
        ("e\u0301.pdf", "e\u0301.pdf", "é.pdf"),
        ("...pdf", "...pdf", "_.pdf"),
        ("报告 . .pdf", "报告 . .pdf", "报告.pdf"),
        ("CON.pdf", "CON.pdf", "_CON.pdf"),
        ("nul.tar.pdf", "nul.tar.pdf", "_nul.tar.pdf"),
        ("Com1 .pdf", "Com1 .pdf", "_Com1.pdf"),
        ("lpt9.pdf", "lpt9.pdf", "_lpt9.pdf"),
        ("conference.pdf", "conference.pdf", "conference.pdf"),
        ("糖\ud800\ufffe业\x0b.pdf", "糖业 .pdf", "糖业.pdf"),
        ("无后缀", "无后缀", "无后缀"),
    ],
)
def test_a_name_is_shown_as_it_was_given_and_saved_as_every_disk_takes_it(name: str, shown: str, portable: str) -> None:
    assert (shown_name(name), portable_name(name)) == (shown, portable)


@pytest.mark.parametrize("mark", ["", ".v12", " (2)"])
@given(name=st.text(max_size=300), extension=st.sampled_from(["pdf", "xlsx", "PDF "]))
def test_no_name_leads_out_of_a_folder_or_is_too_long_for_it(mark: str, name: str, extension: str) -> None:
    safe = portable_name(f"{name}.{extension}", mark)
    assert len(safe.encode()) <= LONGEST_NAME
    assert not set(safe) & set('/\\<>:"|?*\r\n\x00\x0b')
    assert safe == safe.strip(" .")
    assert safe.endswith(f"{mark}.{extension.strip()}")
    assert portable_name(safe) == safe


def test_a_long_name_loses_its_middle_and_keeps_the_end_that_tells_it_from_others() -> None:
    first, second = map(portable_name, VOLUMES)
    assert first.startswith("关于组建广西新能源")
    assert (first[-9:], second[-9:]) == ("制度第一册.pdf", "制度第二册.pdf")
    assert len(first.encode()) <= LONGEST_NAME
