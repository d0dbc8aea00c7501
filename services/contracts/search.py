"""The request and the answer of GET /search."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.common import Answer, Body, one_of, search_words, whole
from services.contracts.labels import LABELS

KINDS = tuple(LABELS["search_kind"])


class SearchQuery(Body):
    """A search. `q`: part of a name, number, code or title, at least two characters. `limit`: the most entries of each kind."""

    q = search_words(100, shortest=2, required=True)
    limit = whole(1, 50, strict=False, load_default=10)


class SearchSubject(Answer):
    kind = one_of(*KINDS, of="search_kind", required=True)
    id = fields.String(required=True)


class SearchSubjectDict(TypedDict):
    kind: str
    id: str


class SearchItem(Answer):
    """An object that the search found. `code`: its number, unified social credit code or username; `subtitle` and `status` are
    texts for people; `about`: the subject, if the object is a case of review."""

    subject = fields.Nested(SearchSubject, required=True)
    title = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    subtitle = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, allow_none=True)
    about = fields.String(required=True, allow_none=True)


class SearchItemDict(TypedDict):
    subject: SearchSubjectDict
    title: str | None
    code: str | None
    subtitle: str | dict[str, str] | None
    status: dict[str, str] | None
    about: str | None


class SearchGroup(Answer):
    """The results of one kind. `more`: whether there are further results that are not listed."""

    kind = one_of(*KINDS, of="search_kind", required=True)
    items = fields.List(fields.Nested(SearchItem), required=True)
    more = fields.Boolean(required=True)


class SearchGroupDict(TypedDict):
    kind: str
    items: list[SearchItemDict]
    more: bool


class SearchAnswer(Answer):
    """The results of a search, by kind; kinds without a result are left out. `unavailable` names the services that did not
    answer."""

    q = fields.String(required=True)
    groups = fields.List(fields.Nested(SearchGroup), required=True)
    unavailable = fields.List(one_of(*LABELS["service"], of="service"), required=True)


class SearchResults(TypedDict):
    """The results of one service."""

    groups: list[SearchGroupDict]
