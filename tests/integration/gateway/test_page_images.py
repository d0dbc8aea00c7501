"""Pages of documents as images: readers can read them, and hostile documents cause no harm (spec G18)."""

from __future__ import annotations

import io
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from gateway.files import page_images
from gateway.files.page_images import AT_ONCE, MOST_PAGES, OF_ONE_READER, WAITING, PageImages, Source
from gateway.files.render_page import MEMORY, WIDTH
from services.kernel.errors import Conflict, DomainError, NotFound, Unavailable
from services.kernel.storage.filesystem import FileStore
from tests.unit.documents.hostile import LOCKED, image, pdf, png_of

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
MARK = "韦志明 · officer-450200 · 2026-11-30 19:32"
#: The content of a page with a black square in its lower left quarter.
SQUARE = b"0 0 200 200 re f"


class Shelf:
    """A store that contains documents, and the renderer of the documents' pages."""

    def __init__(self, store: FileStore) -> None:
        self.store = store
        self.images = PageImages(store)
        self._kept = 0

    def keep(self, content: bytes, media_type: str = PDF) -> Source:
        self._kept += 1
        source = Source(f"document-{self._kept}", f"documents/document-{self._kept}", len(content), media_type)
        self.store.put(source.key, content)
        return source

    def picture(self, source: Source, number: int = 1, mark: str = MARK) -> Image.Image:
        return Image.open(io.BytesIO(self.images.page(source, number, mark, "a reader")), formats=("WEBP",))

    def refusal(self, source: Source, number: int = 1) -> str:
        with pytest.raises(Conflict) as refused:
            self.images.page(source, number, MARK, "a reader")
        return refused.value.code


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(FileStore(tmp_path / "objects"))


# Pages that readers can see


def test_each_page_of_a_pdf_is_an_image_of_its_own(shelf: Shelf) -> None:
    source = shelf.keep(pdf(SQUARE, b"", b"300 500 100 100 re f"))
    assert shelf.images.count(source, "a reader") == {"pages": 3, "total": 3, "reason": None}
    first, second, third = (shelf.picture(source, number) for number in (1, 2, 3))
    assert {first.width, second.width, third.width} == {WIDTH}
    dark = [page.convert("L").point(lambda value: 255 if value < 40 else 0).getbbox() for page in (first, second, third)]
    assert dark[1] is None
    assert dark[0] is not None and dark[0][0] < 10 and dark[0][3] > first.height - 10
    assert dark[2] is not None and dark[2][0] > WIDTH / 3


@pytest.mark.parametrize(("form", "media_type"), [("PNG", PNG), ("JPEG", JPEG)])
def test_a_picture_is_a_document_of_one_page(shelf: Shelf, form: str, media_type: str) -> None:
    source = shelf.keep(image(form, (2480, 620)), media_type)
    assert shelf.images.count(source, "a reader") == {"pages": 1, "total": 1, "reason": None}
    assert shelf.picture(source).size == (WIDTH, WIDTH // 4)
    with pytest.raises(NotFound):
        shelf.images.page(source, 2, MARK, "a reader")


def test_a_photograph_stands_upright(shelf: Shelf) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # The camera was turned by a quarter.
    source = shelf.keep(image("JPEG", (800, 400), exif=turned), JPEG)
    shown = shelf.picture(source)
    assert shown.height == 2 * shown.width


def test_every_part_of_a_page_bears_the_readers_mark(shelf: Shelf) -> None:
    source = shelf.keep(pdf(b""))
    page, other = shelf.picture(source), shelf.picture(source, mark="another-reader · 2026-11-30 19:32")
    assert ImageChops.difference(page.convert("RGB"), other.convert("RGB")).getbbox() is not None
    half_width, half_height = page.width // 2, page.height // 2
    for left in (0, half_width):
        for top in (0, half_height):
            darkest, _ = page.convert("L").crop((left, top, left + half_width, top + half_height)).getextrema()
            assert darkest < 235
            assert darkest > 128, "the mark hides what is under it"


def test_the_first_three_hundred_pages_are_shown(shelf: Shelf) -> None:
    source = shelf.keep(pdf(*[b""] * (MOST_PAGES + 1)))
    counted = shelf.images.count(source, "a reader")
    assert (counted["pages"], counted["total"], counted["reason"]["code"]) == (MOST_PAGES, MOST_PAGES + 1, "first_pages_only")
    assert shelf.picture(source, MOST_PAGES).width == WIDTH
    with pytest.raises(NotFound):
        shelf.images.page(source, MOST_PAGES + 1, MARK, "a reader")


@pytest.mark.parametrize("number", [0, -1, 4, 10**6])
def test_a_page_that_is_not_there_is_not_found(shelf: Shelf, number: int) -> None:
    with pytest.raises(NotFound):
        shelf.images.page(shelf.keep(pdf(b"", b"", b"")), number, MARK, "a reader")


# Documents whose pages cannot be shown


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "no_pages"),
        (b"text", "text/plain", "no_pages"),
        (pdf(SQUARE, encrypt=LOCKED), PDF, "document_encrypted"),
        (b"%PDF-1.7 and nothing more", PDF, "document_unreadable"),
        (b"", PDF, "document_unreadable"),
        (pdf(SQUARE)[:200], PDF, "document_unreadable"),
        (image("PNG")[:60], PNG, "document_unreadable"),
        (b"\xff\xd8\xff\xe0 no picture", JPEG, "document_unreadable"),
        (image("GIF"), PNG, "document_unreadable"),
    ],
)
def test_a_document_without_pages_says_why_and_is_refused(shelf: Shelf, content: bytes, media_type: str, code: str) -> None:
    source = shelf.keep(content, media_type)
    assert shelf.refusal(source) == code
    counted = shelf.images.count(source, "a reader")
    if counted["reason"] is not None:  # A truncated picture has a valid header, so only its page is refused.
        assert (counted["pages"], counted["total"], counted["reason"]["code"]) == (0, None, code)
        assert all(counted["reason"]["message"].values())


