"""The documents of an application: the newest version under each file name, and every version that the application names by its
id."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from services.application.verdict import CaseDocuments


def paper(id: str, filename: str, state: str = "clean", kind: str = "attachment") -> dict[str, Any]:
    return {"id": id, "subject": "application/1", "kind": kind, "filename": filename, "sha256": f"hash of {id}", "state": state}


def papers(named: list[str], *stated: dict[str, Any]) -> CaseDocuments:
    application: Any = SimpleNamespace(id="1", content={"documents": named})
    return CaseDocuments.of(application, stated)


def test_a_document_that_the_application_names_stays_when_a_newer_version_comes() -> None:
    listed = papers(["v1"], paper("v1", "制度.pdf", "superseded"), paper("v2", "制度.pdf")).listed
    assert [one["id"] for one in listed] == ["v1", "v2"]


def test_an_older_version_that_nothing_names_is_left_out() -> None:
    listed = papers([], paper("v1", "制度.pdf", "superseded"), paper("v2", "制度.pdf")).listed
    assert [one["id"] for one in listed] == ["v2"]


def test_members_confirm_every_file_of_the_agreement_whatever_its_stored_name() -> None:
    agreement = papers([], paper("d1", "a_.pdf", kind="agreement"), paper("d2", "a_.pdf", kind="agreement")).agreement
    assert sorted(agreement.values()) == ["hash of d1", "hash of d2"]
