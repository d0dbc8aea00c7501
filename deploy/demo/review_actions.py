"""The actions of bureaus and experts in any review, like those that people take at their screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deploy.demo.client import Account, as_read, until
from deploy.demo.people import PROVINCE, People
from services.contracts.payload import JsonObject

#: The experts' criteria, with weight and highest score.
RUBRIC = [
    {"criterion": "牵头单位实力", "weight": 30, "max": 100},
    {"criterion": "技术方向与任务", "weight": 40, "max": 100},
    {"criterion": "协同机制", "weight": 30, "max": 100},
]


def sign(chief: Account, review: str, draft: JsonObject) -> JsonObject:
    """Read a draft as a chief, and sign it unchanged."""
    path = f"/reviews/{review}/opinions/{draft['id']}/signature"
    answer: JsonObject = chief.post(path, headers=as_read(draft))
    return answer


def uphold(people: People, objections: str, objection: str, answer: str, also: Sequence[str] = ()) -> JsonObject:
    """Answer, as an officer of the province, that an objection is upheld; a chief confirms the answer that was read. `objections`
    is the API path of the list of objections, `also` names other objections with the same content."""
    path = f"{objections}/{objection}"
    prepared = people.officer().post(f"{path}/answer", {"answer": answer, "outcome": "upheld", "also": list(also)})
    confirmed: JsonObject = people.chief().post(f"{path}/confirmation", headers=as_read(prepared))
    return confirmed


def declare(reviewer: Account, review: str) -> None:
    """Wait until the platform knows a reviewer's appointment; then declare, as that reviewer, to have no interest and promise
    confidentiality."""
    reviewer.post(f"/reviews/{review}/declarations", {"no_interest": True, "confidentiality": True})


class Reviewed:
    """An object in review, such as an application or a change. `subject` identifies it, `recommender` is the bureau of its
    recommender."""

    people: People
    subject: str
    recommender: str

    def review(self, bureau: str, stage: str) -> str:
        """Wait until the case about this subject is open at a bureau and at a stage, and return the case's id."""
        officer = self.people.officer(bureau)

        def read_if_ready() -> str | None:
            cases = officer.all("/reviews", stage=stage, status="open", limit=200)
            return next((case["id"] for case in cases if case["subject"] == self.subject), None)

        return until(read_if_ready, f"{self.subject} at {bureau}, {stage}")

    def opine(self, bureau: str, stage: str, outcome: str = "pass", **data: Any) -> JsonObject:
        """Draft an opinion as an officer, and sign it as the chief. Return the signed opinion."""
        review = self.review(bureau, stage)
        body = {"stage": stage, "outcome": outcome, "comment": "经审核，材料属实。", "waivers": []} | data
        draft = self.people.officer(bureau).post(f"/reviews/{review}/opinions", body)
        return sign(self.people.chief(bureau), review, draft)

    def appoint(self, size: int = 5, **data: Any) -> JsonObject:
        """Draw the panel, as the province. Return the seed of the draw, the drawn experts, and the excluded experts with the
        reasons."""
        review = self.review(PROVINCE, "expert_review")
        answer: JsonObject = self.people.officer().post(f"/reviews/{review}/panel", {"size": size, **data})
        return answer

    def score(self, experts: Sequence[str], points: Sequence[int] = (88, 86, 90, 85, 89)) -> None:
        """Let every expert score every criterion."""
        review = self.review(PROVINCE, "expert_review")
        for username, value in zip(experts, points, strict=False):
            expert = self.people.person(username)
            declare(expert, review)
            scores = {row["criterion"]: value for row in RUBRIC}
            expert.post(f"/reviews/{review}/scores", {"scores": scores, "comment": "评审意见：可行。"})

    def seated(self) -> list[str]:
        """Return the present members of the panel."""
        review = self.people.officer().get(f"/reviews/{self.review(PROVINCE, 'expert_review')}")
        return [seat["account"] for seat in review["panel"]["seats"] if seat["state"] == "seated"]

    def decide(self, outcome: str = "approve", **data: Any) -> JsonObject:
        review = self.review(PROVINCE, "decision")
        body = {"outcome": outcome, "reason": "择优组建。"} | data
        answer: JsonObject = self.people.chief().post(f"/reviews/{review}/decision", body)
        return answer

    def closed(self, bureau: str, review: str) -> JsonObject:
        """Wait until the bureau's case is no longer open, and return it."""

        def read_if_ready() -> JsonObject | None:
            state: JsonObject = self.people.officer(bureau).get(f"/reviews/{review}")
            return state if state["status"] != "open" else None

        return until(read_if_ready, f"{review} being closed")
