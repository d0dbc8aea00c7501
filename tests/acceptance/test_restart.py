"""A platform that loses power continues, after its restart, with everything that it had accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.demo.client import until
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import PROVINCE, People
from deploy.demo.platform import Embedded, accounts


@pytest.mark.embedded
def test_a_killed_platform_keeps_all_it_has_accepted(tmp_path: Path) -> None:
    # Given an embedded platform with an application whose recommendation was signed a moment ago
    platform = Embedded(tmp_path, GUICHUANG_RATE_LIMIT="0")
    with platform:
        people = People(platform.server, accounts(tmp_path))
        case = Formation.complete(people, open_call(people)["id"])
        case.submit()
        case.recommend()

        # When the platform's process is killed before a client has read the effect of the signature, and is started again
        platform.kill()
        platform.start()
        platform.wait_ready()

        # Then the recommendation reaches the province, the uploads are complete, and the procedure continues
        case.reaches("submitted", stage="formal_check")
        assert case.review(PROVINCE, "formal_check")
        for document in case.read()["handed_in"]:
            assert case.lead.download(document["id"]).startswith(b"%PDF")

        # When the process is killed again right after the decision, then the decision takes effect after the restart
        case.check()
        case.score(case.appoint()["experts"])
        case.decide()
        platform.kill()
        platform.start()
        platform.wait_ready()
        until(lambda: case.read()["status"] == "publicised", "the decision taking effect")
