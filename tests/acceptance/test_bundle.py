"""All documents of a case are downloaded as one ZIP archive: an index, and every version of every document as it was stored."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile

from deploy.demo.formation import Formation
from deploy.demo.people import People


def test_all_documents_of_a_case_come_in_one_archive(people: People, call: str) -> None:
    # Given an application with its documents, of which one was uploaded in two versions
    case = Formation.complete(people, call)
    names = {document["filename"] for document in case.lead.all("/documents", subject=case.subject)}
    case.lead.upload(case.subject, "attachment", "=附件 说明.txt", "第一版".encode())
    second = "第二版，内容更多".encode()
    case.lead.upload(case.subject, "attachment", "=附件 说明.txt", second)
    # When the lead downloads the archive of all documents
    answer = case.lead.send("GET", f"{case.path}/documents.zip")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
    # Then the archive has every file that its index lists, with file names in Chinese and the stored bytes
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    assert archive.testzip() is None
    rows = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
    assert {row["文件 file"] for row in rows} | {"index.csv"} == set(archive.namelist())
    assert {row["文件名 name"] for row in rows} == names | {'="=附件 说明.txt"'}
    for row in rows:
        assert hashlib.sha256(archive.read(row["文件 file"])).hexdigest() == row["SHA-256"]
    assert archive.read("attachment/=附件 说明.txt") == second
    assert archive.read("attachment/=附件 说明.v1.txt") == "第一版".encode()
    # and another applicant cannot download the archive
    assert people.role("applicant").send("GET", f"{case.path}/documents.zip").status == 404
