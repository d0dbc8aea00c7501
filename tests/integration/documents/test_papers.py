"""Generated documents are typeset once from the facts that the owning service stated, kept permanently, and show a user's text
exactly as typed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from sqlalchemy import select

from services.documents.generated.layout import Sheet
from services.documents.generated.templates import PAPERS
from services.documents.generated.typesetting import typeset
from services.documents.registry import registry
from services.kernel.document_statement import document_statement
from services.kernel.errors import Forbidden, Invalid
from services.kernel.identity import Actor
from services.kernel.persistence.tables import audit
from services.kernel.settings import Settings
from services.kernel.storage.base import Store
from services.kernel.storage.factory import store_of
from services.kernel.testing import ServiceHarness

CITY, OTHER_CITY = "450200", "450300"
OFFICER = Actor("officer", ("officer",), CITY)
LEAD = Actor("lead", ("applicant",), organisation="91450200AAAAAAAA0A")
REGISTERED: dict[str, Any] = {
    "number": "GXCX-2026-0001",
    "name": "示例创新联合体",
    "field": "智能装备",
    "status": "active",
    "recognised_on": "2026-03-02",
    "recommender": "450200",
    "lead": {"uscc": "91450200AAAAAAAA0A", "name": "示例单位"},
    "units": [{}, {}, {}],
    "verify_at": "https://example.cn/api/v1/public/certificates/GXCX-2026-0001",
}
#: Text that people type and that a typesetter or a browser could interpret as markup.
ODD = r"#let x = 1 $a_b$ \n @ref <tag> *粗* _斜_ `码` [表] {花} // 注 <script>alert(1)</script> 䶮㐱"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(Settings(s3=f"file://{tmp_path}/objects"))


@pytest.fixture
def bench(tmp_path: Path, store: Store) -> ServiceHarness:
    return ServiceHarness(
        registry, tmp_path / "d.db", policies=None, store=store, signers=("application", "review", f"review.{CITY}")
    )


@pytest.fixture
def made(bench: ServiceHarness) -> Callable[..., dict[str, Any]]:
    """Return a function that generates a consortium's certificate for an account; `facts` replace facts of the certificate."""

    def make(*, by: str = "application", owner: str = "application", actor: Actor = LEAD, **facts: Any) -> dict[str, Any]:
        told = document_statement(
            bench.signers[by],
            LEAD,
            paper="certificate",
            subject="consortium/c1",
            version="1",
            bureau="450200",
            recommender="450200",
            facts=REGISTERED | facts,
        )
        return dict(bench.tell("make_paper", actor, owner=owner, form="pdf", statement=told["statement"]))

    return make


def text_of(content: bytes) -> str:
    """Return all text of a PDF without line breaks, because long lines may be broken anywhere."""
    document = pypdfium2.PdfDocument(content)
    read = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(read.split()).replace("\u200b", "").replace("\ufffe", "")


def sheet(**more: Any) -> Sheet:
    return Sheet("示例文件", **more)


def test_a_certificate_says_what_the_register_says(
    bench: ServiceHarness, store: Store, made: Callable[..., dict[str, Any]]
) -> None:
    paper = made()
    content = b"".join(store.read(f"papers/{paper['sha256']}.pdf"))
    assert hashlib.sha256(content).hexdigest() == paper["sha256"]
    text = text_of(content)
    for part in ("广西创新联合体认定证书", "GXCX-2026-0001", "示例创新联合体", "2026年3月2日", "柳州市科学技术局"):
        assert part in text
    assert bench.settle().count("document.generated") == 1


def test_the_same_facts_give_the_same_file_and_other_facts_another(
    bench: ServiceHarness, made: Callable[..., dict[str, Any]]
) -> None:
    first = made()
    assert made()["sha256"] == first["sha256"]
    assert made(name="改名后的创新联合体")["sha256"] != first["sha256"]
    assert bench.settle().count("document.generated") == 2


def test_the_hash_of_what_was_made_stands_in_the_audit_log(bench: ServiceHarness, made: Callable[..., dict[str, Any]]) -> None:
    paper = made()
    with bench.database.read() as session:
        mine = audit.c.subject == f"paper/{paper['sha256']}"
        entries = session.execute(select(audit.c.action, audit.c.article).where(mine)).all()
    assert [(entry.action, entry.article) for entry in entries] == [("document.generated", "A6(2)")]


