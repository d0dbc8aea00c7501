"""Files that were made to harm the program that opens them, and some that are merely unusual."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def pdf(*contents: bytes, encrypt: bytes = b"", box: bytes = b"[0 0 595 842]") -> bytes:
    """Return a PDF with a page for each content stream; the streams are compressed."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * number) for number in range(len(contents)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents))]
    for number, content in enumerate(contents):
        stream = zlib.compress(content, 9)
        own = 4 + 2 * number
        resources = b"<< /XObject << /F %d 0 R >> >>" % own
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents %d 0 R /Resources %s >>" % (box, own, resources))
        form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources %s" % resources
        objects.append(b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (form, len(stream), stream))
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, encrypt, start)


def image(form: str, size: tuple[int, int] = (800, 600), **how: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "navy").save(file, form, **how)
    return file.getvalue()


def png_of(width: int, height: int, rows: int) -> bytes:
    """Return a PNG that claims this size but has only the first rows of its pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    pixels = packer.compress(bytes(1 + width * 8) * rows) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


#: The entries of a PDF's trailer by which the PDF is encrypted with a password that is not empty.
LOCKED = b"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"11" * 32, b"22" * 32)
