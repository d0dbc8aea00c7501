"""No text for people contains a machine word: the name of a field, a code, the id of a rule, or a citation such as A14(2)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.contracts import documents
from services.contracts.application import events as application_events
from services.contracts.evaluation import events as evaluation_events
from services.contracts.gateway import events as gateway_events
from services.contracts.labels import LABELS, REGIONS
from services.contracts.review import requests as review_requests
from services.notification.domain import TEMPLATES, facts_of
from services.policy import load_builtin
from services.policy.bureaus import BUREAUS

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Matches the name of a field, the id of a rule or of a question, and a citation.
MACHINE = re.compile(r"[A-Za-z]+_[A-Za-z_]+|\b[CLMODIQ]\d\b|\bA\d+(?:\(\d+\))")
LATIN = re.compile(r"[A-Za-z][A-Za-z.&/-]*")
#: Latin words that Chinese texts may contain: names that are used outside this platform too, HTTP headers, and examples.
WORDS = {
    *("ASCII", "CSV", "DOI", "Excel", "GB/T", "IP", "JSON", "KiB", "MiB", "NUL", "RFC", "SHA", "TOML", "UTF", "XLSX", "xlsx"),
    *("Content-Encoding", "Content-Length", "Content-Type", "ETag", "Idempotency-Key", "If-Match", "application/json"),
    *("Guichuang", "erased", "C", "HH", "MM", "YYYY-MM-DD", "https", "name", "example.cn", "pdf", "portal.example.cn"),
}
#: Files whose texts are for programmers or for authors of a policy document: descriptions of the API, and mistakes in a TOML
#: file.
FOR_MACHINES = (
    "gateway/openapi/asyncapi.py",
    "gateway/files/zip_archive.py",  # The headings of the archive's index are in both languages.
    "gateway/openapi/openapi_document.py",
    "gateway/routes/",
    "services/policy/toml_reader.py",
    "services/policy/evaluation_and_support.py",
    "services/policy/policy.py",
    "services/policy/pipeline.py",
    "services/policy/rule.py",
)
#: Functions whose arguments are not texts for readers: patterns, and descriptions of settings.
NO_TEXTS = {"re.compile", "_var", "_pattern"}
#: Names of values that are codes. A text must not insert an expression that ends in such a name.
CODES = {"rule", "stage", "status", "kind", "scope", "tier", "grade", "measure", "outcome", "question", "region", "bureau"}


def texts() -> Iterator[tuple[str, ast.expr, ast.expr | None]]:
    """Yield every Chinese text in the source except docstrings: its file and line, its expression, and the expression that
    follows it, which is usually the English text."""
    for path in sorted(file for folder in ("services", "gateway") for file in (ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if "/migrations/" in name or name.startswith(FOR_MACHINES):
            continue
        yield from ((f"{name}:{text.lineno}", text, beside) for text, beside in _texts(ast.parse(path.read_text("utf-8"))))


def _texts(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # The text is a docstring.
    if isinstance(node, ast.Call) and ast.unparse(node.func) in NO_TEXTS:
        return
    parts = list(ast.iter_child_nodes(node))
    following = [*parts[1:], None] if isinstance(node, ast.Call | ast.Tuple | ast.List) else [None] * len(parts)
    for part, beside in zip(parts, following, strict=True):
        if isinstance(part, ast.Constant | ast.JoinedStr | ast.BinOp) and CHINESE.search(spoken(part)):
            yield part, beside if isinstance(beside, ast.expr) else None
        else:
            yield from _texts(part)


def spoken(node: ast.expr) -> str:
    """Return the fixed part of a text, without the values inserted into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(value.value for value in node.values if isinstance(value, ast.Constant))
    return spoken(node.left) + spoken(node.right) if isinstance(node, ast.BinOp) else ""


