"""Pages of a document as images: the time of a first page, and the memory of the process that renders it."""

from __future__ import annotations

import io
import os
import random
import resource
import threading
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image

from bench.console import children, spread_of
from bench.infrastructure import median
from bench.table import Line
from gateway.files.page_images import PageImages, Source
from services.kernel.storage.filesystem import FileStore

#: The number of documents that are opened for the first time, and the number of pages of each.
DOCUMENTS, PAGES = 12, 300
#: The milliseconds that may pass at most from opening a document to its first page, and the memory in megabytes that the renderer
#: may use at most.
MOST_TIME, MOST_MEMORY = 1000, 128
KEY = "documents/scans"
MARK = "评审专家 · expert-1 · 2026-11-30 19:32"


def measure() -> list[Line]:
    """Open documents of scanned pages, as a reader does: request the number of pages, then the image of the first page."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name:
        store = FileStore(Path(name))
        size = _store_scans(store)
        images = PageImages(store)
        sources = [Source(f"document-{number}", KEY, size, "application/pdf") for number in range(DOCUMENTS)]
        before = _processor_time()
        times = [_first_page(images, source) for source in sources]
        processor = (_processor_time() - before) / DOCUMENTS
        with _Peak() as peak:
            images.page(sources[0], PAGES, MARK, "a reader")
    memory = peak.megabytes
    what = f"page images: a document of {PAGES} scanned pages, {size >> 20} MiB"
    spent, bar, cpu = median(times), f"≤ {MOST_TIME} ms", f"processor time {processor:.0f} ms"
    return [
        Line(
            f"{what}: first page",
            spread_of(times),
            cpu,
            f"{spent:.0f} ms",
            bar,
            spent <= MOST_TIME,
        ),
        Line(f"{what}: memory of the renderer", f"{memory} MB", "", f"{memory} MB", f"≤ {MOST_MEMORY} MB", memory <= MOST_MEMORY),
    ]


class _Peak:
    """Measures the largest memory, in megabytes, that a child process of this process uses to render pages during the block. It
    reads the memory every few milliseconds."""

    def __init__(self) -> None:
        self.megabytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.005):
            for child in children(os.getpid()):
                with suppress(OSError, ValueError, IndexError):  # The child process has ended meanwhile.
                    status = Path(f"/proc/{child}/status").read_text()
                    if "render_page" in Path(f"/proc/{child}/cmdline").read_text():
                        self.megabytes = max(self.megabytes, int(status.partition("VmHWM:")[2].split()[0]) // 1024)


def _processor_time() -> float:
    """Return the processor time, in milliseconds, of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def _first_page(images: PageImages, source: Source) -> float:
    """Return the milliseconds from opening a document to the image of its first page."""
    began = time.perf_counter()
    images.count(source, "a reader")
    images.page(source, 1, MARK, "a reader")
    return (time.perf_counter() - began) * 1000


def _store_scans(store: FileStore) -> int:
    """Store a PDF whose pages are scans at 150 dpi that do not compress well; return its size."""
    noise = random.Random(1).randbytes(310 * 438 * 3)
    scan = Image.frombytes("RGB", (310, 438), noise).resize((1240, 1754))
    file = io.BytesIO()
    scan.save(file, "JPEG", quality=60)
    document = pypdfium2.PdfDocument.new()
    for _ in range(PAGES):
        picture = pypdfium2.PdfImage.new(document)
        picture.load_jpeg(io.BytesIO(file.getvalue()), inline=True)
        picture.set_matrix(pypdfium2.PdfMatrix().scale(595, 842))
        page = document.new_page(595, 842)
        page.insert_obj(picture)
        page.gen_content()
    written = io.BytesIO()
    document.save(written)
    document.close()
    store.put(KEY, written.getvalue())
    return written.tell()
