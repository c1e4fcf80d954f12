"""How many PDFs find their report by themselves, and whether one ever finds the wrong one.

    python tests/benchmarks/full_texts.py FOLDER [--pdfs N] [--keep WHERE]

FOLDER holds sets of real records (`*/records.csv.gz` with title, authors, year, doi). From titles and DOIs of a sample,
PDFs are made with several writers: articles with their DOI on the page, in their properties, broken over two lines, or
none; cover sheets; capitals; narrow columns; scans, locked and broken files; papers that nobody seeks; papers, comments
and corrections that cite a report that is sought. Bars: 98 % of the PDFs that name their report find it; no PDF is
attached to another report; the median of reading and matching one is at most 200 ms.
"""

import argparse
import csv
import gzip
import io
import random
import resource
import statistics
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests import pdfs
from workbench.deduplication.rules.text import fold
from workbench.files.formats import Reader
from workbench.records.rules import identifiers
from workbench.screening.rules.matching import Sought, matches

MATCHED, MEDIAN = 0.98, 0.2
LATIN = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2019": "'", "\u00a0": " "})


@dataclass(frozen=True)
class Paper:
    """What a PDF is made of: the lines of its pages and its properties."""

    pages: Sequence[Sequence[str]]
    info: dict[str, str]


@dataclass(frozen=True)
class Made:
    """One PDF: what it is, its bytes, the report it belongs to, and whether its text names that report."""

    kind: str
    writer: str
    data: bytes
    record_id: int | None
    is_named: bool


# Writers


def by_hand(paper: Paper) -> bytes:
    """Written object by object."""
    return pdfs.a_pdf(*paper.pages, info=paper.info)


def by_reportlab(paper: Paper) -> bytes:
    """ReportLab's canvas, one string a line."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1)
    canvas.setTitle(paper.info.get("Title", "untitled"))
    canvas.setSubject(paper.info.get("Subject", ""))
    for lines in paper.pages:
        text = canvas.beginText(60, 790)
        text.setFont("Times-Roman", 10)
        for line in lines:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def by_platypus(paper: Paper) -> bytes:
    """ReportLab's flowing paragraphs, which break the lines anew."""
    from xml.sax.saxutils import escape

    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

    out, styles, flow = io.BytesIO(), getSampleStyleSheet(), []
    for lines in paper.pages:
        for block in _blocks(lines):
            flow.append(Paragraph(escape(block), styles["Title" if block == _blocks(lines)[0] else "BodyText"]))
        flow.append(PageBreak())
    SimpleDocTemplate(out, title=paper.info.get("Title", ""), subject=paper.info.get("Subject", "")).build(flow)
    return out.getvalue()


def by_fpdf(paper: Paper) -> bytes:
    """fpdf2."""
    from fpdf import FPDF

    made = FPDF()
    made.set_font("helvetica", size=10)
    made.set_title(paper.info.get("Title", ""))
    made.set_subject(paper.info.get("Subject", ""))
    for lines in paper.pages:
        made.add_page()
        for line in lines:
            made.cell(0, 5, line.encode("latin-1", "replace").decode("latin-1"), new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def by_pypdf(paper: Paper) -> bytes:
    """A file by hand, read and packed anew by pypdf."""
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(by_hand(paper)))), io.BytesIO()
    for page in writer.pages:
        page.compress_content_streams()
    writer.add_metadata({f"/{key}": value for key, value in paper.info.items()})
    writer.write(out)
    return out.getvalue()


def _blocks(lines: Sequence[str]) -> list[str]:
    return [" ".join(block.split("\n")) for block in "\n".join(lines).split("\n\n") if block.strip()]


def writers() -> dict[str, Callable[[Paper], bytes]]:
    """The writers that are installed here."""
    found: dict[str, Callable[[Paper], bytes]] = {"by hand": by_hand}
    for name, module, write in (
        ("reportlab", "reportlab", by_reportlab), ("platypus", "reportlab", by_platypus), ("fpdf2", "fpdf", by_fpdf),
        ("pypdf", "pypdf", by_pypdf),
    ):  # fmt: skip
        try:
            __import__(module)
        except ImportError:
            continue
        found[name] = write
    return found


