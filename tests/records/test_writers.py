"""Records written in every format: read back as they were, and harmless to a spreadsheet."""

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from workbench.records.cli import records
from workbench.records.rules import Item, Reading, Unreadable, own, read
from workbench.records.rules.kinds import _NAMES as KINDS
from workbench.records.writers import WRITERS, Entry, Losses

EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"
CANONICAL = ("year", *own.SINGLE, *own.LISTS)

LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs", "M"))
# What formats trip over, among any letters: their own marks, formulas, tags, dashes of Cochrane, and of LaTeX.
PARTS = st.one_of(
    st.text(LETTERS, max_size=12),
    st.sampled_from(
        [
            "=1+1",
            "'=",
            "@",
            "-",
            "--",
            "``",
            "''",
            "{",
            "}",
            "\\",
            "$x$",
            "~",
            "%",
            "&amp;",
            "<br>",
            "]]>",
            '"',
            "; ",
            ";",
            ", ",
            " and ",
            "TY  - JOUR",
            "ER  -",
            "PMID- 1",
            "‐",
            "–",
            "Å",
            "名",
            "́",
            "@article{a,",
            "#",
            "_",
            "^",
        ]
    ),
)


def tidy(parts: list[str]) -> str:
    """Text as the readers leave it: no blanks around it, none twice."""
    return " ".join("".join(parts).split())


WORDS = st.lists(PARTS, min_size=1, max_size=5).map(tidy).filter(lambda text: text.strip(" ;,"))
NAMES = WORDS.map(lambda text: " ".join(text.strip(" ;,").split())).filter(bool)
SEVERAL = st.lists(NAMES, max_size=3, unique=True)
ABSTRACTS = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
PAGES = st.one_of(st.sampled_from(["152-160", "S12-S19", "e101", "1-2, 5-7", "12 (suppl)", "343-- &"]), st.just("7"))
DATES = st.sampled_from(["2019", "2019-03", "2019-03-05", "2019 Spring", "2019 Mar-Apr"])
ITEMS = st.builds(
    Item,
    number=st.just(1),
    lines=st.just((1, 1)),
    title=st.none() | WORDS,
    original_title=st.none() | WORDS,
    authors=st.lists(
        NAMES | st.just("Smith, Jr., John") | st.just("WHO and partners, Geneva"), max_size=3, unique=True
    ),
    year=st.none() | st.integers(1500, 2099),
    date=st.none() | DATES,
    journal=st.none() | WORDS,
    journal_abbreviation=st.none() | WORDS,
    volume=st.none() | st.sampled_from(["12", "0012", "1999", "12 Suppl 1"]),
    issue=st.none() | st.sampled_from(["3", "3-4", "Suppl. 1", "=4"]),
    pages=st.none() | PAGES,
    doi=st.none()
    | st.sampled_from(["10.9999/vert_11", "10.1016/s0140-6736(19)30212-1", "10.1002/(sici)1<1::aid-a>3.0"]),
    pmid=st.none() | st.just("90000011"),
    pmcid=st.none() | st.just("PMC9000011"),
    embase_id=st.none() | st.just("L690000011"),
    cochrane_id=st.none() | st.sampled_from(["CN-09000011", "CD900011"]),
    registry_ids=st.lists(st.sampled_from(["NCT09000011", "LBCTR2020900011", "CTRI/2020/01/900011"]), unique=True),
    issn=st.lists(st.sampled_from(["0940-6719", "1432-093X"]), unique=True),
    isbn=st.lists(st.sampled_from(["9783642321566", "364232156X"]), unique=True),
    abstract=st.none() | ABSTRACTS,
    keywords=SEVERAL,
    subject_headings=SEVERAL,
    languages=st.lists(st.sampled_from(["en", "nb", "Klingon"]), unique=True),
    publication_types=SEVERAL,
    databases=SEVERAL,
    urls=st.lists(st.sampled_from(["https://a.example/?q=1&r=%20_x~y", "http://b.example/(1)#top"]), unique=True),
    kind=st.none() | st.sampled_from(sorted(KINDS)),
)


def written(kind: str, items: list[Item], losses: Losses | None = None) -> bytes:
    return b"".join(WRITERS[kind].write((Entry(f"list.ris#{n}", item) for n, item in enumerate(items, 1)), losses))


def canonical(item: Item) -> dict[str, object]:
    return {name: getattr(item, name) for name in CANONICAL}


def read_back(kind: str, items: list[Item]) -> Reading:
    return read(written(kind, items), "written")


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=25, deadline=None)
@given(items=st.lists(ITEMS, min_size=1, max_size=3))
def test_what_was_written_is_read_back_as_it_was(kind, items):
    items = [item for item in items if any(canonical(item).values())] or [Item(1, (1, 1), title="One")]

    found = read_back(kind, items)

    assert (found.format, found.source, found.rejected) == (kind, "workbench", [])
    assert [canonical(item) for item in found.items] == [canonical(item) for item in items]


@pytest.mark.parametrize("kind", WRITERS)
def test_every_real_export_is_read_back_as_it_was(kind, shared_data):
    """One file of each format; what a workbook cuts off is longer than any of these."""
    for folder in sorted((shared_data / "exports").iterdir()):
        for path in sorted(folder.glob("*"))[:1] if folder.is_dir() else ():
            try:
                items = read(path.read_bytes(), path.name).items[:50]
            except Unreadable:
                continue
            wanted = [without_returns(canonical(item)) for item in items]
            assert [canonical(item) for item in read_back(kind, items).items] == wanted, path.name


def without_returns(told: dict[str, object]) -> dict[str, object]:
    """Control characters, which no format carries, as the blanks they become."""
    return json.loads(json.dumps(told).replace("\\r", " "))


