"""Article 15: the province interprets the measures by publishing versions of the policy."""

from __future__ import annotations

from deploy.demo.formation import Formation
from deploy.demo.people import People
from deploy.demo.policies import publish_policy
from tests.acceptance.driver import refusal


def test_a15_a_version_is_published_once_its_effect_on_open_applications_was_previewed(people: People, call: str) -> None:
    # Given an application in preparation, and an officer's draft of a policy version that requires more R&D staff of a lead (rule
    # L3). The version takes effect in 2099, so that it affects no other story.
    case = Formation.draft(people, call)
    document = people.officer().get("/policies/guangxi_trial@1")["document"] | {"version": 2099, "effective_from": "2099-01-01"}
    next(rule for rule in document["rules"] if rule["id"] == "L3")["params"]["minimum"] = 100_000
    version = people.officer().post("/policies", {"document": document})["policy"]

    # When a chief publishes the version before an officer has previewed its effects, then the refusal says that the preview must
    # come first
    refused = refusal(people.chief().approve, f"/policies/{version}", "publication")
    assert (refused.status, refused.code) == (409, "policy_not_previewed")
    assert "请先预览" in refused.problem["detail"]
    # When an officer has previewed the version's effects to the last page, then the chief can publish it, and the version records
    # which applications it affects
    published = publish_policy(people, version)
    assert published["status"] == "published"
    assert case.id in published["preview"]["affected"]
    assert published["preview"]["by"] == people.officer().username