def test_nobody_else_states_what_stands_in_it(made: Callable[..., dict[str, Any]]) -> None:
    for wrong in ({"by": "review"}, {"by": "review", "owner": "review"}, {"actor": Actor("other", ("applicant",))}):
        with pytest.raises(Forbidden):
            made(**wrong)


def opinion_of(bench: ServiceHarness, *, by: str, states: str, stands: str, case: str) -> Any:
    """Generate the document of an opinion about a `case`. The service `by` signs the facts and states them for the bureau
    `states`; the text names the bureau `stands`."""
    given = {"at": "2026-05-01T00:00:00+00:00", "version": 1, "outcome": "pass", "comment": "同意", "drafted_by": "a", "by": "b"}
    given |= {"stage": "recommendation", "sections": []}
    facts = {"title": "甲", "kind": "formation", "bureau": stands, "lead": None, "field": "智能装备", "questions": []}
    told = document_statement(
        bench.signers[by],
        OFFICER,
        paper="opinion",
        subject=f"review/{case}-00000000-0000-0000-0000-000000000000",
        version="1",
        bureau=states,
        recommender=CITY,
        facts=facts | {"opinion": given | {"answers": {}, "waivers": []}},
    )
    return bench.tell("make_paper", OFFICER, owner="review", form="pdf", statement=told["statement"])


def test_a_citys_own_review_states_its_own_opinions_and_the_pooled_one_everybodys(bench: ServiceHarness) -> None:
    assert opinion_of(bench, by=f"review.{CITY}", states=CITY, stands=CITY, case=CITY)["sha256"]
    assert opinion_of(bench, by="review", states=OTHER_CITY, stands=OTHER_CITY, case=OTHER_CITY)["sha256"]


@pytest.mark.parametrize("other", [OTHER_CITY, "450000"])
@pytest.mark.parametrize("where", ["states", "stands", "case"])
def test_a_citys_own_review_cannot_speak_for_another_bureau(bench: ServiceHarness, where: str, other: str) -> None:
    said = {"states": CITY, "stands": CITY, "case": CITY} | {where: other}
    with pytest.raises(Forbidden):
        opinion_of(bench, by=f"review.{CITY}", **said)


def test_what_is_gone_is_marked(store: Store, made: Callable[..., dict[str, Any]]) -> None:
    revoked = made(status="revoked")
    assert "已取消资格" in text_of(b"".join(store.read(f"papers/{revoked['sha256']}.pdf")))


@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_what_a_user_wrote_is_text_whatever_it_looks_like(form: str) -> None:
    paper = sheet(subtitle=ODD)
    paper.rows(("说明", ODD))
    paper.text(ODD)
    paper.table(["甲", "乙"], [1, 1], [(ODD, 1)])
    content = typeset(paper, form, fonts=FONTS)
    wanted = "".join(ODD.split())
    if form == "pdf":
        assert text_of(content).count(wanted) == 4
    else:
        document = docx.Document(BytesIO(content))
        read = [p.text for p in document.paragraphs] + [c.text for t in document.tables for row in t.rows for c in row.cells]
        assert sum(wanted in "".join(text.split()) for text in read) == 4


@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_no_character_changes_how_a_paper_reads_without_being_seen(form: str) -> None:
    paper = sheet(subtitle="甲\u202e乙\x01丙\x7f\u2066\ufffe\ud800\u200b丁")
    paper.rows(("说明", "甲\u202e乙\x01丙\x7f\u2066\ufffe\ud800\u200b丁"))
    content = typeset(paper, form, fonts=FONTS)
    if form == "pdf":
        assert (text_of(content).count("甲乙丙丁"), boxes_in(content)) == (2, 0)
    else:
        document = docx.Document(BytesIO(content))
        assert "甲乙丙丁" in [p.text for p in document.paragraphs]
        assert document.tables[0].rows[0].cells[1].text == "甲乙丙丁"


def test_a_long_paper_goes_on_over_pages_that_are_counted() -> None:
    paper = sheet()
    paper.table(["序号", "单位", "代码"], [1, 4, 6], [(n, f"示例单位{n}", "91450200AAAAAAAA0A" * 3) for n in range(200)])
    document = pypdfium2.PdfDocument(typeset(paper, "pdf", fonts=FONTS))
    texts = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    assert len(texts) > 3
    assert all(f"—{n}—" in text for n, text in enumerate(texts, 1))
    assert all("序号单位代码" in text for text in texts)


