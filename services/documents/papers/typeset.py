"""Typesetting, in a process of its own: the engine and its fonts take memory and block whoever waits in the same thread."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import unicodedata
from io import BytesIO
from pathlib import Path
from typing import Any

from services.documents.papers.sheet import Sheet
from services.kernel.errors import Invalid, Unavailable

#: Seconds one paper may take.
PATIENCE = 30
HERE = Path(__file__).parent
#: Where Debian's fonts-hanazono lies: it has the ideographs of extensions B to F, which names of persons and places use.
WIDER = Path("/usr/share/fonts/truetype/hanazono")
#: Exit status of the typesetting process when no font has a character; the characters are on its standard error.
UNPRINTABLE = 3

log = logging.getLogger(__name__)


def typeset(sheet: Sheet, form: str) -> bytes:
    """The paper as `pdf` or `docx`. Unavailable when it cannot be made now."""
    task = json.dumps({"sheet": sheet.to_dict(), "form": form}, ensure_ascii=False).encode()
    command = [sys.executable, "-m", "services.documents.papers.typeset"]
    try:
        done = subprocess.run(command, input=task, capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode == UNPRINTABLE:
            raise _no_glyph(done.stderr.decode())
        done.check_returncode()
    except (OSError, subprocess.SubprocessError) as error:
        log.error("a paper could not be typeset: %s", (getattr(error, "stderr", None) or b"").decode(errors="replace")[-2000:])
        raise Unavailable("typesetting_failed", "文件暂时无法生成，请稍后重试。", "The paper cannot be made now.") from error
    return done.stdout


def lacking(text: str, folders: list[Path]) -> str:
    """The characters of a text that no font in these folders has, each once. Nothing is printed as an empty box."""
    from fontTools.ttLib import TTFont

    wanted = {ord(c) for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Mn")}
    for folder in folders:
        for file in sorted((*folder.glob("*.otf"), *folder.glob("*.ttf"))):
            if not wanted:
                return ""
            with TTFont(file, lazy=True) as font:
                wanted -= font.getBestCmap().keys()
    return "".join(map(chr, sorted(wanted)))


def _no_glyph(characters: str) -> Invalid:
    """The refusal that names the characters, so that the person can choose others."""
    named = "、".join(f"{c}（U+{ord(c):04X}）" for c in characters)
    in_english = ", ".join(f"{c} (U+{ord(c):04X})" for c in characters)
    return Invalid(
        "characters_not_printable",
        f"文件中有字体不支持的字符：{named}，请改用通用字后重试，或联系平台管理员安装更全的字体。",
        f"No font here has these characters: {in_english}. Use others, or ask the operator to install a wider font.",
    )


def _pdf(sheet: dict[str, Any]) -> bytes:
    import pylopdf_fonts_zh_cn
    import segno
    import typst

    if sheet["qr"]:
        code = BytesIO()
        segno.make(sheet["qr"], error="m").save(code, kind="svg", border=0)
        sheet["qr"] = code.getvalue().decode()
    fonts = [Path(pylopdf_fonts_zh_cn.__file__).parent]
    text = json.dumps(sheet, ensure_ascii=False)
    if missing := lacking(text, fonts):
        fonts.append(WIDER)
        if missing := lacking(missing, [WIDER]):
            sys.stderr.write(missing)
            sys.exit(UNPRINTABLE)
    made: bytes = typst.compile(
        HERE / f"{sheet['template']}.typ",
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(sheet, ensure_ascii=False)},
    )
    return made


def _docx(sheet: dict[str, Any]) -> bytes:
    from services.documents.papers.word import write

    return write(sheet)


if __name__ == "__main__":
    asked = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write({"pdf": _pdf, "docx": _docx}[asked["form"]](asked["sheet"]))
