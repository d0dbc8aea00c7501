"""The acts of bureaus and experts in any review, as they would make them at their screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deploy.demo.client import Account, as_read, until
from deploy.demo.people import PROVINCE, People

#: The experts' criteria, with weight and highest score.
RUBRIC = [
    {"criterion": "牵头单位实力", "weight": 30, "max": 100},
    {"criterion": "技术方向与任务", "weight": 40, "max": 100},
    {"criterion": "协同机制", "weight": 30, "max": 100},
]


def sign(chief: Account, review: str, draft: dict[str, Any]) -> dict[str, Any]:
    """A chief reads a draft and signs it unchanged."""
    path = f"/reviews/{review}/opinions/{draft['id']}/signature"
    answer: dict[str, Any] = chief.post(path, headers=as_read(draft))
    return answer


def uphold(people: People, objections: str, objection: str, answer: str, also: Sequence[str] = ()) -> dict[str, Any]:
    """An officer of the province answers that an objection holds, and a chief confirms the answer as read. `objections` is the
    path of the list, `also` names others that say the same."""
    path = f"{objections}/{objection}"
    prepared = people.officer().post(f"{path}/answer", {"answer": answer, "outcome": "upheld", "also": list(also)})
    confirmed: dict[str, Any] = people.chief().post(f"{path}/confirmation", headers=as_read(prepared))
    return confirmed


def declare(reviewer: Account, review: str) -> None:
    """Wait until a reviewer's appointment is known; the reviewer then declares to have no interest and promises
    confidentiality."""
    reviewer.post(f"/reviews/{review}/declarations", {"no_interest": True, "confidentiality": True})


class Reviewed:
    """An object in review. `subject` identifies it, `recommender` is its home bureau."""

    people: People
    subject: str
    recommender: str

    def review(self, bureau: str, stage: str) -> str:
        """Wait until this application's case at a bureau is open at a stage, and return its id."""
        officer = self.people.officer(bureau)

        def look() -> str | None:
            cases = officer.all("/reviews", stage=stage, status="open", limit=200)
            return next((case["id"] for case in cases if case["subject"] == self.subject), None)

        return until(look, f"{self.subject} at {bureau}, {stage}")

    def opine(self, bureau: str, stage: str, outcome: str = "pass", **data: Any) -> dict[str, Any]:
        """An officer drafts an opinion and the chief signs it. Return the signed one."""
        review = self.review(bureau, stage)
        body = {"stage": stage, "outcome": outcome, "comment": "经审核，材料属实。", "waivers": []} | data
        draft = self.people.officer(bureau).post(f"/reviews/{review}/opinions", body)
        return sign(self.people.chief(bureau), review, draft)

    def appoint(self, size: int = 5, **data: Any) -> dict[str, Any]:
        """The province has the panel drawn. Return the seed, the experts, and the excluded experts with the reasons."""
        review = self.review(PROVINCE, "expert_review")
        answer: dict[str, Any] = self.people.officer().post(f"/reviews/{review}/panel", {"size": size, **data})
        return answer

    def score(self, experts: Sequence[str], points: Sequence[int] = (88, 86, 90, 85, 89)) -> None:
        """Every expert scores every criterion."""
        review = self.review(PROVINCE, "expert_review")
        for username, value in zip(experts, points, strict=False):
            expert = self.people.person(username)
            declare(expert, review)
            scores = {row["criterion"]: value for row in RUBRIC}
            expert.post(f"/reviews/{review}/scores", {"scores": scores, "comment": "评审意见：可行。"})

    def seated(self) -> list[str]:
        """The present members of the panel."""
        review = self.people.officer().get(f"/reviews/{self.review(PROVINCE, 'expert_review')}")
        return [seat["account"] for seat in review["panel"]["seats"] if seat["state"] == "seated"]

    def decide(self, outcome: str = "approve", **data: Any) -> dict[str, Any]:
        review = self.review(PROVINCE, "decision")
        body = {"outcome": outcome, "reason": "择优组建。"} | data
        answer: dict[str, Any] = self.people.chief().post(f"/reviews/{review}/decision", body)
        return answer

    def closed(self, bureau: str, review: str) -> dict[str, Any]:
        """Wait until the bureau's case is no longer open, and return it."""

        def look() -> dict[str, Any] | None:
            seen: dict[str, Any] = self.people.officer(bureau).get(f"/reviews/{review}")
            return seen if seen["status"] != "open" else None

        return until(look, f"{review} being closed")
