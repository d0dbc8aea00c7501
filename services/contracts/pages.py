"""A page of a list as a service answers it. `page_of` makes its schema."""

from __future__ import annotations

from typing import Generic, TypedDict, TypeVar

Item = TypeVar("Item")


class PageDict(TypedDict, Generic[Item]):
    items: list[Item]
    next_cursor: str | None


class CountedPageDict(PageDict[Item]):
    """A page of a list with its length. `total`: the number of entries of the list, up to the limit of counting; null if the
    entries are not counted."""

    total: int | None
