"""The language check of `make lint`: English prose in code and docs is plain (docs/style.md).

`python -m tests.architecture.language [FOLDER …]` prints each finding as `file:line: what is wrong`, and exits with 1 if there
is any. It reads docstrings, comments, `#:` lines, Markdown, comments of templates and scripts, and the English texts in TOML
files. It judges only what a pattern can judge: a sentence that opens with a free relative ("Who…", "What…" as subject), and
banned words.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Matches a docstring, comment or paragraph that opens with a free relative as its subject.
OPENING = re.compile(r"^(?:What|Who|Whose|Whom|Whoever|Whatever|Whichever)\b(?!.*\?$)")

#: Words and phrases that need a second reading → what to write instead.
BANNED = {
    "somebody": "name the actor",
    "someone": "name the actor",
    "nobody": "name the actor",
    "anew": "again",
    "in hand": "claimed, in progress",
    "passed over": "skipped",
    "passes over": "skips",
    "is told of": "is notified of",
    "are told of": "are notified of",
    "bears": "has, carries",
    "there stands": "there is",
    "stands in": "is in",
    "at home": "name the place",
    "its keepers": "the orchestrator",
    "in the house": "in the codebase",
    "its manners": "its conventions",
    "sees to it": "ensures",
    "see to it": "ensure",
    "for good": "permanently",
    "said to": "sent to",
    "comes to nothing": "fails",
    "is nobody's": "belongs to no account",
    "goes its way": "continues",
}
_BANNED = re.compile(r"\b(" + "|".join(re.escape(word) for word in BANNED) + r")\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prose:
    """One piece of English text, and the number of the line on which it begins."""

    line: int
    text: str


def findings(file: str, prose: Iterator[Prose]) -> Iterator[str]:
    """Yield each sentence that breaks a rule, as `file:line: what is wrong`."""
    for piece in prose:
        first = " ".join(piece.text.split())
        if OPENING.match(first) and not first.endswith("?"):
            yield f"{file}:{piece.line}: opens with {first.split()[0]!r} as subject: {first[:80]}"
        for match in _BANNED.finditer(first):
            context = first[max(0, match.start() - 40) : match.end() + 20]
            yield f"{file}:{piece.line}: {match[1]!r}: write {BANNED[match[1].lower()]!r}: …{context}…"


def prose_of_python(source: str) -> Iterator[Prose]:
    """Yield the docstrings and comments of a module; consecutive comment lines are one piece."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            yield Prose(node.body[0].lineno, ast.get_docstring(node) or "")
    begun, last, lines = 0, -1, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        text = token.string.lstrip("#: ").strip()
        if token.start[0] != last + 1 and lines:
            yield Prose(begun, " ".join(lines))
            lines = []
        if not lines:
            begun = token.start[0]
        lines.append(text)
        last = token.start[0]
    if lines:
        yield Prose(begun, " ".join(lines))


def prose_of_markdown(source: str) -> Iterator[Prose]:
    """Yield paragraphs, headings and list items. Code blocks are left out, and `…` replaces code within a line."""
    fenced, begun, lines = False, 0, list[str]()
    for number, line in enumerate([*source.splitlines(), ""], 1):
        if line.startswith("```"):
            fenced = not fenced
            continue
        if fenced:
            continue
        item = re.match(r"\s*(?:[-*]|\d+\.|#+|>)\s+(.*)", line)
        if (item or not line.strip()) and lines:
            yield Prose(begun, " ".join(lines))
            lines = []
        text = re.sub(r"`[^`]*`", "`…`", item[1] if item else line).strip()
        if text:
            if not lines:
                begun = number
            lines.append(text)


def prose_of_toml(source: str) -> Iterator[Prose]:
    """Yield the English texts (`en = …`) of labels, messages and policies. How they open is not checked, because a label may be a
    question."""
    for number, line in enumerate(source.splitlines(), 1):
        for match in re.finditer(r"\ben\s*=\s*(\[[^\]]*\]|\"[^\"]*\")", line):
            yield Prose(number, f"en = {match[1]}")


def prose_of_template(source: str) -> Iterator[Prose]:
    """Yield the comments of a Jinja template."""
    for match in re.finditer(r"\{#(.*?)#\}", source, re.DOTALL):
        yield Prose(source.count("\n", 0, match.start()) + 1, match[1])


def prose_of_script(source: str) -> Iterator[Prose]:
    """Yield the comment lines of a script."""
    for number, line in enumerate(source.splitlines(), 1):
        if match := re.match(r"\s*//\s*(.*)", line):
            yield Prose(number, match[1])


def check(folders: list[str]) -> list[str]:
    """Return all findings below these folders (by default in the whole repository)."""
    names = subprocess.check_output(["git", "ls-files", "--", *folders], cwd=ROOT, text=True).splitlines()
    found: list[str] = []
    for name in names:
        path = ROOT / name
        if not path.is_file() or "/migrations/versions/" in name or name == "tests/architecture/language.py":
            continue
        if name.endswith(".py"):
            found += findings(name, prose_of_python(path.read_text(encoding="utf-8")))
        elif name.endswith(".toml"):
            found += findings(name, prose_of_toml(path.read_text(encoding="utf-8")))
        elif name.endswith(".html"):
            found += findings(name, prose_of_template(path.read_text(encoding="utf-8")))
        elif name.endswith(".js"):
            found += findings(name, prose_of_script(path.read_text(encoding="utf-8")))
        elif name.endswith(".md") and not name.endswith(".zh.md"):
            found += findings(name, prose_of_markdown(path.read_text(encoding="utf-8")))
    return found


if __name__ == "__main__":
    found = check(sys.argv[1:])
    for line in found:
        print(line)
    sys.exit(1 if found else 0)
