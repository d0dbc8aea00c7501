"""Pages of documents as images. A short-lived process with limited resources renders each page and prints the reader's watermark
on it.

Uploaded documents may be hostile: a file that crashes, overloads or stalls the renderer affects only that process.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Generic, TypedDict, TypeVar

import pylopdf_fonts_zh_cn

from gateway.files import render_page
from gateway.files.render_page import ANSWER, BLOCK, FRAME, READ, Result, Task
from services.contracts.document_answers import ReasonAnswerDict
from services.kernel.errors import Conflict, NotFound, Text, Unavailable
from services.kernel.storage.base import Missing, Store

#: The largest number of pages of one document that can be read as images. To see the other pages, the reader downloads the
#: document.
MOST_PAGES = 300
#: Media types whose pages can be rendered.
MEDIA_TYPES = frozenset(("application/pdf", "image/png", "image/jpeg"))
#: Seconds that rendering one page may take in total, including the time for fetching bytes from the store.
PATIENCE = 20
#: The number of pages that one gateway process renders concurrently, the number of further requests that may wait, and the
#: seconds for which each may wait.
AT_ONCE, WAITING, TURN_SECONDS = 1, 3, 10
#: The number of requests of one reader that may be rendered or wait, so that a reader with slow documents leaves capacity for
#: others.
OF_ONE_READER = 2
#: The largest JSON object and the largest image that are accepted from the renderer, in bytes.
LARGEST_HEAD, LARGEST_IMAGE = 1 << 10, 8 << 20
#: The number of page counts, and the number of refusals, that a gateway process caches.
REMEMBERED = 2000

REASONS = {
    "no_pages": Text(
        "此类文件不能在浏览器中逐页阅读，请下载后查看。", "Files of this type cannot be read page by page; download the file."
    ),
    "document_encrypted": Text(
        "该文件设有打开密码，不能逐页阅读，请下载后查看。", "This file needs a password to open; download it to read it."
    ),
    "document_unreadable": Text(
        "该文件已损坏或格式不规范，不能逐页阅读，请下载后查看。", "This file is damaged or malformed; download it to read it."
    ),
    "page_too_complex": Text(
        "该页内容过大或过于复杂，不能在浏览器中显示，请下载后查看。",
        "This page is too large or too complex to be shown here; download the file to read it.",
    ),
    "first_pages_only": Text(
        f"只能逐页阅读前 {MOST_PAGES} 页，其余各页请下载后查看。",
        f"Only the first {MOST_PAGES} pages can be read here; download the file to read the rest.",
    ),
}
_FONT = str(Path(pylopdf_fonts_zh_cn.__file__).parent / "NotoSansSC-Regular.otf")

Finding = TypeVar("Finding")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A document whose pages are rendered: the key and size of its object, and its media type."""

    id: str
    key: str
    size: int
    media_type: str


class PageCount(TypedDict):
    """The number of pages of a document. `total`: of all pages, null if unknown; `pages`: of those that can be read as images,
    which are the first ones; `reason`: why these are not all pages."""

    pages: int
    total: int | None
    reason: ReasonAnswerDict | None