@pytest.mark.parametrize("kind", WRITERS)
def test_control_characters_become_blanks_and_that_is_said(kind):
    losses = Losses()
    item = Item(1, (1, 1), title="Verte\x0bbro\x00plasty\ud800", abstract="One\x0c\ntwo")

    found = read(written(kind, [item], losses), "written").items[0]

    assert (found.title, found.abstract) == ("Verte bro plasty", "One\ntwo")
    assert losses.times == {"control characters were replaced by blanks": 2}


@pytest.mark.parametrize("kind", WRITERS)
def test_nothing_to_write_is_a_file_nevertheless(kind):
    written(kind, [])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_document_has_a_type_in_every_format(kind):
    for types in (own.RIS_TYPES, own.ENDNOTE_TYPES, own.CSL_TYPES, own.BIBTEX_TYPES):
        assert kind in types


PLAIN = Item(
    1,
    (1, 1),
    title="Kyphoplasty",
    authors=["Berg, Nils"],
    year=2019,
    pages="12-14",
    abstract="AIM: To see.\nRESULTS: We saw.",
)


def test_ris_has_the_shape_that_reference_managers_take():
    assert written("ris", [PLAIN]).decode() == (
        "TY  - GEN\r\nID  - workbench:list.ris#1\r\nTI  - Kyphoplasty\r\nAU  - Berg, Nils\r\nPY  - 2019\r\n"
        "SP  - 12\r\nEP  - 14\r\nAB  - AIM: To see.\r\n RESULTS: We saw.\r\nER  - \r\n\r\n"
    )


def test_headings_stand_among_the_keywords_for_other_programs_and_once_for_us():
    item = Item(1, (1, 1), title="One", keywords=["pain"], subject_headings=["Pain", "Cement"])

    text = written("ris", [item]).decode()

    assert [line for line in text.split("\r\n") if line[:2] in ("KW", "MH")] == [
        "KW  - pain",
        "MH  - Pain",
        "MH  - Cement",
        "KW  - Pain",
        "KW  - Cement",
    ]


FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "'=1", "plain"]


def test_no_cell_of_a_table_is_a_formula():
    items = [Item(1, (1, 1), title=title, keywords=[title]) for title in FORMULAS]
    wanted = ["'=HYPERLINK(1)", "'+1", "'-1", "'@SUM(1)", "''=1", "plain"]

    rows = list(csv.DictReader(io.StringIO(written("csv", items).decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", items))).active

    assert [row["title"] for row in rows] == [row["keywords"] for row in rows] == wanted
    assert [sheet.cell(row, 4).value for row in range(2, 8)] == wanted
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n"}


def test_a_table_says_beside_a_record_what_its_list_says():
    entry = Entry("7", PLAIN, {"why": "=Excluded"})

    [row] = csv.DictReader(io.StringIO(b"".join(WRITERS["csv"].write([entry])).decode("utf-8-sig")))

    assert (row["record_id"], row["title"], row["why"]) == ("7", "Kyphoplasty", "'=Excluded")


def test_a_workbook_says_what_it_had_to_cut_off():
    losses = Losses()

    written("xlsx", [Item(1, (1, 1), title="One", abstract="a" * 40_000)], losses)

    assert [what for what in losses.times if "32,767" in what]


def test_endnote_xml_is_well_formed_whatever_stands_in_it():
    root = etree.fromstring(written("endnote-xml", [Item(1, (1, 1), title="a < b & c ]]> \x01")]))

    assert root.findtext("records/record/titles/title") == "a < b & c ]]>  "


def test_csl_json_says_dates_and_names_as_other_programs_read_them():
    [item] = json.loads(written("csl-json", [PLAIN]))

    assert item["issued"] == {"date-parts": [[2019]]}
    assert item["author"] == [{"family": "Berg", "given": "Nils"}]


def convert(*arguments: object):
    return CliRunner().invoke(records, ["convert", *map(str, arguments)])


@pytest.mark.parametrize("kind", WRITERS)
def test_convert_writes_a_file_and_says_how_many(kind, tmp_path):
    out = tmp_path / "out"

    done = convert(EXPORTS / "cochrane.ris", "--to", kind, "--output", out)

    assert (done.exit_code, done.stdout) == (0, "")
    assert "2 records written" in done.stderr
    whole = [canonical(item) for item in read((EXPORTS / "cochrane.ris").read_bytes(), "a").items]
    assert [canonical(item) for item in read(out.read_bytes(), "b").items] == whole


def test_convert_says_what_was_rejected_and_what_is_not_carried(tmp_path):
    source = tmp_path / "in.bib"
    source.write_text("@article{a, title = {One\x02}}\n\n@misc{b}\n", encoding="utf-8")

    done = convert(source, "--to", "ris", "--output", tmp_path / "out.ris")

    assert "Lines 3–3 rejected" in done.stderr
    assert "Not carried over, 1 times: control characters" in done.stderr


def test_convert_keeps_the_names_that_a_table_gives_its_records(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("record_id,title,year\nid_77,Kyphoplasty,2019\n", encoding="utf-8")

    convert(source, "--to", "csv", "--output", tmp_path / "out.csv")

    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("id_77,")


def test_convert_of_a_file_without_records_leaves_no_file_behind(tmp_path):
    source = tmp_path / "in.ris"
    source.write_bytes(b"")

    done = convert(source, "--to", "csv", "--output", tmp_path / "out.csv")

    assert done.exit_code != 0
    assert [path.name for path in tmp_path.iterdir()] == ["in.ris"]


def test_convert_says_where_it_cannot_write(tmp_path):
    done = convert(EXPORTS / "cochrane.ris", "--to", "csv", "--output", tmp_path / "nowhere" / "out.csv")

    assert "cannot be written" in str(done.exception)
