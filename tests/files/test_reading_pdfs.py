"""Every file that is sent as a PDF is read or named for what it is; none of them harms the process that asked."""

import io
import os
import time
from pathlib import Path

import pytest

from tests import pdfs
from workbench.files.formats import Carries, Limits, Reader, State, carried_in_words, in_words, read


@pytest.fixture(scope="module")
def reader():
    with Reader(Limits(seconds=4, memory=400 << 20)) as one:
        yield one


def test_a_pdf_is_read_page_by_page_with_its_properties(reader):
    data = pdfs.a_pdf(
        ["Cement for the spine", "Holm K, Berg M"], ["Methods"], info={"Title": "Cement", "doi": "10.1000/a"}
    )

    found = reader.read(data)

    assert (found.state, found.pages) == (State.READ, 2) and found.carries == frozenset()
    assert found.text == ("Cement for the spine\nHolm K, Berg M", "Methods")
    assert found.told == {"Title": "Cement", "doi": "10.1000/a"} and in_words(found) == ""


def test_only_as_many_pages_are_laid_out_as_are_asked_for(reader):
    data = pdfs.a_pdf(*(["Page", str(n)] for n in range(6)))

    assert [len(reader.read(data, text_of=n).text) for n in (1, 4, 99)] == [1, 4, 6]


def test_a_title_and_doi_are_read_from_the_description_too(reader):
    xmp = (
        b'<x:xmpmeta><rdf:Description prism:doi="10.1000/XMP"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">'
        b"Cement &amp; bone</rdf:li></rdf:Alt></dc:title></rdf:Description></x:xmpmeta>"
    )
    stream = b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (len(xmp), xmp)

    told = reader.read(pdfs.a_pdf(catalog=b"/Metadata 6 0 R", objects=[stream])).told

    assert told == {"xmp title": "Cement & bone", "xmp doi": "10.1000/XMP"}


@pytest.mark.parametrize(("data", "state", "words"), [
    (b"", State.EMPTY, "0 bytes"),
    (b"%PDF-1.4\n%%EOF\n", State.BROKEN, "damaged"),
    (pdfs.a_pdf()[:300], State.BROKEN, "damaged"),
    (b"%PDF-1.7\n" + os.urandom(3000), State.BROKEN, "damaged"),
    (b"<!DOCTYPE html><html><script>alert(1)</script>", State.NOT_PDF, "a web page"),
    (b"<!-- a --><html>%PDF-1.7" + pdfs.a_pdf(), State.NOT_PDF, "a web page"),
    (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', State.NOT_PDF, "SVG"),
    (b"PK\x03\x04" + b"\0" * 40 + pdfs.a_pdf(), State.NOT_PDF, "archive"),
    (b"MZ\x90\0" + pdfs.a_pdf(), State.NOT_PDF, "does not begin as a PDF"),
    (b"GIF89a/*" + pdfs.a_pdf(), State.NOT_PDF, "picture"),
    (b"{\\rtf1 text}", State.NOT_PDF, "Word"),
    (b"%!PS-Adobe-3.0", State.NOT_PDF, "PostScript"),
    (pdfs.a_locked_pdf(), State.ENCRYPTED, "password"),
    (pdfs.a_scan(), State.NO_TEXT, "no text"),
    (pdfs.a_long_pdf(5000), State.TOO_MANY_PAGES, "5000 pages"),
], ids=lambda one: one if isinstance(one, str) else "")  # fmt: skip
def test_what_is_no_readable_pdf_is_named(reader, data, state, words):
    found = reader.read(data)

    assert found.state is state and words in in_words(found)


def test_a_file_over_the_limit_is_named_without_being_opened():
    found = read(pdfs.a_pdf() + b" " * 2000, Limits(bytes=1500))

    assert found.state is State.TOO_LARGE and found.pages is None


@pytest.mark.parametrize(("data", "carries"), [
    (pdfs.a_script_pdf(), {Carries.JAVASCRIPT}),
    (pdfs.a_hidden_script_pdf(), {Carries.JAVASCRIPT}),
    (pdfs.a_launching_pdf(), {Carries.LAUNCH, Carries.FILES}),
    (pdfs.a_pdf() + b"<html>" + b"<script>x</script>" * 100, {Carries.APPENDED}),
    (pdfs.a_pdf(["/JavaScript and /Launch in the text of a page"]), set()),
])  # fmt: skip
def test_what_a_pdf_carries_besides_its_pages_is_named(reader, data, carries):
    found = reader.read(data)

    assert found.state is State.READ and found.carries == carries
    assert all(carried_in_words(one) for one in carries)


def test_a_bomb_ends_its_own_reading_and_the_next_file_is_read(reader):
    bomb = pdfs.a_bomb(700)
    assert len(bomb) < 20_000
    began = time.monotonic()

    found = reader.read(bomb)

    assert found.state in {State.TOO_HEAVY, State.NO_TEXT} and time.monotonic() - began < 14
    assert reader.read(pdfs.a_pdf(["Still here"])).text == ("Still here",)


def test_a_process_that_was_killed_is_started_anew(reader):
    reader.read(pdfs.a_pdf())
    reader._process.kill()
    reader._process.wait()

    assert reader.read(io.BytesIO(pdfs.a_pdf(["Again"]))).text == ("Again",)


def test_the_reading_process_knows_nothing_of_this_one(reader, monkeypatch):
    monkeypatch.setenv("WORKBENCH_SECRET_KEY", "only ours")
    with Reader() as other:
        other.read(pdfs.a_pdf())
        environment = Path(f"/proc/{other._process.pid}/environ").read_bytes()

    assert b"only ours" not in environment
