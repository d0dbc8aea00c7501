"""Documents: none is registered without its bytes, and the bytes of a registered one never change."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.contracts.documents import EVENTS
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unavailable
from services.kernel.identity import Actor
from services.kernel.persistence import migrate
from services.kernel.settings import Settings
from services.kernel.storage.factory import store_of
from services.kernel.testing import ServiceHarness
from services.policy import Policies
from tests.integration.documents.conftest import LEAD, Desk
from tests.unit.documents.files import DOCX, PDF, PNG
from tests.unit.input.test_file_names import VOLUMES

with zipfile.ZipFile(io.BytesIO(DOCX)) as _docx:
    PARTS = {name: _docx.read(name) for name in _docx.namelist()}


def states(desk: Desk, *subjects: str) -> list[dict[str, object]]:
    """Return what the documents service's signed statement says about the documents of these subjects."""
    statement = desk.bench.ask("document_states", LEAD, subjects=list(subjects))["statement"]
    return desk.bench.runtime.verifier.read(statement, "documents")["documents"]  # type: ignore[no-any-return]


def listing(desk: Desk, limit: int = 50) -> list[dict[str, Any]]:
    """Return the documents of `application/1`, as an account that may read them lists them."""
    grant = desk.grant("application/1", "read")
    answer = desk.bench.ask("list_documents", LEAD, subject="application/1", limit=limit, cursor=None, grant=grant)
    return answer["items"]  # type: ignore[no-any-return]


def test_an_uploaded_document_is_clean_and_told(desk: Desk) -> None:
    document = desk.put(PDF)
    assert (document["state"], document["version"], document["media_type"]) == ("clean", 1, "application/pdf")
    assert desk.bench.settle() == ["document.stored"]
    event = json.loads(desk.bench.bus.published[0].body)
    assert (event["subject"], event["bureau"]) == (f"document/{document['id']}", "450000")
    assert not EVENTS["document.stored"].data().validate(event["data"])
    assert event["data"]["sha256"] == hashlib.sha256(PDF).hexdigest()


def test_the_owner_of_a_document_shows_in_its_id(desk: Desk) -> None:
    assert desk.announce(PDF, subject="organisation/91450200AAAAAAAA0A")["id"].startswith("organisation.91450200AAAAAAAA0A.")


def test_nothing_is_registered_without_its_bytes(desk: Desk) -> None:
    announced = desk.announce(PDF)
    with pytest.raises(Conflict) as refused:
        desk.complete(announced["id"])
    assert (refused.value.code, refused.value.details) == ("upload_missing", {"status": "pending"})
    assert states(desk, "application/1") == []
    desk.send(announced, PDF)
    assert desk.complete(announced["id"])["state"] == "clean"


def test_a_mislabelled_document_is_rejected_for_good_and_its_bytes_are_dropped(desk: Desk) -> None:
    document = desk.put(PNG, filename="协议.pdf")
    assert (document["state"], document["reason"]["code"], document["version"]) == ("rejected", "content_mismatch", None)
    assert states(desk, "application/1") == []
    assert desk.bench.settle() == ["document.rejected"]
    data = json.loads(desk.bench.bus.published[0].body)["data"]
    assert not EVENTS["document.rejected"].data().validate(data)
    assert desk.complete(document["id"]) == document
    with pytest.raises(Conflict) as refused:
        desk.bench.ask("document_content", LEAD, id=document["id"], grant=desk.grant("application/1", "read"))
    assert refused.value.code == "document_not_clean"
    with pytest.raises(LookupError):
        list(desk.store.read(f"documents/{document['id']}"))


@pytest.mark.parametrize("names", [VOLUMES, ["a?.pdf", "a*.pdf"], ["Plan.PDF", "plan.pdf"], ["糖\u200b业.pdf", "糖业.pdf"]])
def test_names_that_differ_in_any_character_are_documents_of_their_own(desk: Desk, names: list[str]) -> None:
    first, second = desk.put(PDF, filename=names[0]), desk.put(PDF + b"\n", filename=names[1])
    again = desk.put(PDF + b"\n\n", filename=names[0])
    assert [one["version"] for one in (first, second, again)] == [1, 1, 2]
    assert [one["replaces"] for one in (first, second, again)] == [None, None, first["id"]]
    assert first["filename"] == names[0].replace("\u200b", "")
    stated = {one["id"]: one["state"] for one in states(desk, "application/1")}
    assert stated == {first["id"]: "superseded", second["id"]: "clean", again["id"]: "clean"}


