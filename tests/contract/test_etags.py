"""The ETag of a version is the same whether or not the response was compressed, on every route of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.demo.client import Account, Answer
from tests.contract.access_table import READERS
from tests.contract.acts import ACTORS
from tests.contract.conftest import Running
from tests.contract.personas import Cast
from tests.contract.routes import document_of, operations
from tests.contract.test_access_table import API, blank

IDENTITY, ENCODINGS = "identity", ("gzip", "br")
#: PUT and PATCH routes whose objects have no versions: the account's own data and settings, uploaded bytes, a colleague's rights.
UNVERSIONED = {"/me", "/me/password", "/me/settings", "/notification-preferences", "/uploads/{}", "/delegations/{}"}


@pytest.fixture(autouse=True)
def every_answer_is_compressed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(running.app.config, "COMPRESS_MIN_SIZE", 0)


def edits(running: Running) -> Iterator[tuple[str, str]]:
    """Yield, for each route that takes If-Match, its action in the access table and the path at which the object's version is
    read."""
    acts = {f"{act.partition(' ')[0]} {blank(act.partition(' ')[2])}": act for act in ACTORS}
    paths = {blank(path): path for path in READERS}
    for method, path, operation in operations(document_of(running)):
        named = [one.get("$ref", "").rpartition("/")[2] for one in operation.get("parameters", ())]
        own = blank(path.removeprefix(API))
        if "IfMatch" in named and own not in UNVERSIONED:
            shown = own if own in paths else own.rpartition("/")[0]
            yield acts[f"{method} {own}"], paths[shown]


def test_every_route_that_takes_if_match_takes_the_etag_of_a_compressed_answer(running: Running, cast: Cast) -> None:
    found = list(edits(running))
    assert len(found) >= 6
    for act, shown in found:
        method, _, path = act.partition(" ")
        body, (persona, *_) = ACTORS[act]
        account, path, shown = cast.account(persona), path.format_map(cast.things), shown.format_map(cast.things)
        for encoding in (IDENTITY, *ENCODINGS):
            # Given an account that has read the object in this encoding
            read = account.send("GET", shown, headers={"Accept-Encoding": encoding})
            assert (read.status, read.headers.get("Content-Encoding", IDENTITY)) == (200, encoding), shown
            # When the account changes the object and names the ETag that it read
            edited = account.send(method, path, body=body, headers={"If-Match": read.headers["ETag"]})
            # Then the ETag is accepted as that of the present version, even if the change itself is refused for another reason
            assert edited.status != 412, (act, encoding, edited.body)
        refused = account.send(method, path, body=body, headers={"If-Match": '"0"'})
        assert refused.status == 412 or edited.status >= 400, act


@pytest.mark.parametrize("path", READERS)
def test_what_a_client_has_is_not_sent_again_with_and_without_compression(cast: Cast, path: str) -> None:
    for persona in READERS[path][:1]:
        if persona == "nobody":
            continue
        account, url = cast.account(persona), path.format_map(cast.things)
        plain = account.send("GET", url, headers={"Accept-Encoding": IDENTITY})
        if "ETag" not in plain.headers:
            continue
        # The state of a webhook changes while its deliveries are sent. If the ETag has changed, the test compares again, with the
        # new response.
        while (differences := _differences(account, url, plain)) and (
            (later := account.send("GET", url, headers={"Accept-Encoding": IDENTITY})).headers["ETag"] != plain.headers["ETag"]
        ):
            plain = later
        assert differences == []


def _differences(account: Account, url: str, plain: Answer) -> list[str]:
    """Return, for each encoding, how the responses differ from the expected ones: the same ETag, and 304 if the client already
    has the version `plain`."""
    etag, found = plain.headers["ETag"], []
    for encoding in (IDENTITY, *ENCODINGS):
        asked = {"Accept-Encoding": encoding}
        if account.send("GET", url, headers=asked).headers["ETag"] != etag:
            found.append(f"{encoding}: another ETag")
        for held in (etag, f"W/{etag}"):
            again = account.send("GET", url, headers=asked | {"If-None-Match": held})
            if (again.status, again.body, again.headers["ETag"]) != (304, b"", etag):
                found.append(f"{encoding}, {held} held: {again.status}")
        other = account.send("GET", url, headers=asked | {"If-None-Match": '"0"'})
        if (other.status, other.body) != (200, plain.body):
            found.append(f"{encoding}, another held: {other.status}")
    return found
