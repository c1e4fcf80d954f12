"""Invented export files of any size, alike to real ones: authors, abstract, keywords, identifiers, several dialects.

Every record differs in what differs in real files (title, authors, numbers); journals and types come again and again.
"""

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape
from zlib import crc32

WORDS = [
    "randomised",
    "trial",
    "of",
    "vertebral",
    "augmentation",
    "with",
    "bone",
    "cement",
    "in",
    "patients",
    "with",
    "painful",
    "spinal",
    "metastases",
    "and",
    "multiple",
    "myeloma",
    "outcome",
    "after",
    "twelve",
    "months",
    "compared",
    "to",
    "radiotherapy",
    "alone",
    "pain",
    "disability",
    "quality",
    "of",
    "life",
    "adverse",
    "events",
    "fracture",
    "height",
    "kyphosis",
    "angle",
    "survival",
    "cost",
    "effectiveness",
    "follow",
    "up",
    "cohort",
    "registry",
    "women",
    "children",
    "surgery",
    "nursing",
    "primary",
    "care",
    "Denmark",
    "Norway",
    "Sweden",
    "Germany",
    "systematic",
    "review",
    "protocol",
    "guideline",
]
NAMES = [
    "Holm",
    "Berg",
    "Lindqvist",
    "Sørensen",
    "Müller",
    "Nguyen",
    "García",
    "O'Brien",
    "Kowalska",
    "van-der-Meer",
    "Tanaka",
    "Okafor",
    "Rossi",
    "Dubois",
]
JOURNALS = tuple(
    (f"Journal of {a} {b}", f"J {a[:4]} {b[:3]}") for a in WORDS[5:25] for b in ("Research", "Care", "Med")
)


class Invention:
    """What is told of one record, drawn from its number."""

    def __init__(self, number: int) -> None:
        draw = random.Random(number)
        self.number, self.draw = number, draw
        self.title = self.words(14).capitalize() + f" {number}"
        self.abstract = " ".join(self.words(22).capitalize() + "." for _ in range(9))
        self.authors = [f"{draw.choice(NAMES)}{draw.randrange(400)}, {draw.choice('ABCDEJKM')}." for _ in range(6)]
        self.journal, self.short = draw.choice(JOURNALS)
        self.year = draw.randint(1995, 2025)
        self.volume, self.issue, self.page = draw.randint(1, 90), draw.randint(1, 12), draw.randint(1, 1900)
        self.doi = f"10.{1000 + number % 300}/inv.{self.year}.{number}"
        self.pmid = 10_000_000 + number
        self.issn = f"{1000 + crc32(self.short.encode()) % 9000}-{1000 + len(self.journal)}"
        self.keywords = [self.words(2) for _ in range(10)]

    def words(self, count: int) -> str:
        """So many words."""
        return " ".join(self.draw.choices(WORDS, k=count))


def ris(one: Invention) -> str:
    """A record as a database of articles writes it."""
    lines = [("TY", "JOUR"), ("ID", f"{one.number}"), ("TI", one.title), *(("AU", name) for name in one.authors)]
    lines += [
        ("PY", f"{one.year}"),
        ("DA", f"{one.year}/03/0{1 + one.number % 9}"),
        ("JF", one.journal),
        ("JA", one.short),
    ]
    lines += [("VL", f"{one.volume}"), ("IS", f"{one.issue}"), ("SP", f"{one.page}"), ("EP", f"{one.page + 8}")]
    lines += [("SN", one.issn), ("AB", one.abstract), *(("KW", word) for word in one.keywords), ("LA", "English")]
    lines += [("DO", one.doi), ("UR", f"https://doi.org/{one.doi}"), ("ER", "")]
    return "\n".join(f"{tag}  - {value}" for tag, value in lines) + "\n\n"


def nbib(one: Invention) -> str:
    """A record as PubMed writes it, long values folded."""
    lines = [("PMID", f"{one.pmid}"), ("OWN", "NLM"), ("STAT", "MEDLINE"), ("DCOM", f"{one.year}0812")]
    lines += [
        ("IS", f"{one.issn} (Electronic)"),
        ("VI", f"{one.volume}"),
        ("IP", f"{one.issue}"),
        ("DP", f"{one.year} Mar"),
    ]
    lines += [
        ("TI", one.title),
        ("PG", f"{one.page}-{one.page + 8}"),
        ("LID", f"{one.doi} [doi]"),
        ("AB", one.abstract),
    ]
    for name in one.authors:
        lines += [("FAU", name), ("AU", name.replace(",", "").replace(".", "")), ("AD", one.words(14))]
    lines += [("LA", "eng"), ("PT", "Journal Article"), ("PL", "Denmark"), ("TA", one.short), ("JT", one.journal)]
    lines += [*(("MH", word.capitalize()) for word in one.keywords), *(("OT", word) for word in one.keywords[:5])]
    lines += [
        ("AID", f"{one.doi} [doi]"),
        ("PST", "ppublish"),
        ("SO", f"{one.short}. {one.year} Mar;{one.volume}:{one.page}."),
    ]
    return "\n".join(_folded(tag, value) for tag, value in lines) + "\n\n"


def _folded(tag: str, value: str) -> str:
    parts, line = [], ""
    for word in value.split(" "):
        if len(line) + len(word) > 80:
            parts.append(line.strip())
            line = ""
        line += f" {word}"
    return f"{tag:<4}- " + "\n      ".join([*parts, line.strip()])