class _Remembered(Generic[Finding]):
    """A cache of the last `REMEMBERED` results of rendering documents. A result stays valid, because documents never change."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, int], Finding] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int]) -> Finding | None:
        """Return the cached result; None if there is none."""
        with self._lock:
            return self._found.get(key)

    def put(self, key: tuple[str, int], finding: Finding) -> None:
        with self._lock:
            self._found[key] = finding
            if len(self._found) > REMEMBERED:
                self._found.popitem(last=False)


class _Readers:
    """The rendering requests of each reader. A reader's second request begins to wait for a rendering slot only after the first
    is done, so that other readers are served between two pages of one reader."""

    def __init__(self) -> None:
        self._present: dict[str, tuple[threading.Lock, int]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def lock_of(self, reader: str) -> Iterator[threading.Lock]:
        """Yield the reader's lock, which each rendering request of the reader must take, so that they run one after the other.
        Raises Unavailable if the reader already has `OF_ONE_READER` requests."""
        with self._lock:
            own_lock, count = self._present.get(reader, (threading.Lock(), 0))
            if count == OF_ONE_READER:
                raise _busy()
            self._present[reader] = own_lock, count + 1
        try:
            yield own_lock
        finally:
            with self._lock:
                _, count = self._present.pop(reader)
                if count > 1:
                    self._present[reader] = own_lock, count - 1


class PageImages:
    """Renders pages of the documents in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._queue = threading.BoundedSemaphore(AT_ONCE + WAITING)
        self._readers = _Readers()
        self._counts: _Remembered[int] = _Remembered()
        #: Document and page → the code of the reason why the page could not be rendered. The reasons are cached, so that a
        #: hostile page costs its CPU time only once.
        self._refusals: _Remembered[str] = _Remembered()

    def count(self, source: Source, reader: str) -> PageCount:
        """Return the number of pages of a document. `reader` is the person or organisation that asks. Raises Unavailable if too
        many requests wait for the renderer or if the store is unreachable."""
        total = self._counts.get((source.id, 0))
        if total is None:
            try:
                total = self._render(source, 0, "", reader)[0]
            except Conflict as refusal:
                return {"pages": 0, "total": None, "reason": _reason(refusal.code)}
        viewable = min(total, MOST_PAGES)
        return {"pages": viewable, "total": total, "reason": _reason("first_pages_only") if viewable < total else None}

    def page(self, source: Source, number: int, watermark: str, reader: str) -> bytes:
        """Return the image of one page as WebP, with the watermark. `reader` is the person or organisation that asks. Raises
        NotFound if the page does not exist, Conflict if the document's pages cannot be rendered, Unavailable if too many requests
        wait for the renderer or if the store is unreachable."""
        if number not in range(1, MOST_PAGES + 1):
            raise _no_such_page()
        total, image = self._render(source, number, watermark, reader)
        if number > total:
            raise _no_such_page()
        return image

    def _render(self, source: Source, page: int, watermark: str, reader: str) -> tuple[int, bytes]:
        """Return the number of pages and the image of one page; page 0 has no image. Raises Conflict if the page cannot be
        rendered."""
        code = None if source.media_type in MEDIA_TYPES else "no_pages"
        if code := code or self._refusals.get((source.id, page)):
            raise refused(code)
        with self._rendering_slot(reader):
            head, image = self._run(source, page, watermark)
        if code := head.get("refused"):
            self._refusals.put((source.id, page), code)
            raise refused(code)
        self._counts.put((source.id, 0), head["pages"])
        return head["pages"], image

    @contextmanager
    def _rendering_slot(self, reader: str) -> Iterator[None]:
        """Occupy one of the few rendering slots until the end of the block. Raises Unavailable if none becomes free in time, or
        if this reader has too many requests."""
        with (
            self._readers.lock_of(reader) as own_lock,
            _hold(self._queue, 0),
            _hold(own_lock, TURN_SECONDS),
            _hold(self._turns, TURN_SECONDS),
        ):
            yield

    def _run(self, source: Source, page: int, watermark: str) -> tuple[Result, bytes]:
        """Run the renderer and return its answer. If it died, or sent something that the protocol does not allow, the page is
        reported as too complex."""
        task: Task = {
            "media_type": source.media_type,
            "size": source.size,
            "page": page,
            "watermark": watermark,
            "font": _FONT,
        }
        command = [sys.executable, "-I", str(render_page.__file__)]
        late = threading.Event()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
        ) as process:
            timer = threading.Timer(PATIENCE, _kill, (process, late))
            timer.daemon = True
            timer.start()
            try:
                answer = self._converse(process, source, task)
            except Missing:
                answer = {"refused": "document_unreadable"}, b""
            finally:
                timer.cancel()
                process.kill()
                with suppress(OSError):
                    process.stdin.close()  # type: ignore[union-attr]
        if answer is None and late.is_set():
            raise _busy()
        if answer is None:
            log.warning("the page renderer ended with %s at page %s of document %s", process.returncode, page, source.id)
            return {"refused": "page_too_complex"}, b""
        return answer

    def _converse(self, process: subprocess.Popen[bytes], source: Source, task: Task) -> tuple[Result, bytes] | None:
        """Send the renderer the bytes that it asks for until it answers. Return None if the renderer ends without an answer."""
        stdin, stdout = _pipes(process)
        try:
            stdin.write(json.dumps(task).encode() + b"\n")
            stdin.flush()
            while len(frame := stdout.read(FRAME.size)) == FRAME.size:
                kind, first, second = FRAME.unpack(frame)
                if kind == READ and second <= BLOCK and first + second <= source.size:
                    stdin.write(self._store.read_part(source.key, first, second))
                    stdin.flush()
                elif kind == ANSWER and first <= LARGEST_HEAD and second <= LARGEST_IMAGE:
                    head, image = stdout.read(first), stdout.read(second)
                    return (json.loads(head), image) if len(image) == second else None
                else:
                    return None
        except (BrokenPipeError, ValueError):
            return None
        return None


@contextmanager
def _hold(lock: threading.Lock | threading.Semaphore, seconds: float) -> Iterator[None]:
    """Acquire a lock or a semaphore, and release it at the end of the block. Raises Unavailable if it does not become free in
    time."""
    if not lock.acquire(timeout=seconds):
        raise _busy()
    try:
        yield
    finally:
        lock.release()


def _kill(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def refused(code: str) -> Conflict:
    """Return the error that says why a document's pages cannot be shown."""
    text = REASONS[code]
    return Conflict(code, text.zh, text.en)


def _reason(code: str) -> ReasonAnswerDict:
    return {"code": code, "message": REASONS[code].to_dict()}


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None and process.stdout is not None
    return process.stdin, process.stdout


def _no_such_page() -> NotFound:
    return NotFound(
        "no_such_page",
        "没有这一页，或该页须下载文件后查看。",
        "There is no such page, or it is read by downloading the document.",
    )


def _busy() -> Unavailable:
    return Unavailable(
        "pages_busy", "同时查看文件的人较多，请稍后重试。", "Many people are reading documents at the moment; please try again."
    )
