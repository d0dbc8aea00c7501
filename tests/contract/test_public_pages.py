"""The responses that the public reads without an account, and how long caches may keep them."""

from __future__ import annotations

import pytest

from deploy.demo.oversight import Calendar
from tests.contract.conftest import Running
from tests.contract.personas import Cast

API = "/api/v1"


@pytest.mark.parametrize("version", ["current", "guangxi_trial@1"])
def test_the_regulation_is_public_by_clause(running: Running, version: str) -> None:
    # Given a reader without an account
    client = running.app.test_client()
    # When the client reads the regulation
    read = client.get(f"{API}/policies/{version}/articles")
    body = read.get_json()
    # Then the response has the sixteen articles in both languages, an anchor for each clause, and Chinese as the prevailing
    # language
    assert (body["policy"], body["prevailing"], len(body["articles"])) == ("guangxi_trial@1", "zh", 16)
    point = body["articles"][4]["items"][1]["points"][2]
    assert (point["id"], point["anchor"]) == ("A5(2)3", "A5-2-3")
    assert "3000万元" in point["text"]["zh"] and "30 million yuan" in point["text"]["en"]
    # And a cache may keep the response for five minutes
    assert read.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(f"{API}/policies/{version}/articles", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_no_other_version_has_a_text(running: Running) -> None:
    assert running.app.test_client().get(f"{API}/policies/guangxi_trial@99/articles").status_code == 404


def test_one_consortium_of_the_register_is_public_with_its_units(running: Running, cast: Cast) -> None:
    # Given a consortium in the register
    client, number = running.app.test_client(), cast.things["certificate"]
    # When a reader without an account looks the consortium up by its number
    read = client.get(f"{API}/public/consortia/{number}").get_json()
    # Then the response shows the consortium's units with their tiers, the lead first, and names no person
    assert (read["number"], read["id"], read["units"][0]["uscc"]) == (number, cast.things["consortium"], read["lead"]["uscc"])
    assert {unit["tier"] for unit in read["units"][1:]} <= {"core", "close", "general"}
    assert "people" not in read
    assert client.get(f"{API}/public/consortia/GXCX-1900-0001").status_code == 404


def test_the_public_register_is_filtered_by_status_and_recommender(running: Running, cast: Cast) -> None:
    client, number = running.app.test_client(), cast.things["certificate"]

    def listed(**query: str) -> set[str]:
        return {item["number"] for item in client.get(f"{API}/public/consortia", query_string=query).get_json()["items"]}

    assert number in listed(recommender="450200", status="active")
    assert listed(recommender="450300") == set()
    assert set(listed(status="rectifying")) == listed() - listed(status="active")


def test_a_list_says_on_its_first_page_how_many_there_are(running: Running, cast: Cast) -> None:
    # Given a register with more than one consortium, of which a reader without an account requests one entry a page
    client = running.app.test_client()
    first = client.get(f"{API}/public/consortia", query_string={"limit": 1}).get_json()
    # Then the first page has the total number, and the next page has none, so that nothing is counted twice
    assert first["total"] == len(client.get(f"{API}/public/consortia").get_json()["items"]) > 1
    second = client.get(f"{API}/public/consortia", query_string={"limit": 1, "cursor": first["next_cursor"]}).get_json()
    assert second["total"] is None


def test_the_register_is_public_in_numbers(running: Running, cast: Cast) -> None:
    # Given two consortia with the same units, one of them in rectification
    client = running.app.test_client()
    listed = client.get(f"{API}/public/consortia").get_json()["items"]
    # When a reader without an account requests the statistics
    read = client.get(f"{API}/public/statistics").get_json()
    # Then the numbers of consortia by status, recommender, city and grade are those of the register, as of the platform's date
    assert read["consortia"] == len(listed) == sum(read["by_status"].values())
    assert read["by_status"]["rectifying"] == 1
    assert read["as_of"] == str(Calendar(running.people).today)
    [row] = read["by_recommender"]
    assert (row["bureau"], row["consortia"], row["units"]) == ("450200", len(listed), read["units"])
    assert 0 < row["enterprises"] == read["enterprises"] <= read["units"]
    assert [city["consortia"] for city in read["by_city"]] == [len(listed)]
    assert read["by_grade"] == {"rectify": 1}


@pytest.mark.parametrize("path", ["consortia", "publicity", "statistics", "evaluations"])
def test_public_pages_may_be_kept_and_are_not_sent_twice(running: Running, cast: Cast, path: str) -> None:
    client = running.app.test_client()
    read = client.get(f"{API}/public/{path}")
    assert read.headers["Cache-Control"] == "public, max-age=60"
    assert "Accept-Language" in read.headers["Vary"]
    again = client.get(f"{API}/public/{path}", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_grades_in_publicity_stand_beside_the_applications(running: Running, cast: Cast) -> None:
    # Given one grade that is in effect, and no grade in its publicity period
    client = running.app.test_client()
    in_effect = client.get(f"{API}/public/evaluations", query_string={"in_effect": "true"}).get_json()["items"]
    assert [item["in_effect"] for item in in_effect] == [True]
    # Then the list of current publicity has no grade
    assert client.get(f"{API}/public/publicity").get_json()["grades"] == []
    assert client.get(f"{API}/public/evaluations", query_string={"in_effect": "false"}).get_json()["items"] == []


def test_a_call_lists_the_documents_it_asks_for_in_the_readers_language(running: Running, cast: Cast) -> None:
    client, path = running.app.test_client(), f"{API}/calls/{cast.things['call']}"

    def titles(language: str) -> dict[str, str]:
        read = client.get(path, headers={"Accept-Language": language}).get_json()
        return {paper["kind"]: paper["title"] for paper in read["required_documents"] if paper["required"]}

    assert titles("zh")["agreement"] == "组建协议"
    assert titles("en")["agreement"] == "formation agreement"


def test_the_files_of_a_call_are_read_without_an_account_and_added_by_the_province(running: Running, cast: Cast) -> None:
    client, call = running.app.test_client(), cast.things["call"]
    before = client.get(f"{API}/calls/{call}")
    assert before.get_json()["files"] == []
    # When the province uploads two versions of a file for the call, then everybody sees the newer one in the call's list of files
    province = cast.account("province officer")
    province.upload(f"call/{call}", "call_file", "申报通知附件.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
    newest = province.upload(f"call/{call}", "call_file", "申报通知附件.pdf", b"%PDF-1.4\n2 0 obj\n<<>>\nendobj\n%%EOF\n")
    again = client.get(f"{API}/calls/{call}", headers={"If-None-Match": before.headers["ETag"]})
    [listed] = again.get_json()["files"]
    assert (listed["id"], listed["filename"], listed["media_type"]) == (newest, "申报通知附件.pdf", "application/pdf")
    # And everybody can download this version
    served = client.get(f"{API}/calls/{call}/files/{newest}")
    assert served.status_code == 302
    path = "/api/v1" + served.headers["Location"].partition("/api/v1")[2]
    assert client.get(path).data.startswith(b"%PDF-1.4\n2 0")
    # And a document that does not belong to the call cannot be downloaded in this way, and neither a lead nor a city may add
    # files to the call
    assert client.get(f"{API}/calls/{call}/files/{cast.things['document']}").status_code == 404
    announced = {"subject": f"call/{call}", "kind": "call_file", "filename": "a.pdf", "size": 9, "sha256": "0" * 64}
    assert cast.account("lead").send("POST", "/documents", body=announced).status == 403
    assert cast.account("own officer").send("POST", "/documents", body=announced).status == 403
