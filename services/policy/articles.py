"""The text of the regulation by article, item and point, in Chinese and in an unofficial English translation."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.contracts.vocabulary import ArticleText, ClauseText, ItemText
from services.kernel.errors import Text

_CLAUSE = re.compile(r"A(\d+)(?:\((\d+)\)(\d+)?)?")


@dataclass(frozen=True, slots=True)
class Clause:
    """An article of the regulation, an item of an article, or a point of an item. `id` is its citation, such as "A5(2)3"; `below`
    are the items of an article or the points of an item."""

    id: str
    text: Text
    below: tuple[Clause, ...] = ()

    @property
    def anchor(self) -> str:
        """Return the citation as the fragment of a link, such as "A5-2-3"."""
        return self.id.replace("(", "-").replace(")", "-").rstrip("-")

    def to_dict(self) -> ClauseText:
        return {"id": self.id, "anchor": self.anchor, "text": self.text.to_dict()}


@dataclass(frozen=True, slots=True)
class Article:
    """An article of the regulation, with its title and its chapter."""

    number: int
    chapter: int
    chapter_title: Text
    title: Text
    clause: Clause

    def to_dict(self) -> ArticleText:
        items: list[ItemText] = [
            {**item.to_dict(), "points": [point.to_dict() for point in item.below]} for item in self.clause.below
        ]
        return {
            **self.clause.to_dict(),
            "number": self.number,
            "chapter": self.chapter,
            "chapter_title": self.chapter_title.to_dict(),
            "title": self.title.to_dict(),
            "items": items,
        }


@cache
def articles_of(policy_id: str) -> tuple[Article, ...]:
    """Return the articles of the regulation that the policy with this id states as data, in order; empty if this folder does not
    have the regulation's text.

    All versions of a policy share one text: a version changes figures that the platform applies, not the regulation.
    """
    path = Path(__file__).parent / f"{policy_id}.articles.toml"
    if not policy_id.isidentifier() or not path.is_file():
        return ()
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {id: Text(zh, en) for id, (zh, en) in document["text"].items()}
    articles = []
    for id, (chapter, zh, en) in document["articles"].items():
        clause = Clause(id, texts[id], _below(id, texts))
        articles.append(Article(int(id[1:]), int(chapter), Text(*document["chapters"][chapter]), Text(zh, en), clause))
    return tuple(articles)


def _below(id: str, texts: dict[str, Text]) -> tuple[Clause, ...]:
    return tuple(
        Clause(clause_id, text, _below(clause_id, texts)) for clause_id, text in texts.items() if _parent(clause_id) == id
    )


def _parent(id: str) -> str | None:
    match = _CLAUSE.fullmatch(id)
    assert match is not None, id
    article, item, point = match.groups()
    if point:
        return f"A{article}({item})"
    return f"A{article}" if item else None
