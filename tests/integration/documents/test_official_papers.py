"""Official documents follow GB/T 9704-2012: the tests read and measure the generated PDF (millimetres, points)."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest

from services.documents.generated.layout import money
from services.documents.generated.official_letter import balanced, letter
from services.documents.generated.templates import PAPERS
from services.documents.generated.typesetting import typeset
from services.policy.bureaus import BUREAUS
from services.policy.official_texts import OFFICES, remedies
from tests.integration.documents.drawn import POINT, Line, characters, lines, rules
from tests.integration.documents.stated import ADVERSE, LEAD, NAME, OFFICIAL

NO_FONTS = Path("/nowhere")
NUMBER = "桂科创联〔2026〕3号"
#: The text area (版心) in millimetres: 28 from the left and 37 from the top of the page, 156 wide and 225 high.
LEFT, TOP, WIDE, HIGH = 28.0, 37.0, 156.0, 225.0
PITCH, CELL = HIGH / 22, WIDE / 28
#: The font sizes of the text (3号), of the title (2号) and of page numbers and imprint (4号), in points.
TEXT, TITLE, SMALL = 16.0, 22.0, 14.0
#: The diameter of a bureau's seal, in millimetres.
SEAL = 42.0
RED = (230, 0, 18)


@cache
def paper(name: str) -> bytes:
    kind, facts = OFFICIAL[name]
    number = None if name == "checked" else NUMBER
    return typeset(PAPERS[kind].compose(facts | {"document_number": number}), "pdf", fonts=NO_FONTS)


@cache
def long_paper() -> bytes:
    sheet = letter("450000", "关于示例事项的决定", to=LEAD, date="2026年3月2日", number=NUMBER, copies="柳州市科学技术局")
    sheet.text("一二三四五六七八九十" * 200)
    return typeset(sheet, "pdf", fonts=NO_FONTS)


def text_of(content: bytes) -> str:
    return "".join(line.text for line in lines(content))


def body(content: bytes, page: int | None = None) -> list[Line]:
    """Return the lines in font size 3号 of one page or of all: all lines except the title, the office's name, the page numbers
    and the imprint (版记)."""
    return [line for line in lines(content) if line.size == TEXT and page in (None, line.page)]


def near(value: float, wanted: float, within: float = 0.3) -> bool:
    return abs(value - wanted) <= within


@pytest.mark.parametrize("name", OFFICIAL)
def test_all_text_lies_in_the_text_area(name: str) -> None:
    content = paper(name)
    size = pypdfium2.PdfDocument(content)[0].get_size()
    assert (round(size[0] * POINT), round(size[1] * POINT)) == (210, 297)
    inside = [line for line in lines(content) if not re.fullmatch("—[0-9]+—", line.text)]
    assert near(min(line.left for line in body(content)), LEFT)
    # The blank half of a punctuation mark may extend over the right edge of the text area.
    assert max(drawn.left for line in inside for drawn in line.characters) < LEFT + WIDE - CELL / 2 + 0.3
    assert all(TOP < line.baseline <= TOP + HIGH for line in inside)


def test_a_page_has_22_lines_of_28_characters() -> None:
    # Given a document of several pages, and its second page, which is full of text
    full = body(long_paper(), page=2)
    # Then 22 lines of 28 characters fill the text area
    assert [len(line.text) for line in full] == [28] * 22
    assert all(near(below.baseline - above.baseline, PITCH, 0.05) for above, below in pairwise(full))
    first, last = full[0], full[-1]
    em = TEXT * POINT
    assert near(first.baseline - 0.88 * em, TOP) and last.baseline < TOP + HIGH
    assert all(near(right.left - left.left, CELL, 0.05) for left, right in pairwise(first.characters))


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_line_of_the_text_is_on_the_grid(name: str) -> None:
    for page in {line.page for line in body(paper(name))}:
        text = [line for line in body(paper(name), page) if line.text not in (NUMBER,) and "签发人" not in line.text]
        steps = [(below.baseline - above.baseline) / PITCH for above, below in pairwise(text)]
        assert all(near(step, round(step), 0.02) for step in steps), steps


def test_the_head_is_as_the_standard_has_it() -> None:
    content = paper("declined")
    drawn = lines(content)
    mark, number, *_ = drawn
    # Then the office's name is red and centred, 35 mm below the upper edge of the text area
    assert mark.text == "广西壮族自治区科学技术厅文件"
    assert {one.fill for one in mark.characters} == {RED}
    assert near(mark.baseline - 0.88 * mark.size * POINT, TOP + 35)
    assert near((mark.left + mark.right) / 2, LEFT + WIDE / 2, 0.5)
    # Then the document number follows after two blank lines, and 4 mm below the number a red line as wide as the text area
    assert (number.text, number.size) == (NUMBER, TEXT)
    assert near((number.left + number.right) / 2, LEFT + WIDE / 2, 0.5)
    assert near(number.baseline - 0.88 * number.size * POINT - (mark.baseline + 0.12 * mark.size * POINT), 2 * PITCH)
    [(page, height, left, right, _)] = [rule for rule in rules(content) if rule[4] == RED]
    assert (page, near(left, LEFT), near(right, LEFT + WIDE)) == (1, True, True)
    assert near(height - (number.baseline + 0.12 * number.size * POINT), 4, 0.5)
    # Then the title in font size 2号 begins two blank lines below the red line
    title = next(line for line in drawn if line.size == TITLE)
    assert near(title.baseline - 0.88 * TITLE * POINT - height, 2 * PITCH, 0.5)


@pytest.mark.parametrize("name", OFFICIAL)
def test_the_parts_are_in_the_order_of_the_standard(name: str) -> None:
    text = text_of(paper(name))
    bureau = re.match("(.*?)文件", text)
    assert bureau
    issued = re.escape(bureau[1])
    order = "".join(
        (
            f"{issued}文件",  # 发文机关标志: the name of the issuing office
            f"(?:{re.escape(NUMBER)})?(?:签发人：[^（]{{2,5}})?",  # 发文字号、签发人: the document number and the signer
            f"{issued}关于.*?(?:决定|通知|意见)",  # 标题: the title
            f"(?:{LEAD}：|广西壮族自治区科学技术厅：)?",  # 主送机关: the addressee
            ".*?",
            "(?:附件：逐项核查情况表)?",  # 附件说明: the list of annexes
            f"{issued}[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日",  # 署名、成文日期: the signature and the date
            "(?:（经办人：.{2,5}）)?",  # 附注: the note that names the officer
            "(?:—[0-9]+—)?",
            # 版记: the imprint with copies, printing office and date
            f"(?:抄送：.*?。)?{issued}办公室[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日印发",
        )
    )
    assert re.match(order, re.sub("—[0-9]+—", "", text)), text


@pytest.mark.parametrize("name", OFFICIAL)
def test_the_seal_has_its_place(name: str) -> None:
    content = paper(name)
    issuer = next(line for line in reversed(body(content)) if line.text in {one.name.zh for one in BUREAUS.values()})
    page = [line for line in body(content, issuer.page) if line.baseline <= issuer.baseline]
    date = next(line for line in body(content, issuer.page) if near(line.baseline, issuer.baseline + PITCH, 0.1))
    # Then the date ends four characters before the right edge of the text area, and the bureau's name is centred above the date
    assert re.fullmatch("[0-9]{4}年[1-9][0-9]?月[1-9][0-9]?日", date.text)
    assert near(date.right, LEFT + WIDE - 4 * CELL, 0.5)
    assert near((issuer.left + issuer.right) / 2, (date.left + date.right) / 2, 0.5)
    # and the seal covers the date and the name; its upper edge is less than one line below the text and does not touch the text
    upper = (issuer.baseline + date.baseline) / 2 - 0.38 * TEXT * POINT - SEAL / 2
    assert len(page) > 1, "no page holds the signature alone"
    assert 0 < upper - (page[-2].baseline + 0.12 * TEXT * POINT) < PITCH


def test_the_imprint_ends_the_text_area() -> None:
    content = paper("declined")
    small = [line for line in lines(content) if line.size == SMALL and not line.text.startswith("—")]
    assert [line.text for line in small] == [
        "抄送：柳州市科学技术局。",
        "广西壮族自治区科学技术厅办公室2026年3月2日印发",
    ]
    black = [rule for rule in rules(content) if rule[4] != RED]
    assert len(black) == 3
    assert all(near(left, LEFT) and near(right, LEFT + WIDE) for _, _, left, right, _ in black)
    assert near(black[-1][1], TOP + HIGH, 1)


def test_pages_are_numbered_outside() -> None:
    numbers = [line for line in lines(long_paper()) if re.fullmatch("—[0-9]+—", line.text)]
    assert [line.text for line in numbers] == [f"—{page}—" for page in range(1, len(numbers) + 1)]
    for line in numbers:
        assert line.size == SMALL
        assert near(line.baseline - 0.36 * SMALL * POINT, TOP + HIGH + 7, 0.5)
        odd = line.page % 2
        assert near(line.right, LEFT + WIDE - SMALL * POINT, 1) if odd else near(line.left, LEFT + SMALL * POINT, 0.5)


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_adverse_paper_and_no_other_states_the_remedies(name: str) -> None:
    text = text_of(paper(name))
    stated = all(word in text for word in ("救济途径", "60日内向", "申请行政复议", "6个月内", "提起行政诉讼"))
    assert stated == (name in ADVERSE)
    authority = "柳州市人民政府" if name == "rejected" else "广西壮族自治区人民政府"
    assert (f"向{authority}申请行政复议" in text) == (name in ADVERSE)


@pytest.mark.parametrize("name", OFFICIAL)
def test_no_paper_holds_a_machine_word(name: str) -> None:
    text = text_of(paper(name)).replace("GXCX-2026-0001", "").replace("91450200MA5KAAAA09", "")
    assert not re.search(r"[A-Za-z]", text), text
    assert not re.search(r"450[0-9]{3}", text)


def test_a_recommendation_names_its_signer_and_its_officer() -> None:
    assert "签发人：韦立峰" in text_of(paper("recommended"))
    assert "（经办人：覃晓岚）" in text_of(paper("recommended"))
    # and after the accounts are erased, the document shows the roles at the bureau instead of the names
    kind, facts = OFFICIAL["recommended"]
    sheet = PAPERS[kind].compose(facts | {"document_number": NUMBER, "names": {}})
    assert (sheet.signer, sheet.note) == ("柳州市科学技术局负责人", "经办人：柳州市科学技术局经办人")  # type: ignore[attr-defined]


def test_an_acting_chiefs_signature_says_in_whose_name() -> None:
    kind, facts = OFFICIAL["recommended"]
    acting = facts["opinion"] | {"by": "450200-officer2", "acting_for": "450200-chief"}
    names = facts["names"] | {"450200-officer2": "黄文静"}
    sheet = PAPERS[kind].compose(facts | {"document_number": NUMBER, "opinion": acting, "names": names})
    assert sheet.signer == "黄文静（代韦立峰）"  # type: ignore[attr-defined]


def test_a_formal_check_is_called_so() -> None:
    assert f"关于“{NAME}”组建申请的形式审查意见" in text_of(paper("checked"))
    assert "审核推荐意见" not in text_of(paper("checked"))


def test_a_waiver_is_named_by_its_title_and_article() -> None:
    assert "牵头单位年主营业务收入（第五条第（二）项第1目）。该产业链" in text_of(paper("approved"))


def test_an_amount_is_written_as_offices_write_it() -> None:
    assert "核定金额450万元。" in text_of(paper("support_granted"))
    assert [money(amount) for amount in ("10000000.00", "4500050.00", "0.00")] == ["1,000万元", "4,500,050.00元", "0.00元"]


def test_a_ground_is_named_by_its_article_and_its_words() -> None:
    text = text_of(paper("revoked"))
    assert "第十四条第（二）项、第十三条" in text
    assert "（一）第十四条第（二）项：不参加绩效评估或中途放弃绩效评估的。" in text


def test_no_character_of_a_paper_is_a_box() -> None:
    for name in OFFICIAL:
        assert all(ord(drawn.character) for drawn in characters(paper(name)))


@pytest.mark.parametrize("text", ["关于甲的决定", "关于" + "长" * 30 + "的决定", "乙" * 19, "丙" * 20 + "，丁"])
def test_a_title_breaks_into_lines_that_fit(text: str) -> None:
    broken = balanced(text)
    assert "".join(broken) == text
    assert all(0 < len(line) <= 19 for line in broken)
    assert not [line for line in broken[1:] if line[0] in "的，”》）、"]


def test_every_bureau_has_its_sign_and_its_authority() -> None:
    assert set(OFFICES) == set(BUREAUS)
    assert len({office.sign for office in OFFICES.values()}) == len(OFFICES)
    assert all(office.authority in remedies(code, "决定") for code, office in OFFICES.items())
