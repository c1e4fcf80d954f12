"""What must hold for any file of a kind, tried on many made-up ones."""

import contextlib
import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.records.formats import pubmed_xml
from workbench.records.formats.decoding import Delivered
from workbench.records.formats.tagged import DIALECTS, lex, records, records_of
from workbench.records.rules import Reading, Unreadable, read
from workbench.records.rules.values import date, pages

# Printable text of one line; control characters and stray byte-order marks are no text a database writes.
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)
VALUES = WORDS.filter(lambda value: value.strip() and "    " not in value)
RIS_TAGS = st.sampled_from(["AU", "PY", "KW", "DO", "SP", "EP", "N1", "AB", "UR", "M1", "XX", "U2"])
NBIB_TAGS = st.sampled_from(["FAU", "AU", "DP", "PG", "AB", "MH", "LID", "SI", "OT", "ZZZZ"])
BODY = st.lists(st.tuples(RIS_TAGS, VALUES), max_size=6)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def written(bodies: list[list[tuple[str, str]]], end: str, gap: int) -> str:
    blocks = [
        end.join(["TY  - JOUR", f"TI  - Title {n}", *(f"{t}  - {v}" for t, v in body), "ER  - "])
        for n, body in enumerate(bodies)
    ]
    return (end * (gap + 1)).join(blocks) + end


def tiles(found: Reading) -> bool:
    spans = sorted(
        [item.lines for item in found.items]
        + [(one.line, one.last_line) for one in found.rejected]
        + list(found.skipped)
    )
    covered = [line for first, last in spans for line in range(first, last + 1)]
    return covered == list(range(1, found.lines + 1))


@given(st.lists(BODY, min_size=1, max_size=5), ENDS, st.integers(0, 3))
def test_what_is_written_as_ris_is_read_back_value_by_value(bodies, end, gap):
    found = read(written(bodies, end, gap).encode(), "made-up.ris")

    assert [[pair[:2] for pair in item.raw[2:-1]] for item in found.items] == bodies
    assert found.rejected == []
    assert tiles(found)


@given(st.lists(BODY, min_size=1, max_size=4), ENDS)
def test_the_line_of_a_value_is_the_line_it_stands_on(bodies, end):
    text = written(bodies, end, 1)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    for item in read(text.encode(), "made-up.ris").items:
        assert all(lines[line - 1] == f"{tag}  - {value}" for tag, value, line in item.raw)


@given(st.lists(st.lists(st.tuples(NBIB_TAGS, VALUES, st.lists(VALUES, max_size=2)), max_size=5), min_size=1))
def test_what_is_written_as_nbib_is_read_back_with_its_continued_lines(bodies):
    blocks = []
    for number, body in enumerate(bodies):
        lines = [f"PMID- {number + 1}", f"TI  - Title {number}"]
        for tag, value, more in body:
            lines += [f"{tag:<4}- {value}", *(f"      {one}" for one in more)]
        blocks.append("\n".join([*lines, f"SO  - Spine {number}"]))

    found = read(("\n\n".join(blocks) + "\n").encode(), "made-up.nbib")

    wanted = [[(tag, "\n      ".join([value, *more])) for tag, value, more in body] for body in bodies]
    assert [[pair[:2] for pair in item.raw[2:-1]] for item in found.items] == wanted
    assert tiles(found)


LINE = st.one_of(
    st.sampled_from(["TY  - JOUR", "ER  - ", "", "TI  - One", "NL  - Spine", "2.", "Record #2 of 9", "AU  - Berg"]),
    WORDS,
)


@settings(max_examples=150)
@given(st.lists(LINE, max_size=30))
def test_any_jumble_of_ris_lines_is_covered_without_overlap(lines):
    try:
        found = read(("TY  - JOUR\nTI  - First\n" + "\n".join(lines)).encode(), "jumble.ris")
    except Unreadable:
        return

    assert tiles(found)


@given(st.sampled_from(sorted(DIALECTS)), st.lists(LINE, max_size=20))
def test_the_lexer_loses_no_line_that_holds_something(name, lines):
    pairs = list(lex(lines, DIALECTS[name]))

    held = {line + place for _tag, value, line in pairs for place in range(value.count("\n") + 1)}
    assert {number for number, line in enumerate(lines, 1) if line.strip()} <= held


@given(st.sampled_from(sorted(DIALECTS)), st.lists(LINE, max_size=20))
def test_no_dialect_stumbles_over_lines_of_another(name, lines):
    list(records(lines, DIALECTS[name]))