def test_an_object_that_is_gone_is_an_unreadable_document(shelf: Shelf) -> None:
    source = shelf.keep(pdf(SQUARE))
    shelf.store.remove(source.key)
    assert shelf.refusal(source) == "document_unreadable"


# Hostile documents


def test_a_picture_of_more_pixels_than_memory_is_refused_unread(shelf: Shelf) -> None:
    assert shelf.refusal(shelf.keep(png_of(20_000, 20_000, rows=1), PNG)) == "page_too_complex"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"/F Do " * 3, id="a form that draws itself three times"),
        pytest.param(b"q Q " * (40 << 20), id="a stream of 160 MiB in 160 KiB"),
        pytest.param(b"[" * 5_000_000, id="arrays within arrays"),
    ],
)
def test_a_page_that_exhausts_the_renderer_ends_that_process_alone(shelf: Shelf, content: bytes) -> None:
    hostile, good = shelf.keep(pdf(content)), shelf.keep(pdf(SQUARE))
    try:
        shelf.images.page(hostile, 1, MARK, "a reader")
    except DomainError as refused:
        assert refused.code in ("page_too_complex", "document_unreadable", "pages_busy")
    assert shelf.picture(good).width == WIDTH


def test_a_renderer_that_dies_costs_its_page_and_is_not_started_for_it_again(shelf: Shelf) -> None:
    hostile = shelf.keep(pdf(b"/F Do " * 3))
    first = None
    while first != "page_too_complex":  # On a busy machine the limit of real time may be reached before the limit of CPU time.
        with pytest.raises(DomainError) as refused:
            shelf.images.page(hostile, 1, MARK, "a reader")
        first = refused.value.code
        assert first in ("page_too_complex", "pages_busy")
    shelf.store.remove(hostile.key)  # A renderer that reads from the store now would find no bytes.
    assert shelf.refusal(hostile) == "page_too_complex"


@pytest.mark.parametrize("box", [b"[0 0 1e9 1e9]", b"[0 0 1e-9 1]", b"[5 5 5 5]", b"[nan 0 -7 1e400]", b"[0 0 100 14400]"])
def test_no_size_of_a_page_makes_a_large_image(shelf: Shelf, box: bytes) -> None:
    shown = shelf.picture(shelf.keep(pdf(SQUARE, box=box)))
    assert 0 < shown.width <= WIDTH
    assert 0 < shown.height <= 3508


