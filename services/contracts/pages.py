"""A page of a list as a service answers it. `page_of` makes its schema."""

from __future__ import annotations

from typing import Generic, TypedDict, TypeVar

Item = TypeVar("Item")


class PageDict(TypedDict, Generic[Item]):
    items: list[Item]
    next_cursor: str | None


class CountedPageDict(PageDict[Item]):
    """`total`: how many entries the list has, up to the limit of counting; null if they are not counted."""

    total: int | None