# What is written


class Maker:
    """Makes PDFs of reports, each kind in turn, with a seed."""

    def __init__(self, sought: Sequence[Sought], others: Sequence[Sought], seed: int = 6) -> None:
        self.sought, self.others, self.by_chance = list(sought), list(others), random.Random(seed)
        self.writers = list(writers().items())

    def all(self, n: int) -> Iterator[Made]:
        """So many PDFs: six in ten belong to a report and say so."""
        shares = {
            self.whole: 0.16, self.properties: 0.08, self.title_only: 0.14, self.broken_doi: 0.05, self.cover: 0.06,
            self.capitals: 0.05, self.narrow: 0.06, self.cites_sought: 0.06, self.scan: 0.06, self.locked: 0.04,
            self.broken: 0.04, self.unrelated: 0.08, self.citing: 0.06, self.citing_bare: 0.03, self.notice: 0.03,
        }  # fmt: skip
        kinds = [kind for kind, share in shares.items() for _ in range(max(1, round(share * n)))][:n]
        reports = self.by_chance.sample(self.sought, k=min(len(kinds), len(self.sought)))
        for place, kind in enumerate(kinds):
            name, write = self.writers[place % len(self.writers)]
            yield kind(reports[place % len(reports)], name, write)

    def whole(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """DOI, title, authors and year on the first page."""
        return self._made("article", name, write(Paper([self.first(one), self.rest(one)], {})), one)

    def properties(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """The DOI in the properties only."""
        info = {"Title": _latin(one.titles[0]), "Subject": f"doi:{one.doi}" if one.doi else ""}
        return self._made("properties", name, write(Paper([self.first(one, doi=None), self.rest(one)], info)), one)

    def title_only(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """No identifier at all."""
        return self._made("title only", name, write(Paper([self.first(one, doi=None), self.rest(one)], {})), one)

    def broken_doi(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """A DOI over two lines."""
        doi = one.doi or "10.5555/none"
        cut = len(doi) - 4
        lines = [f"https://doi.org/{doi[:cut]}", doi[cut:], "", *self.first(one, doi=None)]
        return self._made("broken DOI", name, write(Paper([lines, self.rest(one)], {})), one)

    def cover(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """Behind the cover sheet of a repository."""
        sheet = ["Repository of the University", "", "This version may differ from the one that was published.", ""]
        return self._made("cover sheet", name, write(Paper([sheet, self.first(one), self.rest(one)], {})), one)

    def capitals(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """The title in capitals, with a note's sign."""
        lines = self.first(one)
        at = lines.index(_latin(one.titles[0])[:20]) if _latin(one.titles[0])[:20] in lines else None
        lines = [line.upper() if at is None and place in {2, 3} else line for place, line in enumerate(lines)]
        return self._made("capitals", name, write(Paper([lines, self.rest(one)], {})), one)

    def narrow(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """The title broken into many lines."""
        return self._made("narrow", name, write(Paper([self.first(one, width=34), self.rest(one)], {})), one)

    def cites_sought(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """A report that is sought and has another in its references."""
        other = self.by_chance.choice([some for some in self.sought if some is not one])
        paper = Paper([self.first(one), [*self.rest(one), "References", *_entry(1, other)]], {})
        return self._made("cites another", name, write(paper), one)

    def scan(self, one: Sought, _name: str, _write: Callable[[Paper], bytes]) -> Made:
        """Pictures of pages."""
        return Made("scan", "by hand", pdfs.a_scan(), one.record_id, is_named=False)

    def locked(self, one: Sought, _name: str, _write: Callable[[Paper], bytes]) -> Made:
        """Opens with a password."""
        return Made("locked", "reportlab", pdfs.a_locked_pdf(*self.first(one)), one.record_id, is_named=False)

    def broken(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """Cut off, or its beginning only."""
        data = write(Paper([self.first(one)], {}))
        return Made("broken", name, data[: self.by_chance.choice([9, 60, 120])], one.record_id, is_named=False)

    def unrelated(self, _one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """A paper that nobody seeks."""
        other = self.by_chance.choice(self.others)
        return Made("unrelated", name, write(Paper([self.first(other), self.rest(other)], {})), None, is_named=False)

    def citing(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """A paper that nobody seeks, with the DOI of one that is sought in its references."""
        other = self.by_chance.choice(self.others)
        paper = Paper([self.first(other), ["Results", "", "References", *_entry(1, one)]], {})
        return Made("cites sought", name, write(paper), None, is_named=False)

    def citing_bare(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """A letter of one page whose references stand below it without a heading."""
        other = self.by_chance.choice(self.others)
        lines = [*self.first(other, doi=None), "", *_entry(1, one), *_entry(2, self.by_chance.choice(self.others))]
        return Made("cites, no heading", name, write(Paper([lines], {})), None, is_named=False)

    def notice(self, one: Sought, name: str, write: Callable[[Paper], bytes]) -> Made:
        """A comment or correction that bears the title of what it speaks of."""
        label = self.by_chance.choice(
            ["Erratum", "Comment on", "Letter to the Editor", "Retraction notice", "Reply to"]
        )
        lines = [label, "", *self.first(one, doi="10.5555/notice.1")]
        return Made("notice", name, write(Paper([lines], {})), None, is_named=False)

    def first(self, one: Sought, *, doi: str | None = "", width: int = 72) -> list[str]:
        """The first page: where it appeared, title, authors, abstract. A DOI of None is left out."""
        doi = one.doi if doi == "" else doi
        volume, begin, end = (self.by_chance.randint(1, 99) for _ in range(3))
        place = [f"Journal of Inventions {one.year};{volume}:{begin}-{end}"]
        named = [f"doi: {doi}"] if doi else []
        title = textwrap.wrap(_latin(one.titles[0]), width)
        people = textwrap.wrap(_latin("; ".join(one.authors)) or "The authors", 80)[:6]
        return [
            *place,
            *named,
            "",
            *title,
            "",
            *people,
            "",
            "Abstract",
            "",
            *self._prose(),
            "",
            f"Received 3 May {one.year}",
        ]

    def rest(self, _one: Sought) -> list[str]:
        """A further page."""
        return ["Methods", "", *self._prose(), "", *self._prose()]

    def _prose(self) -> list[str]:
        words = [
            "patients",
            "were",
            "treated",
            "and",
            "followed",
            "for",
            "months",
            "in",
            "this",
            "invented",
            "text",
            "about",
            "nothing",
            "at",
            "all",
        ]
        return textwrap.wrap(" ".join(self.by_chance.choices(words, k=90)), 80)

    def _made(self, kind: str, name: str, data: bytes, one: Sought) -> Made:
        return Made(kind, name, data, one.record_id, is_named=True)


def _entry(number: int, one: Sought) -> list[str]:
    cited = (
        f"{number}. {'; '.join(one.authors[:3])}. {one.titles[0]}. J Inv {one.year}. doi:{one.doi or '10.5555/none'}"
    )
    return textwrap.wrap(_latin(cited), 84)


def _latin(text: str) -> str:
    return text.translate(LATIN).encode("cp1252", "replace").decode("cp1252")


# Measuring


def reports_in(folder: Path) -> list[Sought]:
    """Records of every set, one for each title and each DOI."""
    found: dict[str, Sought] = {}
    dois: set[str | None] = {None}
    for path in sorted(folder.glob("*/records.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                key = fold(row["title"] or "")
                if len(key) > 20 and "?" not in _latin(row["title"]) and (row["year"] or "").isdigit():
                    authors = tuple(row["authors"].split(" and ")) if row["authors"] else ()
                    doi = identifiers.doi(row["doi"] or "")
                    if doi is not None and doi in dois:
                        continue
                    dois.add(doi)
                    found.setdefault(key, Sought(len(found) + 1, (row["title"],), authors, int(row["year"]), doi))
    return list(found.values())


@dataclass
class Found:
    """What became of one PDF."""

    made: Made
    attached: int | None
    proposed: list[int]
    state: str
    seconds: float


def measure(made: Sequence[Made], sought: Sequence[Sought]) -> list[Found]:
    """Read and match each PDF as the job does."""
    found = []
    with Reader() as reader:
        reader.read(pdfs.a_pdf())
        for one in made:
            began = time.perf_counter()
            reading = reader.read(one.data)
            fits = matches(reading, "download.pdf", sought)
            seconds = time.perf_counter() - began
            attached = fits[0].record_id if fits and fits[0].is_safe else None
            found.append(Found(one, attached, [fit.record_id for fit in fits], reading.state.value, seconds))
    return found


def told(found: Sequence[Found]) -> dict[str, float]:
    """The figures: shares, counts and seconds."""
    named = [one for one in found if one.made.is_named]
    right = [one for one in named if one.attached == one.made.record_id]
    listed = [one for one in named if one.attached is None and one.made.record_id in one.proposed[:1]]
    wrong = [one for one in found if one.attached is not None and one.attached != one.made.record_id]
    return {
        "pdfs": len(found),
        "named": len(named),
        "attached": len(right),
        "first on the list": len(listed),
        "matched": (len(right) + len(listed)) / max(1, len(named)),
        "wrong": len(wrong),
        "median": statistics.median(one.seconds for one in found),
    }


def main() -> None:
    """Make the PDFs, match them, print the figures; ends with 1 where a bar is missed."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--pdfs", type=int, default=300)
    asked.add_argument("--sought", type=int, default=600)
    asked.add_argument("--seed", type=int, default=6)
    asked.add_argument("--keep", type=Path, help="Write the PDFs here.")
    said = asked.parse_args()
    reports = reports_in(said.folder)
    random.Random(said.seed).shuffle(reports)
    sought, others = reports[: said.sought], reports[said.sought : 2 * said.sought]
    made = list(Maker(sought, others, said.seed).all(said.pdfs))
    if said.keep:
        said.keep.mkdir(parents=True, exist_ok=True)
        for place, one in enumerate(made):
            (said.keep / f"{place:03} {one.kind}.pdf").write_bytes(one.data)
    found = measure(made, sought)
    figures = told(found)
    print(f"{len(sought)} reports sought; {figures['pdfs']} PDFs by {', '.join(writers())}")
    for kind, n in Counter(one.made.kind for one in found).items():
        some = [one for one in found if one.made.kind == kind]
        right = sum(one.attached is not None and one.attached == one.made.record_id for one in some)
        listed = sum(one.attached is None and bool(one.proposed) for one in some)
        print(
            f"  {kind:18} {n:4}  attached {right:4}  to confirm {listed:4}  {dict(Counter(one.state for one in some))}"
        )
    for one in found:
        if one.attached is not None and one.attached != one.made.record_id:
            print("  WRONG", one.made.kind, one.made.writer, one.made.record_id, one.attached)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"named {figures['named']}, attached {figures['attached']}, first on the list {figures['first on the list']}:"
          f" matched {figures['matched']:.1%} (bar {MATCHED:.0%})")  # fmt: skip
    print(f"wrong automatic attachments {figures['wrong']} (bar 0)")
    print(f"median {figures['median'] * 1000:.0f} ms per PDF (bar {MEDIAN * 1000:.0f} ms);"
          f" processor {(children.ru_utime + time.process_time()) / len(found) * 1000:.0f} ms")  # fmt: skip
    sys.exit(figures["matched"] < MATCHED or figures["wrong"] > 0 or figures["median"] > MEDIAN)


if __name__ == "__main__":
    main()
