"""Large files are uploaded in parts: each part is checked separately, missing parts are sent again after a lost connection, and
the parts are joined once."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from services.kernel.errors import Conflict, Invalid
from services.kernel.storage.base import MIN_PART_BYTES, Missing
from tests.integration.documents.conftest import LEAD, Desk

PARTS = [b"%PDF-1.7\n" + b"a" * MIN_PART_BYTES, b"b" * MIN_PART_BYTES, b"c" * 1000 + b"\n%%EOF"]
WHOLE = b"".join(PARTS)


def announce(desk: Desk, parts: list[bytes] = PARTS, **more: Any) -> dict[str, Any]:
    desk.bench.runtime._provided["settings"] = desk.bench.runtime.settings.__class__(max_document_mb="50")
    described = [{"size": len(part), "sha256": hashlib.sha256(part).hexdigest()} for part in parts]
    return desk.announce(WHOLE, parts=described, **more)


def parts(desk: Desk, id: str) -> list[dict[str, Any]]:
    return list(desk.bench.ask("upload_parts", LEAD, id=id, grant=desk.grant("application/1", "write")))


def test_a_file_in_parts_becomes_one_document(desk: Desk) -> None:
    announced = announce(desk)
    assert announced["upload"] is None
    for part, content in zip(announced["parts"], PARTS, strict=True):
        assert desk.send(part, content)
    document = desk.complete(announced["id"])
    assert (document["state"], document["size"]) == ("clean", len(WHOLE))
    assert b"".join(desk.store.read(f"documents/{announced['id']}")) == WHOLE
    for number in (1, 2, 3):
        with pytest.raises(Missing):
            list(desk.store.read(f"incoming/{announced['id']}.{number}"))


def test_after_a_broken_line_only_what_is_missing_is_sent_again(desk: Desk) -> None:
    announced = announce(desk)
    assert desk.send(announced["parts"][1], PARTS[1])
    with pytest.raises(Conflict, match="upload_missing"):
        desk.complete(announced["id"])
    now = parts(desk, announced["id"])
    assert [(part["number"], part["arrived"], part["upload"] is None) for part in now] == [
        (1, False, False),
        (2, True, True),
        (3, False, False),
    ]
    for part in now:
        if not part["arrived"]:
            assert desk.send(part, PARTS[part["number"] - 1])
    assert desk.complete(announced["id"])["state"] == "clean"
    # A second completion changes nothing.
    assert desk.complete(announced["id"])["state"] == "clean"
    with pytest.raises(Conflict, match="no_parts_expected"):
        parts(desk, announced["id"])


def test_a_part_that_is_not_what_was_announced_is_refused(desk: Desk) -> None:
    announced = announce(desk)
    assert not desk.send(announced["parts"][0], PARTS[0][:-1] + b"X")


def test_parts_that_make_another_file_make_no_document(desk: Desk) -> None:
    swapped = [PARTS[0], b"x" * MIN_PART_BYTES, PARTS[2]]
    announced = announce(desk, swapped)
    for part, content in zip(announced["parts"], swapped, strict=True):
        assert desk.send(part, content)
    assert desk.complete(announced["id"])["reason"]["code"] == "checksum_mismatch"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [([b"a", WHOLE[1:]], "part_too_small"), ([PARTS[0], PARTS[1]], "parts_differ")],
)
def test_parts_that_could_not_be_are_refused(desk: Desk, wrong: list[bytes], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        announce(desk, wrong)
    assert refused.value.errors[0].code == code


def test_parts_nobody_completed_go_after_a_day(desk: Desk) -> None:
    announced = announce(desk)
    desk.send(announced["parts"][0], PARTS[0])
    desk.bench.clock.advance(hours=25)  # type: ignore[attr-defined]
    desk.bench.runtime.sweep()
    assert not desk.store.exists(f"incoming/{announced['id']}.1")
