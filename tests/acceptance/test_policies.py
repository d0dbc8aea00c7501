"""Article 15: the province interprets the measures by publishing versions of the policy."""

from __future__ import annotations

from deploy.demo.formation import Formation
from deploy.demo.people import People
from deploy.demo.policies import publish_policy
from tests.acceptance.driver import refusal


def test_a15_a_version_is_published_once_its_effect_on_open_applications_was_previewed(people: People, call: str) -> None:
    # Given an open application, and the draft of a version that requires more R&D staff of its lead (L3). It takes effect so late
    # that no other story meets it.
    case = Formation.draft(people, call)
    document = people.officer().get("/policies/guangxi_trial@1")["document"] | {"version": 2099, "effective_from": "2099-01-01"}
    next(rule for rule in document["rules"] if rule["id"] == "L3")["params"]["minimum"] = 100_000
    version = people.officer().post("/policies", {"document": document})["policy"]

    # When a chief publishes it without a preview, then the platform refuses and says what to do
    refused = refusal(people.chief().approve, f"/policies/{version}", "publication")
    assert (refused.status, refused.code) == (409, "policy_not_previewed")
    assert "请先预览" in refused.problem["detail"]
    # When it is previewed to the last page, then it is published, and the affected applications are on record
    published = publish_policy(people, version)
    assert published["status"] == "published"
    assert case.id in published["preview"]["affected"]
    assert published["preview"]["by"] == people.officer().username