FIELD = st.tuples(st.sampled_from(["TI", "AU", "KW", "AB", "SO", "NL"]), WORDS).map("  - ".join)
MORE = st.sampled_from(
    ["      folded", "continued", "TYpical words", "PMID 12", "ER  - ", "\t", "\x1c", "EF  - ", "TY  -X", "OWN - NLM"]
)
RECORD = st.builds(
    lambda start, fields, end: [start, *fields, *end],
    st.sampled_from(["TY  - JOUR", "PMID- 1", "OWN - NLM"]),
    st.lists(st.one_of(FIELD, FIELD, FIELD, MORE), max_size=5),
    st.sampled_from([["ER  - "], ["ER  - ", ""], ["ER  - ", "", "2."], [""], ["SO  - x"]]),
)
JUMBLE = st.lists(st.one_of(RECORD, RECORD, st.lists(st.one_of(LINE, FIELD, MORE), max_size=3)), max_size=6)


@settings(max_examples=150)
@given(st.sampled_from(sorted(DIALECTS)), JUMBLE, st.booleans(), st.integers(1, 9))
def test_a_record_taken_as_a_whole_is_the_same_as_line_by_line(name, blocks, ended, size):
    lines = [line for block in blocks for line in block]
    dialect = DIALECTS[name]
    parts = ["".join(f"{line}\n" for line in lines[at : at + size]) for at in range(0, len(lines), size)]

    assert list(records_of(parts, dialect, line_ended=ended)) == list(records(lines, dialect, line_ended=ended))


TEXTS = st.text(st.sampled_from("ab &<>\n'é"), max_size=12).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
)
LEAVES = st.builds(
    "<{0}{1}>{2}</{0}>{3}".format,
    st.sampled_from(["PMID", "Year", "ArticleTitle", "Label"]),
    st.sampled_from(["", ' Type="x"', ' Type="x\ny"', ' xmlns="urn:x"']),
    st.one_of(
        TEXTS,
        st.sampled_from(["<i>a</i> b", "x<sub/>y", '<sup n="1">2</sup>', "<!-- c -->d", "<?p?>", "<![CDATA[<\n]]>"]),
    ),
    st.sampled_from(["", "\n", "\n  ", "\n\n"]),
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4).map("".join).map("<Article>\n{}</Article>\n".format)
)


@settings(max_examples=150)
@given(TREES)
def test_both_parsers_take_an_xml_record_apart_alike(inside):
    text = f"<PubmedArticle>{inside}</PubmedArticle>"
    span = pubmed_xml.Span(7, 99, 7, whole=True)
    try:
        pairs, places = pubmed_xml.walked(text, span, pubmed_xml.Path(""))
    except pubmed_xml.NotPlain:
        return

    other, elsewhere = pubmed_xml.looked_at(text, span)
    assert pairs == other
    assert [(path, line) for path, _element, line in places] == [(path, line) for path, _element, line in elsewhere]


@given(
    st.text(st.sampled_from("ab\r\nø\ufeff\t 0"), min_size=1, max_size=40),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_every_kind_of_line_end_is_counted_in_every_encoding(text, encoding):
    data = (text.replace("\ufeff", "") if encoding == "latin-1" else text).encode(encoding)
    try:
        delivered = Delivered.of(io.BytesIO(data))
    except Unreadable:
        return

    whole = data.decode(delivered.encoding).replace("\r\n", "\n").replace("\r", "\n")
    assert delivered.lines == len(whole.removesuffix("\n").split("\n"))
    assert delivered.line_ended == whole.endswith("\n")
    assert "".join(delivered.blocks()) == whole


@given(st.lists(st.tuples(VALUES, WORDS, WORDS), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_what_is_written_as_a_table_is_read_back_cell_by_cell(rows, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("Title", "Authors", "Abstract"), *rows])

    found = read(out.getvalue().encode(), "made-up.csv")

    assert [dict(pair[:2] for pair in item.raw) for item in found.items] == [
        {name: cell for name, cell in zip(("Title", "Authors", "Abstract"), row, strict=True) if cell} for row in rows
    ]
    assert tiles(found)


@given(st.integers(1, 99999), st.integers(1, 999))
def test_pages_are_written_out_whole_however_short_the_end_is(first, length):
    last = first + length
    same = len(str(first)) == len(str(last))
    tail = str(last)
    while same and len(tail) > 1 and str(first)[: len(str(first)) - len(tail) + 1] == str(last)[: -len(tail) + 1]:
        tail = tail[1:]

    assert pages(str(first), tail) == f"{first}-{last}"


@given(st.text(max_size=20), st.none() | st.integers(1500, 2099))
def test_no_date_makes_the_reader_stumble(value, year):
    date(value, year)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_stumble(data):
    with contextlib.suppress(Unreadable):
        read(data, "any.bin")
