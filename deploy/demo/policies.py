"""The province publishes a new version of the policy through the public API (A15)."""

from __future__ import annotations

from deploy.demo.people import People
from services.contracts.payload import JsonObject


def publish_policy(people: People, version: str) -> JsonObject:
    """Preview a draft as an officer of the province, page by page, and publish it as a chief."""
    officer, cursor = people.officer(), None
    while True:
        page = officer.post(f"/policies/{version}/preview", query={"cursor": cursor})
        if (cursor := page["next_cursor"]) is None:
            break
    answer: JsonObject = people.chief().approve(f"/policies/{version}", "publication")
    return answer
