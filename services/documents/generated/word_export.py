"""Write a generated document as an editable Word file. The file has the same blocks as the PDF, with Word's own tables and
page-number fields."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from services.documents.generated.layout import SheetDict

#: The names of fonts that every Chinese office suite has.
SERIF, SANS = "宋体", "黑体"


def write(sheet: SheetDict) -> bytes:
    """Return the Word file's bytes. User input is written as plain text."""
    document = docx.Document()
    _prepare(document)
    _line(document, sheet["title"], 18, SANS, centred=True)
    for text in filter(None, (sheet["subtitle"], sheet["number"], sheet["watermark"])):
        _line(document, text, 11, SERIF, centred=True)
    for block in sheet["blocks"]:
        if "heading" in block:
            _line(document, block["heading"], 12, SANS)
        if "text" in block:
            for text in block["text"].split("\n"):
                _line(document, text, 10.5, SERIF, indent=True)
        if "rows" in block:
            _table(document, None, block["rows"], [28, 72])
        if "table" in block:
            _table(document, block["table"]["head"], block["table"]["rows"], block["table"]["widths"])
    for text in filter(None, (sheet["issuer"], sheet["date"], sheet["note"])):
        _line(document, text, 11, SERIF)
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _prepare(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    style = document.styles["Normal"]
    style.font.size = Pt(10.5)
    _face(style, SERIF)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for word in ("第 ", "PAGE", " 页　共 ", "NUMPAGES", " 页"):
        run = footer.add_run("" if word.isupper() else word)
        if word.isupper():
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), word)
            run._r.append(field)


def _line(document: Any, text: str, size: float, face: str, *, centred: bool = False, indent: bool = False) -> None:
    paragraph = document.add_paragraph()
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    run = paragraph.add_run(_plain(text))
    run.font.size = Pt(size)
    _face(run, face)


def _table(document: Any, head: list[str] | None, rows: list[list[str]], widths: list[int]) -> None:
    table = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    for cells, face in [(head, SANS)] * bool(head) + [(row, SERIF) for row in rows]:
        made = table.add_row().cells
        for place, text in enumerate(cells or ()):
            made[place].width = Cm(15.8 * widths[place] / sum(widths))
            run = made[place].paragraphs[0].add_run(_plain(text))
            _face(run, face)


def _face(styled: Any, face: str) -> None:
    styled.font.name = face
    styled.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)


def _plain(text: str) -> str:
    """Return the text without characters that XML forbids, and without the zero-width spaces, because Word breaks lines by rules
    of its own."""
    return "".join(c for c in text.replace("\u200b", "") if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