def test_files_broken_anywhere_are_shown_or_refused(shelf: Shelf) -> None:
    chance = random.Random(18)
    sound = {PDF: pdf(SQUARE, b"q 1 0 0 1 5 5 cm Q"), PNG: image("PNG", (40, 30)), JPEG: image("JPEG", (40, 30))}
    for media_type, content in sound.items():
        for _ in range(8):
            broken = bytearray(content)
            for _ in range(chance.randrange(1, 12)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            source = shelf.keep(bytes(broken), media_type)
            try:
                assert shelf.picture(source).width <= WIDTH
            except Conflict as refused:
                assert refused.code in page_images.REASONS


class Gate(FileStore):
    """A store whose reads wait until the test opens the gate."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.open = threading.Event()
        self.reading = threading.Event()

    def read_part(self, key: str, start: int, length: int) -> bytes:
        self.reading.set()
        assert self.open.wait(60)
        return super().read_part(key, start, length)


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[Shelf]:
    gate = Gate(tmp_path / "objects")
    yield Shelf(gate)
    gate.open.set()


def test_the_renderer_knows_no_secret_and_is_limited(gated: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHUANG_SECRET_OF_THE_TEST", "x")
    source = gated.keep(pdf(SQUARE))
    gate = gated.store
    assert isinstance(gate, Gate)
    with ThreadPoolExecutor(1) as pool:
        page = pool.submit(gated.images.page, source, 1, MARK, "a reader")
        assert gate.reading.wait(60)
        (renderer,) = _renderers()
        assert (renderer / "environ").read_bytes() == b""
        limits = {line[:26].strip(): line[26:].split()[0] for line in (renderer / "limits").read_text().splitlines()}
        assert limits["Max address space"] == str(MEMORY)
        assert limits["Max file size"] == limits["Max processes"] == limits["Max core file size"] == "0"
        gate.open.set()
        assert page.result()
    assert _renderers() == []


def test_requests_beyond_the_queue_are_asked_to_come_back(gated: Shelf) -> None:
    source = gated.keep(pdf(SQUARE))
    gate = gated.store
    assert isinstance(gate, Gate)
    asked = AT_ONCE + WAITING + 1
    with ThreadPoolExecutor(asked) as pool:
        pages = [pool.submit(gated.images.page, source, 1, MARK, f"reader {number}") for number in range(asked)]
        refused = _first_failure(pages)
        assert isinstance(refused, Unavailable)
        assert (refused.code, refused.details["retry_after"] > 0) == ("pages_busy", True)
        gate.open.set()
        served = [page for page in pages if page.exception() is None]
    assert len(served) == AT_ONCE + WAITING
    assert gated.picture(source).width == WIDTH


def test_a_reader_with_many_requests_leaves_places_to_others(gated: Shelf) -> None:
    # Given a reader who requests more pages of a document at the same time than the gateway renders or queues for one reader
    source = gated.keep(pdf(*[SQUARE] * (AT_ONCE + WAITING)))
    gate = gated.store
    assert isinstance(gate, Gate)
    with ThreadPoolExecutor(AT_ONCE + WAITING + 1) as pool:
        greedy = [pool.submit(gated.images.page, source, number, MARK, "greedy") for number in range(1, AT_ONCE + WAITING + 1)]
        assert isinstance(_first_failure(greedy), Unavailable)
        # When another reader requests a page
        other = pool.submit(gated.images.page, source, 1, MARK, "other")
        gate.open.set()
        # Then the other reader gets the page
        assert other.exception() is None
        served = [page for page in greedy if page.exception() is None]
    assert len(served) == OF_ONE_READER
    # And the first reader can read further pages
    assert gated.images.page(source, 1, MARK, "greedy")


def _first_failure(pages: list) -> BaseException:  # type: ignore[type-arg]
    failed = threading.Event()
    found: list[BaseException] = []

    def done(page) -> None:  # type: ignore[no-untyped-def]
        if error := page.exception():
            found.append(error)
            failed.set()

    for page in pages:
        page.add_done_callback(done)
    assert failed.wait(60)
    return found[0]


def _renderers() -> list[Path]:
    """Return the renderer processes that this process started."""
    children: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # The thread may have ended.
            children += [int(child) for child in (task / "children").read_text().split()]
    found = [Path(f"/proc/{child}") for child in children if os.path.exists(f"/proc/{child}")]
    return [process for process in found if b"render_page" in (process / "cmdline").read_bytes()]