def put_in(node: ast.expr) -> Iterator[str]:
    """Yield the last part of the name of each expression inserted into a text: `kind` for `paper.kind`."""
    for value in node.values if isinstance(node, ast.JoinedStr) else ():
        if isinstance(value, ast.FormattedValue):
            yield ast.unparse(value.value).rpartition(".")[2].strip("'\"[]")


def latin(text: str) -> set[str]:
    return {word for word in LATIN.findall(re.sub(r"\{\w+\}", "", text)) if word.strip(".-") not in WORDS}


def test_no_text_of_the_source_holds_a_machine_word() -> None:
    found = list(texts())
    assert len(found) > 400
    wrong = [
        (where, spoken(zh), latin(spoken(zh)), [name for name in put_in(zh) if name in CODES])
        for where, zh, _ in found
        if latin(spoken(zh)) or MACHINE.search(spoken(zh)) or CODES & set(put_in(zh))
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_no_english_text_of_the_source_names_a_field_or_a_rule() -> None:
    wrong = [
        (where, spoken(en))
        for where, _, en in texts()
        if en is not None and MACHINE.search(spoken(en)) and not spoken(en).startswith("/")
    ]
    assert not wrong, "\n".join(map(str, wrong))


def sentences(value: Any) -> Iterator[str]:
    """Yield the Chinese texts of a policy document."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "zh":
                yield part
            else:
                yield from sentences(part)
    elif isinstance(value, list):
        for part in value:
            yield from sentences(part)


def test_no_text_of_the_policy_holds_a_machine_word() -> None:
    [policy] = load_builtin()
    plain = [re.sub(r"\{\w+\}", "", text) for text in sentences(policy.to_dict())]
    assert len(plain) > 100
    assert [text for text in plain if latin(text) or MACHINE.search(text)] == []


def test_every_word_for_a_code_is_a_word() -> None:
    words = [word.zh for codes in (*LABELS.values(), REGIONS) for word in codes.values()]
    words += [bureau.name.zh for bureau in BUREAUS.values()]
    assert [word for word in words if LATIN.search(word)] == []


EVENTS = {
    "application": application_events.EVENTS,
    "review": review_requests.EVENTS,
    "evaluation": evaluation_events.EVENTS,
    "documents": documents.EVENTS,
    "gateway": gateway_events.EVENTS,
}
#: Matches Latin text in the published examples that is not a code: numbers of consortia and contracts, names of files and the
#: like.
GIVEN = re.compile(
    r"GXCX-\d{4}-\d{4}|HT-\d{4}-\d+|[0-9A-Z]{18}|[\w.-]*\.(?:pdf|docx)|\b[A-Z]{2}\d+(?:\.\d)?\b|GB/T|application/[\w-]+"
)


def messages() -> Iterator[tuple[str, str, str, str]]:
    """Yield every message that the templates make from the published examples: event type, language, title and text."""
    for template in TEMPLATES:
        kind = EVENTS[template.producer][template.type]
        facts = facts_of(kind.example, bureau="450200", recommender="450200", actor="liuzhou-chief", case=None)
        unit = "91450200MA5KAAAA09"
        known = {
            "title": "示例",
            "lead": {"uscc": unit, "name": "示例单位"},
            "units": [unit],
            "members": [unit],
            "bureaus": ["450200"],
        }
        facts = known | facts | {field: value for field, value in template.when.items() if "{" not in str(value)}
        everybody = replace(template, when={}, to=("role:chief",))
        for message in everybody.messages(facts, "application/1"):
            for language, (title, text) in message.texts.items():
                yield template.type, language, title, text


def test_no_message_holds_a_machine_word() -> None:
    made = list(messages())
    assert len({type for type, *_ in made}) > 60
    wrong = []
    for type, language, title, text in made:
        said = GIVEN.sub("", f"{title} {text}")
        if MACHINE.search(said) or (language == "zh" and latin(said)):
            wrong.append((type, language, title, text))
    assert not wrong, "\n".join(map(str, wrong))
