"""Small PDFs written by hand, honest and hostile, of which every byte is ours."""

import io
import zlib
from collections.abc import Mapping, Sequence


def a_pdf(
    *pages: Sequence[str],
    info: Mapping[str, str] | None = None,
    catalog: bytes = b"",
    objects: Sequence[bytes] = (),
    first_content: bytes | None = None,
) -> bytes:
    """A PDF with these lines on its pages; `objects` follow the pages', and `catalog` is added to the catalogue.

    Args:
        pages: lines of each page; one page where none is given.
        info: properties by name.
        catalog: more entries of the catalogue.
        objects: more objects; the first one has number 3 + 2 × pages + 1.
        first_content: the whole content object of the first page, in place of its lines.
    """
    pages = pages or (["A page"],)
    numbers = [4 + 2 * place for place in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    whole = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in zip(numbers, pages, strict=True):
        whole.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        content = _lines(lines)
        whole.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    if first_content is not None:
        whole[4] = first_content
    whole += objects
    if info:
        whole.append(
            b"<< " + b" ".join(b"/%s (%s)" % (key.encode(), _escaped(value)) for key, value in info.items()) + b" >>"
        )
    return _file(whole, f"/Info {len(whole)} 0 R" if info else "")


def _lines(lines: Sequence[str]) -> bytes:
    return b"BT /F1 11 Tf 15 TL 64 780 Td\n%s\nET" % b"\n".join(b"(%s) Tj T*" % _escaped(line) for line in lines)


def _escaped(line: str) -> bytes:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252", "replace")


def _file(objects: Sequence[bytes], more: str) -> bytes:
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {more} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(written)


def a_script_pdf() -> bytes:
    """A PDF that runs a script as it is opened."""
    return a_pdf(catalog=b"/OpenAction << /S /JavaScript /JS (app.alert\\('hello'\\)) >>")


def a_hidden_script_pdf() -> bytes:
    """The same, its script packed away in a stream of objects."""
    body = b"7 0 << /S /J#61vaScript /JS (app.alert(1)) >>"
    packed = zlib.compress(body)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
    return a_pdf(objects=[stream % (len(packed), packed)])


def a_launching_pdf() -> bytes:
    """A PDF that wants to start a program, and carries a file."""
    return a_pdf(
        catalog=b"/OpenAction << /S /Launch /F (calc.exe) >> /Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>",
        objects=[
            b"<< /Type /Filespec /F (a) /EF << /F 7 0 R >> >>",
            b"<< /Type /EmbeddedFile /Length 1 >>\nstream\nx\nendstream",
        ],
    )


def a_bomb(megabytes: int) -> bytes:
    """A PDF of a few kilobytes whose first page unpacks to so many megabytes."""
    squeezer = zlib.compressobj(9)
    block = b"q Q " * (1 << 18)
    inner = b"".join(squeezer.compress(block) for _ in range(megabytes)) + squeezer.flush()
    outer = zlib.compress(inner, 9)
    content = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream" % (len(outer), outer)
    return a_pdf(["x"], first_content=content)


def a_long_pdf(pages: int) -> bytes:
    """A PDF of so many empty pages."""
    kids = b"3 0 R " * pages
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
        ],
        "",
    )


def a_locked_pdf(*lines: str, password: str = "secret") -> bytes:
    """A PDF that opens with a password only."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption(password, ownerPassword="owner"))
    for place, line in enumerate(lines or ("A page",)):
        canvas.drawString(72, 780 - 15 * place, line)
    canvas.save()
    return out.getvalue()


def a_scan() -> bytes:
    """A PDF that shows a picture of a page and holds no text."""
    width, height = 60, 80
    grey = bytes((x * 3 + y * 2) % 256 for y in range(height) for x in range(width))
    packed = zlib.compress(grey)
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (width, height, len(packed), packed)
    )
    content = b"q 500 0 0 700 40 60 cm /I1 Do Q"
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            picture,
        ],
        "",
    )
