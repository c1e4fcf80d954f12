"""Files made to do harm, of any size, and a reader whose memory is limited by the operating system.

    python -m tests.records.hostile MEGABYTES FOLDER [NAME…]

writes such files and reads each in a process of its own; prints its name, seconds of the processor, megabytes at the
most, how many of them the reading took, and what became of the file.
"""

import gzip
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

MEGABYTE = 1 << 20
MOST = 600 * MEGABYTE
"""Bytes of address space that a reader may have; the interpreter alone takes a good part of it."""
Parts = Iterator[bytes]


def entity_bomb(_size: int) -> Parts:
    """A billion laughs."""
    yield b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet [<!ENTITY a0 "ha">\n'
    for n in range(1, 30):
        yield f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">\n'.encode()
    yield b"]>\n<PubmedArticleSet><PubmedArticle>&a29;</PubmedArticle></PubmedArticleSet>"


def late_entity_bomb(size: int) -> Parts:
    """Entities behind more comment than anybody looks through to tell a format."""
    yield b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet [<!-- '
    yield from (b"x" * MEGABYTE for _ in range(size))
    yield b' --><!ENTITY a0 "ha">]>\n<PubmedArticleSet><PubmedArticle>&a0;</PubmedArticle></PubmedArticleSet>'


def entity_behind_the_root(_size: int) -> Parts:
    """An entity that is used and defined nowhere."""
    yield b"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>&xxe;</PMID></MedlineCitation></PubmedArticle>"
    yield b"</PubmedArticleSet>"


def local_file(_size: int) -> Parts:
    """An entity that is a file of this machine."""
    yield b'<!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<PubmedArticleSet><PubmedArticle>'
    yield b"<MedlineCitation><PMID>&x;</PMID></MedlineCitation></PubmedArticle></PubmedArticleSet>"


def external_entity(_size: int) -> Parts:
    """An entity and a DTD that lie elsewhere in the network."""
    yield b'<!DOCTYPE PubmedArticleSet SYSTEM "http://192.0.2.1/a.dtd" [<!ENTITY % x SYSTEM "http://192.0.2.1/">%x;]>\n'
    yield b"<PubmedArticleSet/>"


def deep_xml(_size: int) -> Parts:
    """Elements inside elements, 100,000 times."""
    yield b"<PubmedArticleSet><PubmedArticle>" + b"<a>" * 100_000 + b"</a>" * 100_000
    yield b"</PubmedArticle></PubmedArticleSet>"


def deep_json(_size: int) -> Parts:
    """Lists inside lists, 100,000 times."""
    yield b"[" * 100_000 + b"]" * 100_000


def deep_json_objects(_size: int) -> Parts:
    """Objects inside objects, 100,000 times."""
    yield b'[{"title": "a", "x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}]"


def endless_xml_record(size: int) -> Parts:
    """A record that never ends."""
    yield b"<PubmedArticleSet>\n<PubmedArticle><MedlineCitation><PMID>1</PMID>\n"
    yield from (b"<Keyword>x</Keyword>\n" * (MEGABYTE // 21) for _ in range(size))


def many_columns(_size: int) -> Parts:
    """A table of 100,000 columns."""
    names = ",".join(f"column {n}" for n in range(100_000)).encode()
    yield b"Title," + names + b"\n" + b"a," * 100_000 + b"a\n"


def large_cell(size: int) -> Parts:
    """A cell of many megabytes on one line."""
    yield b'Title,Authors,Abstract\nOne,"Holm, K","'
    yield from (b"word " * (MEGABYTE // 5) for _ in range(size))
    yield b'"\nTwo,Berg,\n'


def large_cell_of_lines(size: int) -> Parts:
    """A cell of many megabytes on many lines."""
    yield b'Title,Authors,Abstract\nOne,"Holm, K",\nTwo,Berg,"'
    yield from (b"some words here\n" * (MEGABYTE // 16) for _ in range(size))
    yield b'"\nThree,Berg,\n'


def long_line(size: int) -> Parts:
    """A RIS file with one line of many megabytes."""
    yield b"TY  - JOUR\nTI  - One\nAB  - "
    yield from (b"word " * (MEGABYTE // 5) for _ in range(size))
    yield b"\nER  - \n"


def long_ris_record(size: int) -> Parts:
    """A RIS record that goes on and on."""
    yield b"TY  - JOUR\nTI  - One\n"
    yield from (b"AB  - some words here\nand more\n" * (MEGABYTE // 31) for _ in range(size))
    yield b"ER  - \n"


def long_refer_record(size: int) -> Parts:
    """A record of another tagged format that goes on and on, in fields and in lines of one field."""
    yield b"%0 Journal Article\n%T One\n"
    yield from (b"%K some words here\nand more\n" * (MEGABYTE // 28) for _ in range(size))


def long_ovid_field(size: int) -> Parts:
    """A field of many megabytes, line by line."""
    yield b"<1>\nTI  - One\nAB  - two\n"
    yield from (b"and more\n" * (MEGABYTE // 9) for _ in range(size))


def false_starts(size: int) -> Parts:
    """Lines that nearly begin a record."""
    yield b"TY  - JOUR\nTI  - One\nAB  - two\n"
    yield from (b"TYpe of words\n" * (MEGABYTE // 14) for _ in range(size))


def packed_bomb(size: int) -> Parts:
    """A small .gz file that is large inside."""
    yield gzip.compress(b"TY  - JOUR\nTI  - One\nER  - \n")
    yield gzip.compress(b" " * MEGABYTE) * size


def packed_line(size: int) -> Parts:
    """A small .gz file with one line of many megabytes inside."""
    yield gzip.compress(b"TY  - JOUR\nTI  - One\nAB  - ")
    yield gzip.compress(b"w" * MEGABYTE) * size


def zeros(size: int) -> Parts:
    """Nothing but NULs."""
    yield from (b"\x00" * MEGABYTE for _ in range(size))


def zeros_behind_a_record(size: int) -> Parts:
    """A record, then NULs."""
    yield b"TY  - JOUR\nTI  - One\nER  - \n"
    yield from (b"\x00" * MEGABYTE for _ in range(size))


def zeros_within(size: int) -> Parts:
    """Records with NULs in their values."""
    yield from (b"TY  - JOUR\nTI  - One\x00two\nAB  - \x00\nER  - \n" * (MEGABYTE // 42) for _ in range(size))


def only_quotes(size: int) -> Parts:
    """A table of nothing but quotation marks."""
    yield b"Title,Authors\n"
    yield from (b'"' * 1000 + b"\n" for _ in range(size * 1000))


def many_line_ends(size: int) -> Parts:
    """Line ends of every kind, and a record somewhere."""
    yield from (b"\r\n\r\n\n\r" * (MEGABYTE // 6) for _ in range(size))
    yield b"TY  - JOUR\nTI  - One\nER  - \n"


FILES: dict[str, Callable[[int], Parts]] = {
    one.__name__: one
    for one in (
        entity_bomb,
        late_entity_bomb,
        entity_behind_the_root,
        local_file,
        external_entity,
        deep_xml,
        deep_json,
        deep_json_objects,
        endless_xml_record,
        many_columns,
        large_cell,
        large_cell_of_lines,
        long_line,
        long_ris_record,
        long_refer_record,
        long_ovid_field,
        false_starts,
        packed_bomb,
        packed_line,
        zeros,
        zeros_behind_a_record,
        zeros_within,
        only_quotes,
        many_line_ends,
    )
}


def written(name: str, size: int, path: Path) -> Path:
    """Write the file."""
    with path.open("wb") as file:
        file.writelines(FILES[name](size))
    return path


def tried(name: str, size: int, path: Path) -> str:
    """Read such a file, with no more memory to be had than is allowed; say how long it took and what became of it."""
    from workbench.records.rules import Item, Unreadable, open_reading

    written(name, size, path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST))
    start = time.process_time()
    try:
        with path.open("rb") as file:
            told = f"{sum(isinstance(one, Item) for one in open_reading(file, name))} records"
    except Unreadable as error:
        told = f"refused: {error}"
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{name} {time.process_time() - start:.2f} {after / 1024:.0f} {(after - before) / 1024:.0f} {told}"


def main(size: int, folder: Path, names: list[str]) -> None:
    """Try each file in a process of its own."""
    import workbench.records.rules  # noqa: F401  # once, before the processes part

    for name in names or FILES:
        if not os.fork():
            try:
                print(tried(name, size, folder / name), flush=True)
            finally:
                (folder / name).unlink(missing_ok=True)
                os._exit(0)
        os.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