def test_no_glyph_is_missing_for_characters_of_chinese_names() -> None:
    paper = sheet()
    paper.text("䶮㐱堃喆赟囍燚犇羴骉淼鑫垚矗玥玘珺琎璟")
    assert "䶮㐱堃喆赟囍燚犇羴骉淼鑫垚矗玥玘珺琎璟" in text_of(typeset(paper, "pdf", fonts=FONTS))


RARE = "韦𢙨𠇔与𬭛"
#: The folder of the font with rare characters, and a folder that does not exist and so has no fonts.
FONTS, NO_FONTS = Path(Settings().fonts), Path("/nowhere")


def boxes_in(content: bytes) -> int:
    """Return the number of characters of a PDF that are printed as the box for a missing glyph (.notdef)."""
    pages = [page.get_textpage() for page in pypdfium2.PdfDocument(content)]
    return sum(pypdfium2.raw.FPDFText_GetUnicode(page.raw, n) == 0 for page in pages for n in range(page.count_chars()))


def test_a_rare_character_is_printed_from_the_wider_font(
    bench: ServiceHarness, store: Store, made: Callable[..., dict[str, Any]]
) -> None:
    paper = made(name=f"{RARE}创新联合体", lead={"uscc": "91450200AAAAAAAA0A", "name": RARE})
    content = b"".join(store.read(f"papers/{paper['sha256']}.pdf"))
    assert (text_of(content).count(RARE), boxes_in(content)) == (3, 0)


@pytest.mark.parametrize("text", ["CO₂ 与 10⁻⁶ µm", "☑是 ☐否", "Ж α ℃ Å ∑ √ ≥ ①Ⅳ㎡", "葛\U000e0100城", "𫓧"])
def test_what_the_fonts_at_hand_have_needs_no_wider_one(text: str) -> None:
    paper = sheet()
    paper.text(text)
    assert boxes_in(typeset(paper, "pdf", fonts=NO_FONTS)) == 0


@pytest.mark.parametrize(
    ("text", "fonts", "named"),
    [
        ("名称\U0001f995", FONTS, ["U+1F995"]),
        ("韦𢙨𬭛某𠇔𢙨", NO_FONTS, ["U+201D4", "U+22668"]),
        ("a\u0f71", FONTS, ["U+0F71"]),
    ],
)
@pytest.mark.parametrize("place", ["subtitle", "rows", "table", "text"])
def test_a_character_that_no_font_has_is_refused_by_its_name(text: str, fonts: Path, named: list[str], place: str) -> None:
    paper = sheet(subtitle=text if place == "subtitle" else None)
    {
        "subtitle": lambda: None,
        "rows": lambda: paper.rows(("姓名", text)),
        "table": lambda: paper.table(["姓名"], [1], [(text,)]),
        "text": lambda: paper.text(text),
    }[place]()
    with pytest.raises(Invalid) as refused:
        typeset(paper, "pdf", fonts=fonts)
    assert (refused.value.code, [one["code_point"] for one in refused.value.details["characters"]]) == (
        "characters_not_printable",
        named,
    )
    for character, point in zip(sorted(set(text) & {chr(int(one[2:], 16)) for one in named}), named, strict=True):
        assert f"{character}（{point}）" in refused.value.text.zh
        assert f"{character} ({point})" in refused.value.text.en


def test_a_rare_character_needs_no_font_here_in_a_word_document() -> None:
    paper = sheet(subtitle="韦𢙨")
    assert "韦𢙨" in [p.text for p in docx.Document(BytesIO(typeset(paper, "docx", fonts=NO_FONTS))).paragraphs]


def test_every_character_of_gb2312_has_its_glyph() -> None:
    characters = "".join(bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    paper = sheet()
    paper.text(characters)
    assert boxes_in(typeset(paper, "pdf", fonts=NO_FONTS)) == 0


def test_an_empty_part_is_said_in_words() -> None:
    paper = sheet()
    paper.table(["甲"], [1], [])
    paper.rows(("无值", None), ("是否", False))
    assert paper.blocks == [{"text": "无。"}, {"rows": [["无值", "—"], ["是否", "否"]]}]


def test_every_paper_has_an_article() -> None:
    assert {paper.article for paper in PAPERS.values()} <= {"A6(1)", "A6(2)", "A9", "A12", "A13", "A14"}
