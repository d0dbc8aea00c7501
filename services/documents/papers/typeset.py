"""Typesetting, in a process of its own: the engine and its fonts take memory and block whoever waits in the same thread."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from services.documents.papers.sheet import Sheet
from services.kernel.errors import Unavailable

#: Seconds one paper may take.
PATIENCE = 30
HERE = Path(__file__).parent

log = logging.getLogger(__name__)


def typeset(sheet: Sheet, form: str) -> bytes:
    """The paper as `pdf` or `docx`. Unavailable when it cannot be made now."""
    task = json.dumps({"sheet": sheet.to_dict(), "form": form}, ensure_ascii=False).encode()
    command = [sys.executable, "-m", "services.documents.papers.typeset"]
    try:
        done = subprocess.run(command, input=task, capture_output=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        log.error("a paper could not be typeset: %s", (getattr(error, "stderr", None) or b"").decode(errors="replace")[-2000:])
        raise Unavailable("typesetting_failed", "文件暂时无法生成，请稍后重试。", "The paper cannot be made now.") from error
    return done.stdout


def _pdf(sheet: dict[str, Any]) -> bytes:
    import pylopdf_fonts_zh_cn
    import segno
    import typst

    if sheet["qr"]:
        code = BytesIO()
        segno.make(sheet["qr"], error="m").save(code, kind="svg", border=0)
        sheet["qr"] = code.getvalue().decode()
    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
    made: bytes = typst.compile(
        HERE / f"{sheet['template']}.typ",
        font_paths=[fonts],
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