def test_a_new_version_under_another_name_says_which_document_it_replaces(desk: Desk) -> None:
    # Given a document
    first = desk.put(PDF, filename="协议.pdf")
    # When another document is uploaded as the new version of that document
    second = desk.put(PDF + b"\n", filename="协议（盖章）.pdf", replaces=first["id"])
    # Then the second document is the new version, and the first document stays and names the second as its replacement
    assert (second["version"], second["replaces"], second["replaced_by"]) == (2, first["id"], None)
    listed = {one["id"]: one["replaced_by"] for one in listing(desk)}
    assert listed == {first["id"]: second["id"], second["id"]: None}
    assert {one["id"]: one["state"] for one in states(desk, "application/1")} == {
        first["id"]: "superseded",
        second["id"]: "clean",
    }
    # and the event names the replaced document
    desk.bench.settle()
    [event] = [json.loads(one.body)["data"] for one in desk.bench.bus.published if second["id"] in one.body]
    replaced = {"document": first["id"], "filename": "协议.pdf", "sha256": first["sha256"]}
    assert event["replaced"] == [replaced]
    assert not EVENTS["document.stored"].data().validate(event)
    # When the first document's file name is used again, then the upload becomes a separate document, and nothing is lost
    third = desk.put(PDF + b"\n\n", filename="协议.pdf")
    assert (third["version"], third["replaces"]) == (2, None)
    clean = [one["id"] for one in states(desk, "application/1") if one["state"] == "clean"]
    assert clean == [second["id"], third["id"]]


def test_of_two_new_versions_of_one_document_none_is_lost(desk: Desk) -> None:
    first = desk.put(PDF)
    both = [desk.announce(PDF + end, f"第{n}稿.pdf", replaces=first["id"]) for n, end in enumerate((b"1", b"2"), 1)]
    for announced, end in zip(both, (b"1", b"2"), strict=True):
        desk.send(announced, PDF + end)
        assert desk.complete(announced["id"])["version"] == 2
    clean = [one["id"] for one in states(desk, "application/1") if one["state"] == "clean"]
    assert clean == [announced["id"] for announced in both]


def test_only_a_verified_document_of_the_same_subject_and_kind_without_a_newer_version_is_replaced(desk: Desk) -> None:
    first = desk.put(PDF)
    for change, code in (
        ({"replaces": desk.put(PDF, subject="application/2")["id"]}, "other_document"),
        ({"replaces": first["id"], "kind": "attachment"}, "other_document"),
        ({"replaces": desk.announce(PDF)["id"]}, "document_not_clean"),
        ({"replaces": "application.1.none"}, "unknown_document"),
    ):
        with pytest.raises(Invalid) as refused:
            desk.announce(PDF, **change)
        assert [(error.pointer, error.code) for error in refused.value.errors] == [("/replaces", code)]
    second = desk.put(PDF + b"\n")
    with pytest.raises(Conflict) as late:
        desk.announce(PDF, replaces=first["id"])
    assert (late.value.code, late.value.details["replaced_by"]) == ("document_replaced", second["id"])


def test_an_organisations_earlier_versions_can_still_be_named(desk: Desk) -> None:
    subject = "organisation/91450200AAAAAAAA0A"
    ids = [desk.put(content, subject=subject)["id"] for content in (PDF, PDF + b"\n")]
    assert [(d["id"], d["state"]) for d in states(desk, subject, "application/1")] == [(id, "clean") for id in ids]


def test_content_is_fetched_from_the_store(desk: Desk) -> None:
    document = desk.put(DOCX, filename="协议.docx")
    answer = desk.bench.ask("document_content", LEAD, id=document["id"], grant=desk.grant("application/1", "read"))
    assert "documents" in answer["url"] or "/api/v1/downloads/" in answer["url"]


