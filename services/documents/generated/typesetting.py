"""Run the typesetter in a separate process, because the typesetter and its fonts need much memory and would block the calling
thread."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from services.documents.generated.fonts import faces
from services.documents.generated.layout import Sheet, SheetDict
from services.documents.generated.missing_glyphs import unprintable
from services.kernel.errors import Invalid, Unavailable

#: The most seconds for typesetting one document.
PATIENCE = 30
HERE = Path(__file__).parent
#: The exit status of the typesetting process if no font has a character; its standard error then lists the characters.
UNPRINTABLE = 3

log = logging.getLogger(__name__)


def typeset(sheet: Sheet, form: str, *, fonts: Path) -> bytes:
    """Typeset the document as `pdf` or `docx`. `fonts`: a folder with fonts for rare characters; the folder may be missing.
    Raises Invalid for a PDF with a character that no font has, Unavailable if the typesetter fails or takes too long."""
    task = json.dumps({"sheet": sheet.to_dict(), "form": form, "fonts": str(fonts)}, ensure_ascii=False).encode()
    command = [sys.executable, "-m", "services.documents.generated.typesetting"]
    try:
        done = subprocess.run(command, input=task, capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode == UNPRINTABLE:
            raise _no_glyph(done.stderr.decode())
        done.check_returncode()
    except (OSError, subprocess.SubprocessError) as error:
        log.error("a paper could not be typeset: %s", (getattr(error, "stderr", None) or b"").decode(errors="replace")[-2000:])
        raise Unavailable("typesetting_failed", "文件暂时无法生成，请稍后重试。", "The paper cannot be made now.") from error
    return done.stdout


def _no_glyph(characters: str) -> Invalid:
    """Return the error that names the characters which no font has, so that the user can replace them."""
    points = [f"U+{ord(character):04X}" for character in characters]
    zh = "、".join(f"{character}（{point}）" for character, point in zip(characters, points, strict=True))
    en = ", ".join(f"{character} ({point})" for character, point in zip(characters, points, strict=True))
    return Invalid(
        "characters_not_printable",
        f"文件中有字体不支持的字符：{zh}，请改用通用字后重试，或联系平台管理员安装更全的字体。",
        f"No font here has these characters: {en}. Use others, or ask the operator to install a wider font.",
        characters=[{"character": character, "code_point": point} for character, point in zip(characters, points, strict=True)],
    )


def _pdf(sheet: SheetDict, wider: Path) -> bytes:
    import pylopdf_fonts_zh_cn
    import segno
    import typst

    text = json.dumps(sheet, ensure_ascii=False)
    if sheet["qr"]:
        code = BytesIO()
        segno.make(sheet["qr"], error="m").save(code, kind="svg", border=0)
        sheet["qr"] = code.getvalue().decode()
    folders = [Path(pylopdf_fonts_zh_cn.__file__).parent]
    missing = unprintable(text, folders)
    if wider.is_dir():
        folders.append(wider)
        missing = unprintable(missing, folders) if missing else ""
    if missing:
        sys.stderr.write(missing)
        sys.exit(UNPRINTABLE)
    made: bytes = typst.compile(
        HERE / f"{sheet['template']}.typ",
        font_paths=folders,
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(sheet, ensure_ascii=False), "fonts": json.dumps(faces(folders))},
    )
    return made


def _docx(sheet: SheetDict, wider: Path) -> bytes:
    # A Word file needs no check of its characters: Word takes a character that its font lacks from another font on the reader's
    # machine.
    from services.documents.generated.word_export import write

    return write(sheet)


if __name__ == "__main__":
    asked = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write({"pdf": _pdf, "docx": _docx}[asked["form"]](asked["sheet"], Path(asked["fonts"])))
