"""What kind of document a record describes, in one word."""

from collections.abc import Iterable

# RIS types, and the names PubMed, Ovid, EndNote, Cochrane and Scopus write, casefolded.
_NAMES = {
    "registry": ("trial registry record", "clinical trial registry"),
    "preprint": ("preprint", "unpublished", "unpublished work"),
    "conference": (
        *("conf", "cpaper", "conference", "conference paper", "conference abstract", "conference proceedings"),
        *("conference review", "inproceedings", "meeting abstract", "proceedings paper"),
        *("paper-conference", "proceedings", "collection"),
    ),
    "chapter": (
        "chap",
        "echap",
        "book section",
        "book chapter",
        "chapter",
        "incollection",
        "book, section",
        "booksection",
        "inbook",
    ),
    "book": ("book", "ebook", "edbook", "whole", "edited book", "b"),
    "thesis": (
        *("thes", "thesis", "dissertation", "phdthesis", "mastersthesis"),
        *("dissertation abstract", "academic dissertation"),
    ),
    "report": ("rprt", "report", "techreport", "technical report", "govdoc"),
    "dataset": ("data", "dataset", "data set"),
    "web": (
        "elec",
        "web",
        "blog",
        "web page",
        "webpage",
        "website",
        "online",
        "post",
        "post-weblog",
        "electronic resource",
    ),
    "patent": ("pat", "patent"),
    "article": (
        *(
            "jour",
            "ejou",
            "mgzn",
            "jfull",
            "news",
            "abst",
            "inpr",
            "journal article",
            "article",
            "journal",
            "j",
            "journalarticle",
        ),
        *("article-journal", "article-magazine", "article-newspaper", "electronic article", "newspaper article"),
        *("review", "magazine article", "article in press", "letter", "editorial", "erratum", "note"),
    ),
}
_KIND_OF = {name: kind for kind, names in _NAMES.items() for name in names}
_STRONGER = list(_NAMES)


def kind_of(types: Iterable[str], fallback: str | None = None) -> str | None:
    """Return article, book, registry …: the most telling of a record's types, or the fallback.

    A CENTRAL record that is a `Trial registry record` is of kind registry, whatever else it is called.

    >>> kind_of(["JOUR", "Trial registry record"]), kind_of(["Journal Article"]), kind_of(["Something"])
    ('registry', 'article', None)
    """
    kinds = {_KIND_OF[name] for one in types if (name := one.casefold().strip()) in _KIND_OF}
    return min(kinds, key=_STRONGER.index) if kinds else fallback
