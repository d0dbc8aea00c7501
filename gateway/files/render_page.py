"""The page renderer: a separate program that renders one page of one document and ends.

A document may be hostile. Therefore the program limits its own memory, CPU time and files before it reads any byte of the
document, has no environment variables and opens no file of the platform. It asks the gateway for the document's bytes, block by
block, over its standard streams:

- The gateway sends one line of JSON: `{"media_type", "size", "page", "watermark", "font"}`; `page` 0 asks only for the count.
- The renderer sends frames of `FRAME`: `READ, offset, length` asks for bytes, which the gateway sends back unchanged;
  `ANSWER, length, length` is followed by one JSON object and the image, and ends the conversation.

It imports nothing of the platform: it runs by its path in isolated mode.
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypedDict

FRAME = struct.Struct(">cQI")
READ, ANSWER = b"r", b"a"
#: The number of bytes that one request to the gateway asks for, and the number of such blocks that are cached.
BLOCK, BLOCKS = 256 << 10, 64
#: The bytes of address space and the seconds of CPU that one page may use. A process that exceeds them ends.
MEMORY, CPU_SECONDS = 512 << 20, 5
#: The size of a page's image in pixels: its width, and the greatest height, for a very long page.
WIDTH, HEIGHT = 1240, 3508
#: The most pixels that an image may have; a larger PNG or JPEG file is refused before it is decoded.
LARGEST_IMAGE = 80_000_000
#: The largest scale at which a page is rendered, in pixels per point.
MOST_SCALE = 4.0
#: The error code FPDF_ERR_PASSWORD of the library pdfium.
PASSWORD_NEEDED = 4


class Task(TypedDict):
    """The page to render. `page` 0 asks only for the number of pages; `font`: the path of the watermark's font."""

    media_type: str
    size: int
    page: int
    watermark: str
    font: str


class Result(TypedDict, total=False):
    """The result of a task: the number of pages, or the code of the reason why the page cannot be rendered."""

    pages: int
    refused: str


class Refused(Exception):
    """The page cannot be rendered; the argument is the code of the reason."""


def limit() -> None:
    """Limit the resources of this process, in a way that the process cannot undo."""
    for resource_kind, maximum in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(resource_kind, (maximum, maximum))
    # If the container runs out of memory, the kernel must kill this process and not the gateway.
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


class RemoteFile(io.RawIOBase):
    """The document as a file object. It requests bytes from the gateway when they are read."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0
        self._block = lru_cache(BLOCKS)(self._fetch)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence], 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        number, start = divmod(self._at, BLOCK)
        if self._at >= self._size:
            return 0
        part = self._block(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _fetch(self, number: int) -> bytes:
        start = number * BLOCK
        length = min(BLOCK, self._size - start)
        _send(FRAME.pack(READ, start, length))
        block = sys.stdin.buffer.read(length)
        if len(block) < length:
            raise EOFError("the gateway has gone")
        return block


def render(task: Task) -> tuple[Result, bytes]:
    """Return the number of pages, and the image of the page that the task names; empty for page 0. Raises Refused if the page
    cannot be rendered."""
    file = io.BufferedReader(RemoteFile(task["size"]), BLOCK)
    of_type = _render_pdf if task["media_type"] == "application/pdf" else _render_image
    pages, image = of_type(file, task["page"])
    if image is None:
        return {"pages": pages}, b""
    _draw_watermark(image, task["watermark"], task["font"])
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", quality=80, method=2)
    return {"pages": pages}, encoded.getvalue()


def _render_pdf(file: Any, page: int) -> tuple[int, Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
        count = len(document)
        if page not in range(1, count + 1):
            return count, None
        document.init_forms()  # Needed to draw the contents of filled-in form fields.
        pdf_page = document[page - 1]
        width, height = pdf_page.get_size()
        scale = min(WIDTH / max(width, 1), HEIGHT / max(height, 1), MOST_SCALE)
        bitmap = pdf_page.render(scale=scale, rev_byteorder=True)
        return count, bitmap.to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == PASSWORD_NEEDED
        raise Refused("document_encrypted" if locked else "document_unreadable") from error


def _render_image(file: Any, page: int) -> tuple[int, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit is switched off, because `LARGEST_IMAGE` applies.
    try:
        image = Image.open(file, formats=("PNG", "JPEG"))
        if image.width * image.height > LARGEST_IMAGE:
            raise Refused("page_too_complex")
        if page != 1:
            return 1, None
        image.draft("RGB", (WIDTH, HEIGHT))
        image.thumbnail((WIDTH * 2, HEIGHT * 2))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
        upright.thumbnail((WIDTH, HEIGHT))
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(upright, mask=upright)
        return 1, paper
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, struct.error) as error:
        raise Refused("document_unreadable") from error


def _draw_watermark(image: Any, text: str, font: str) -> None:
    """Write the watermark diagonally across the whole image, so that it cannot be removed by cropping."""
    from PIL import Image, ImageDraw, ImageFont

    size = max(image.width // 48, 10)
    face = ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = (int(edge) for edge in face.getbbox(text))
    line = Image.new("L", (right - left + 2 * size, bottom - top + size))
    ImageDraw.Draw(line).text((size - left, size // 2 - top), text, fill=58, font=face)
    slanted = line.rotate(24, expand=True, resample=Image.Resampling.BICUBIC)
    across, down = slanted.width, max(slanted.height, 6 * size)
    for row, y in enumerate(range(-slanted.height // 2, image.height, down)):
        for x in range(-(row % 2) * across // 2, image.width, across):
            image.paste((70, 80, 95), (x, y), slanted)


def _send(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def main() -> None:
    limit()
    task: Task = json.loads(sys.stdin.buffer.readline())
    try:
        head, image = render(task)
    except Refused as refusal:
        head, image = {"refused": str(refusal)}, b""
    except (MemoryError, RecursionError, OverflowError):
        head, image = {"refused": "page_too_complex"}, b""
    head_bytes = json.dumps(head).encode()
    _send(FRAME.pack(ANSWER, len(head_bytes), len(image)) + head_bytes + image)
    os._exit(0)  # End without clean-up, because a hostile document may have left its objects in any state.


if __name__ == "__main__":
    main()