def pubmed_xml(one: Invention) -> str:
    """A record as PubMed's XML has it, one element a line."""
    people = "\n".join(
        f'<Author ValidYN="Y">\n<LastName>{escape(last)}</LastName>\n<ForeName>{first}</ForeName>\n<Initials>{first[:1]}'
        f"</Initials>\n<AffiliationInfo>\n<Affiliation>{one.words(14)}</Affiliation>\n</AffiliationInfo>\n</Author>"
        for last, first in (name.split(", ") for name in one.authors)
    )
    headings = "\n".join(
        f'<MeshHeading>\n<DescriptorName UI="D{n:06}" MajorTopicYN="N">{word}</DescriptorName>\n</MeshHeading>'
        for n, word in enumerate(one.keywords)
    )
    references = "\n".join(
        f"<Reference>\n<Citation>{one.words(9)}. {one.short}. {one.year}</Citation>\n<ArticleIdList>\n"
        f'<ArticleId IdType="pubmed">{one.pmid - n}</ArticleId>\n</ArticleIdList>\n</Reference>'
        for n in range(1, 21)
    )
    return f"""<PubmedArticle>
<MedlineCitation Status="MEDLINE" Owner="NLM">
<PMID Version="1">{one.pmid}</PMID>
<DateRevised>
<Year>{one.year}</Year>
<Month>08</Month>
<Day>12</Day>
</DateRevised>
<Article PubModel="Print">
<Journal>
<ISSN IssnType="Electronic">{one.issn}</ISSN>
<JournalIssue CitedMedium="Internet">
<Volume>{one.volume}</Volume>
<Issue>{one.issue}</Issue>
<PubDate>
<Year>{one.year}</Year>
<Month>Mar</Month>
</PubDate>
</JournalIssue>
<Title>{one.journal}</Title>
<ISOAbbreviation>{one.short}</ISOAbbreviation>
</Journal>
<ArticleTitle>{one.title}</ArticleTitle>
<Pagination>
<MedlinePgn>{one.page}-{one.page + 8}</MedlinePgn>
</Pagination>
<ELocationID EIdType="doi" ValidYN="Y">{one.doi}</ELocationID>
<Abstract>
<AbstractText Label="RESULTS">{one.abstract}</AbstractText>
</Abstract>
<AuthorList CompleteYN="Y">
{people}
</AuthorList>
<Language>eng</Language>
<PublicationTypeList>
<PublicationType UI="D016428">Journal Article</PublicationType>
</PublicationTypeList>
</Article>
<MedlineJournalInfo>
<Country>Denmark</Country>
<MedlineTA>{one.short}</MedlineTA>
<NlmUniqueID>7610646</NlmUniqueID>
</MedlineJournalInfo>
<MeshHeadingList>
{headings}
</MeshHeadingList>
</MedlineCitation>
<PubmedData>
<PublicationStatus>ppublish</PublicationStatus>
<ArticleIdList>
<ArticleId IdType="pubmed">{one.pmid}</ArticleId>
<ArticleId IdType="doi">{one.doi}</ArticleId>
</ArticleIdList>
<ReferenceList>
{references}
</ReferenceList>
</PubmedData>
</PubmedArticle>
"""


def bibtex(one: Invention) -> str:
    """A record as BibTeX."""
    fields = {"title": one.title, "author": " and ".join(one.authors), "journal": one.journal, "year": one.year}
    fields |= {"volume": one.volume, "number": one.issue, "pages": f"{one.page}--{one.page + 8}", "doi": one.doi}
    fields |= {"abstract": one.abstract, "keywords": ", ".join(one.keywords)}
    return f"@article{{key{one.number},\n" + "".join(f"  {k} = {{{v}}},\n" for k, v in fields.items()) + "}\n\n"


XML_HEAD = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_240101.dtd">
<PubmedArticleSet>
"""
TEXTS: dict[str, tuple[str, Callable[[Invention], str], str]] = {
    "ris": ("", ris, ""),
    "nbib": ("", nbib, ""),
    "xml": (XML_HEAD, pubmed_xml, "</PubmedArticleSet>\n"),
    "bib": ("", bibtex, ""),
}


def written(path: Path, records: int) -> Path:
    """Write a file of so many invented records; its ending says which kind."""
    kind = path.suffix[1:]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        if kind == "csv":
            _write_table(file, records)
        else:
            head, write, tail = TEXTS[kind]
            file.write(head)
            file.writelines(write(one) for one in inventions(records))
            file.write(tail)
    return path


def inventions(records: int) -> Iterator[Invention]:
    """So many records."""
    return map(Invention, range(1, records + 1))


def _write_table(file: object, records: int) -> None:
    table = csv.writer(file)
    table.writerow(
        ["Title", "Authors", "Year", "Journal", "Volume", "Issue", "Pages", "DOI", "PMID", "Abstract", "Keywords"]
    )
    for one in inventions(records):
        pages = f"{one.page}-{one.page + 8}"
        row = [
            one.title,
            "; ".join(one.authors),
            one.year,
            one.journal,
            one.volume,
            one.issue,
            pages,
            one.doi,
            one.pmid,
        ]
        table.writerow([*row, one.abstract, "; ".join(one.keywords)])