def test_an_office_file_whose_lists_lie_in_its_middle_is_taken(desk: Desk) -> None:
    # Given an Office file with pictures before and after the entry that shows the file's type, as some office programs write it
    picture = random.Random(1).randbytes(300 << 10)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("word/media/1.png", picture)
        for name, part in PARTS.items():
            package.writestr(name, part)
        package.writestr("word/media/2.png", picture)
    # Then the file is accepted
    assert desk.put(file.getvalue(), filename="协议.docx")["state"] == "clean"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"filename": "程序.exe"}, "/filename"), ({"filename": "无后缀"}, "/filename"), ({"filename": "../.pdf"}, "/filename")],
)
def test_a_type_that_is_not_accepted_is_refused_at_once(desk: Desk, change: dict[str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.announce(PDF, **change)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_a_document_may_be_as_large_as_the_setting_and_no_larger(desk: Desk) -> None:
    assert desk.announce(PDF, size=1 << 20)["id"]
    with pytest.raises(TooLarge) as refused:
        desk.announce(PDF, size=(1 << 20) + 1)
    assert refused.value.details == {"largest": 1 << 20}


# Grants


def test_who_has_no_grant_for_it_does_nothing(desk: Desk) -> None:
    announced = desk.announce(PDF)
    for grant in (
        desk.grant("application/2", "write"),
        desk.grant("application/1", "read"),
        desk.grant("application/1", "write", username="another"),
        desk.grant("application/1", "write", by="gateway"),
        desk.grant("application/1", "write", seconds=-1),
        "made up",
    ):
        with pytest.raises(Forbidden):
            desk.complete(announced["id"], grant=grant)
        with pytest.raises(Forbidden):
            desk.announce(PDF, grant=grant)


def test_a_grant_for_some_documents_shows_those_only(desk: Desk) -> None:
    seen, hidden = desk.put(PDF), desk.put(PDF, filename="另一份.pdf")
    expert = Actor("expert", ("expert",))
    grant = desk.grant("application/1", "read", username="expert", ids=[seen["id"]])
    assert desk.bench.ask("get_document", expert, id=seen["id"], grant=grant) == seen
    with pytest.raises(NotFound):
        desk.bench.ask("get_document", expert, id=hidden["id"], grant=grant)
    with pytest.raises(NotFound):
        desk.bench.ask("document_content", expert, id=hidden["id"], grant=grant)
    listed = desk.bench.ask("list_documents", expert, subject="application/1", limit=50, cursor=None, grant=grant)
    assert [d["id"] for d in listed["items"]] == [seen["id"]]


def test_a_made_up_id_is_not_found(desk: Desk) -> None:
    for id in ("application.1.nothing", "application.1", "x"):
        with pytest.raises(NotFound):
            desk.bench.ask("get_document", LEAD, id=id, grant=desk.grant("application/1", "read"))


# Deadlines and faults


def test_an_upload_nobody_completed_is_dropped_after_a_day(desk: Desk) -> None:
    announced = desk.announce(PDF)
    desk.send(announced, PDF)
    kept = desk.put(PDF)
    desk.bench.clock.advance(hours=23)  # type: ignore[attr-defined]
    assert [step for step in desk.bench.runtime.sweep() if step["sweep"] == "abandoned_uploads"] == []
    desk.bench.clock.advance(hours=2)  # type: ignore[attr-defined]
    assert [done["id"] for done in desk.bench.runtime.sweep()] == [announced["id"]]
    assert [step for step in desk.bench.runtime.sweep() if step["sweep"] == "abandoned_uploads"] == []
    with pytest.raises(Conflict) as refused:
        desk.complete(announced["id"])
    assert refused.value.code == "upload_expired"
    assert [d["id"] for d in states(desk, "application/1")] == [kept["id"]]


def test_a_completion_cut_short_before_its_commit_can_be_repeated(desk: Desk) -> None:
    announced = desk.announce(PDF)
    desk.send(announced, PDF)
    desk.store.move_to_final(f"incoming/{announced['id']}", f"documents/{announced['id']}")
    assert desk.complete(announced["id"])["state"] == "clean"


def test_with_the_store_away_uploads_are_refused_and_nothing_is_registered(tmp_path: Path) -> None:
    from services.documents.registry import registry

    away = store_of(Settings(s3="http://k:s@127.0.0.1:9"))
    desk = Desk(
        ServiceHarness(
            registry, tmp_path / "d.db", policies=Policies.builtin(), settings=Settings(), signers=["application"], store=away
        ),
        away,
    )
    with pytest.raises(Unavailable) as refused:
        desk.announce(PDF)
    assert refused.value.code == "store_unavailable"
    listed = desk.bench.ask(
        "list_documents", LEAD, subject="application/1", limit=1, cursor=None, grant=desk.grant("application/1", "read")
    )
    assert listed["items"] == []


def test_the_migrations_make_the_tables(desk: Desk) -> None:
    assert migrate.differences("documents", desk.bench.database) == []
