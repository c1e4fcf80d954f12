"""Reading in flat memory: records come one by one, and nothing of a large file stays behind."""

import gzip
import io
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.benchmarks.specimens import written
from workbench.files.stores import FolderStore
from workbench.records.rules import Item, Unreadable, open_reading, read

ROOT = Path(__file__).resolve().parent.parent.parent
EXPORTS = ROOT / "tests" / "data" / "exports"
MOST = 60
"""Megabytes over the interpreter, however large the file."""


class Counting(io.BytesIO):
    """Counts the bytes that are read after the file was gone through once."""

    taken = 0

    def read(self, size=-1):
        data = super().read(size)
        self.taken += len(data)
        return data


def megabytes(path: Path) -> tuple[int, float]:
    """Records of a file, and what reading them takes over the bare interpreter, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.reading", "--one", "workbench", "--file", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    records, _seconds, _busy, taken = done.stdout.split()
    return int(records), float(taken)


@pytest.mark.parametrize("path", sorted(EXPORTS.iterdir()), ids=lambda path: path.name)
def test_a_stream_hands_out_what_a_reading_collects(path):
    data = path.read_bytes()
    stream = open_reading(io.BytesIO(data), path.name)

    items = [one for one in stream if isinstance(one, Item)]

    whole = read(data, path.name)
    assert items == whole.items
    assert list(stream.skipped()) == whole.skipped
    assert (stream.records, stream.rejected) == (whole.records, len(whole.rejected))


@pytest.mark.parametrize("path", sorted(EXPORTS.iterdir()), ids=lambda path: path.name)
def test_a_packed_file_is_read_as_what_is_inside(path):
    inside = read(path.read_bytes(), path.name).as_dict()

    packed = read(gzip.compress(path.read_bytes()), path.name).as_dict()

    assert {**packed, "sha256": ""} == {**inside, "sha256": ""}


def test_the_first_record_costs_no_look_at_the_rest():
    file = Counting(b"TY  - JOUR\nTI  - One\nER  - \n\n" * 200_000)
    stream = open_reading(file, "large.ris")
    before = file.taken

    assert next(iter(stream)).title == "One"
    assert file.taken - before < 1_000_000


def test_a_letter_of_another_encoding_far_down_is_seen_before_the_first_record_is_read():
    data = b"TY  - JOUR\nTI  - caf\xc3\xa9\nER  - \n" * 50_000 + b"TY  - JOUR\nTI  - na\xefve\nER  - \n"

    stream = open_reading(io.BytesIO(data), "mixed.ris")
    *_others, last = (one.title for one in stream if isinstance(one, Item))

    assert (stream.delivered.encoding, last) == ("cp1252", "naïve")
    assert "cp1252" in stream.about_text()[0].reason


def test_what_is_cut_between_two_parts_of_a_file_is_put_together_again():
    one = "TY  - JOUR\r\nTI  - Kyfoplastik på Østlandet \U0001f9b4\r\nAB  - først\r\n\r\nogså\r\nER  - \r\n\r\n"
    count = 3_000

    found = read((one * count).encode(), "cut.ris")

    assert {(item.title, item.abstract, item.lines[1] - item.lines[0]) for item in found.items} == {
        ("Kyfoplastik på Østlandet \U0001f9b4", "først også", 5)
    }
    assert [item.lines[0] for item in found.items] == list(range(1, 7 * count, 7))


def test_reading_takes_little_memory(tmp_path):
    records, taken = megabytes(written(tmp_path / "many.ris", 12_000))

    assert records == 12_000
    assert taken <= MOST


@pytest.mark.long
@pytest.mark.parametrize("kind", ["ris", "nbib", "xml", "csv"])
def test_reading_a_hundred_thousand_records_takes_little_memory(tmp_path, kind):
    records, taken = megabytes(written(tmp_path / f"many.{kind}", 100_000))

    assert records == 100_000
    assert taken <= MOST


def test_a_file_is_kept_under_the_fingerprint_of_its_bytes_however_it_comes(tmp_path):
    store = FolderStore(tmp_path / "files")
    data = b"some bytes" * 300_000

    sha256 = store.put(io.BytesIO(data))

    assert store.put(data) == sha256
    assert (store.get(sha256), store.size(sha256)) == (data, len(data))
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == [sha256]


def test_a_file_that_breaks_off_while_it_arrives_leaves_nothing(tmp_path):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError("the other side is gone")

    store = FolderStore(tmp_path / "files")

    with pytest.raises(OSError, match="gone"):
        store.put(Broken(b"x"))

    assert list(islice((tmp_path / "files").iterdir(), 1)) == []


@pytest.mark.parametrize("name", ["rot13", "hex", "undefined", "idna", "punycode", "utf-16", "no-such", "cp037"])
def test_a_strange_encoding_that_an_xml_file_names_is_passed_over(name):
    xml = (
        (EXPORTS / "pubmed.xml").read_bytes().replace(b'version="1.0"', f'version="1.0" encoding="{name}"'.encode(), 1)
    )

    found = read(xml, "strange.xml")

    assert (found.encoding, found.records) == ("utf-8", read((EXPORTS / "pubmed.xml").read_bytes(), "a.xml").records)


def test_a_file_that_cannot_be_unpacked_is_refused_before_anything_is_read():
    packed = gzip.compress(b"TY  - JOUR\nTI  - One\nER  - \n" * 1000)

    with pytest.raises(Unreadable, match="damaged"):
        open_reading(io.BytesIO(packed[:-20]), "cut.ris.gz")
