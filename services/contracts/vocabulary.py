"""The answer of GET /vocabulary: the labels of codes and of the policy's parts."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.common import Answer, Citation


class WordAnswer(Answer):
    """A text in both languages."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class CodeAnswer(WordAnswer):
    code = fields.String(required=True)


class BureauWordAnswer(Answer):
    code = fields.String(required=True)
    tier = fields.String(required=True, metadata={"x-vocabulary": "bureau_tier"})
    name = fields.Nested(WordAnswer, required=True)
    parent = fields.String(required=True, allow_none=True)


class RuleWordAnswer(Answer):
    id = fields.String(required=True)
    group = fields.String(required=True, metadata={"x-vocabulary": "rule_group"})
    citation = Citation(required=True)
    article = fields.Nested(WordAnswer, required=True)
    severity = fields.String(required=True, metadata={"x-vocabulary": "severity"})
    title = fields.Nested(WordAnswer, required=True)


class QuestionWordAnswer(Answer):
    id = fields.String(required=True)
    citation = Citation(required=True)
    text = fields.Nested(WordAnswer, required=True)
    stages = fields.List(fields.String(), required=True)


class RequiredDocumentAnswer(Answer):
    """A kind of document that the named kinds of case must contain."""

    kind = fields.String(required=True)
    citation = Citation(required=True)
    title = fields.Nested(WordAnswer, required=True)
    cases = fields.List(fields.String(), required=True)


class GradeWordAnswer(Answer):
    grade = fields.String(required=True)
    title = fields.Nested(WordAnswer, required=True)


class MeasureWordAnswer(Answer):
    measure = fields.String(required=True)
    citation = Citation(required=True)
    title = fields.Nested(WordAnswer, required=True)


class GroundWordAnswer(Answer):
    code = Citation(required=True)
    article = fields.Nested(WordAnswer, required=True)
    text = fields.Nested(WordAnswer, required=True)


class VocabularyAnswer(Answer):
    """The vocabulary. `sets`: codes by set; each field of the API names its set as `x-vocabulary`. `regions`: GB/T 2260. `rules`,
    `questions`, `required_documents`, `grades`, `measures` and `grounds` are those of the policy in force."""

    sets = fields.Dict(fields.String(), fields.List(fields.Nested(CodeAnswer)), required=True)
    regions = fields.List(fields.Nested(CodeAnswer), required=True)
    bureaus = fields.List(fields.Nested(BureauWordAnswer), required=True)
    policy = fields.String(required=True)
    policy_title = fields.Nested(WordAnswer, required=True)
    rules = fields.List(fields.Nested(RuleWordAnswer), required=True)
    questions = fields.List(fields.Nested(QuestionWordAnswer), required=True)
    required_documents = fields.List(fields.Nested(RequiredDocumentAnswer), required=True)
    grades = fields.List(fields.Nested(GradeWordAnswer), required=True)
    measures = fields.List(fields.Nested(MeasureWordAnswer), required=True)
    grounds = fields.List(fields.Nested(GroundWordAnswer), required=True)


class RuleWords(TypedDict):
    id: str
    group: str
    citation: str
    article: dict[str, str]
    severity: str
    title: dict[str, str]


class QuestionWords(TypedDict):
    id: str
    citation: str
    text: dict[str, str]
    stages: list[str]


class RequiredDocumentWords(TypedDict):
    kind: str
    citation: str
    title: dict[str, str]
    cases: list[str]


class GradeWords(TypedDict):
    grade: str
    title: dict[str, str]


class MeasureWords(TypedDict):
    measure: str
    citation: str
    title: dict[str, str]


class GroundWords(TypedDict):
    code: str
    article: dict[str, str]
    text: dict[str, str]


class PolicyWords(TypedDict):
    """The words of the policy in force, as the application service answers them; texts are in Chinese and English."""

    policy: str
    policy_title: dict[str, str]
    rules: list[RuleWords]
    questions: list[QuestionWords]
    required_documents: list[RequiredDocumentWords]
    grades: list[GradeWords]
    measures: list[MeasureWords]
    grounds: list[GroundWords]


class ClauseAnswer(Answer):
    """A clause of the regulation. `id` is its citation, such as A5(2)3; `anchor` is the fragment of a link to it, such as
    A5-2-3."""

    id = Citation(required=True)
    anchor = fields.String(required=True)
    text = fields.Nested(WordAnswer, required=True)


class ItemAnswer(ClauseAnswer):
    points = fields.List(fields.Nested(ClauseAnswer), required=True)


class ArticleAnswer(ClauseAnswer):
    number = fields.Integer(required=True)
    chapter = fields.Integer(required=True)
    chapter_title = fields.Nested(WordAnswer, required=True)
    title = fields.Nested(WordAnswer, required=True)
    items = fields.List(fields.Nested(ItemAnswer), required=True)


class ArticlesAnswer(Answer):
    """The regulation's text in both languages. `prevailing` is the language that is authoritative."""

    policy = fields.String(required=True)
    title = fields.Nested(WordAnswer, required=True)
    effective_from = fields.Date(required=True)
    prevailing = fields.String(required=True)
    note = fields.Nested(WordAnswer, required=True)
    articles = fields.List(fields.Nested(ArticleAnswer), required=True)


class ClauseText(TypedDict):
    """A clause of the regulation."""

    id: str
    anchor: str
    text: dict[str, str]


class ItemText(ClauseText):
    points: list[ClauseText]


class ArticleText(ClauseText):
    number: int
    chapter: int
    chapter_title: dict[str, str]
    title: dict[str, str]
    items: list[ItemText]


class PolicyArticles(TypedDict):
    """The text of the regulation, as the application service answers it."""

    policy: str
    title: dict[str, str]
    effective_from: str
    prevailing: str
    note: dict[str, str]
    articles: list[ArticleText]
