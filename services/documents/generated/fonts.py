"""Fonts of generated documents: those of GB/T 9704-2012 if they are installed, otherwise their substitutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

#: Typeface → the names of its fonts, the best first. The last font of each typeface comes with the platform;
#: docs/operations/documents.md lists them.
FACES = {
    "body": ("FangSong_GB2312", "FangSong", "STFangsong", "FZFangSong-Z02S", "FandolFang R", "Noto Serif SC"),  # 仿宋
    "headline": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "Noto Serif SC"),  # 小标宋
    "sans": ("SimHei", "FZHei-B01S", "FandolHei", "Noto Sans SC"),  # 黑体
    "kai": ("KaiTi_GB2312", "KaiTi", "FZKai-Z03S", "FandolKai", "AR PL KaitiM GB", "Noto Serif SC"),  # 楷体
    "serif": ("SimSun", "FZShuSong-Z01S", "FandolSong", "Noto Serif SC"),  # 宋体
}
#: The names of the fonts for characters that the chosen font lacks.
COMPLETE = ("Noto Serif SC", "Noto Sans SC")


def faces(folders: Sequence[Path]) -> dict[str, list[str] | bool]:
    """Return, for each typeface, the fonts to use from these folders. `outlined` is true if the headline's font is a light one,
    which must be drawn with an outline to look bold."""
    import typst

    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders)).families()
    chosen = {face: next((font for font in fonts if font in found), fonts[-1]) for face, fonts in FACES.items()}
    return {face: [font, *(other for other in COMPLETE if other != font)] for face, font in chosen.items()} | {
        "outlined": chosen["headline"] == FACES["headline"][-1]
    }
