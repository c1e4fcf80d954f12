"""Invented records that look like real ones: name only what matters."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from workbench.deduplication.rules import NormalForm, Settings, find, normal_form
from workbench.records.rules import Item

ARTICLE: dict[str, Any] = {
    "title": "Warm foot baths for night cramps in older adults: a randomised trial",
    "authors": ["Holm, A. B.", "Lindqvist, C.", "Okafor, D."],
    "year": 2014,
    "journal": "Journal of Invented Podiatry",
    "volume": "12",
    "issue": "3",
    "pages": "201-209",
}


def an_item(number: int = 1, **fields: Any) -> Item:
    """A delivered record: the article above, with other fields where named."""
    return Item(number=number, lines=(number, number), **(ARTICLE | fields))


def a_form(**fields: Any) -> NormalForm:
    """The same in normal form."""
    return normal_form(an_item(**fields))


def are_one(one: dict[str, Any], other: dict[str, Any], settings: Settings | None = None) -> bool:
    """Say whether the engine puts two records, told as changes to the article, into one cluster."""
    return len(find([a_form(**one), a_form(**other)], settings or Settings()).clusters) == 1


Fields = dict[str, Any]

WORDS = [
    "warm",
    "cold",
    "foot",
    "bath",
    "night",
    "cramp",
    "calf",
    "nurse",
    "gout",
    "sleep",
    "salt",
    "mud",
    "stone",
    "towel",
]
PEOPLE = ["Holm, A. B.", "Lindqvist, C.", "Okafor, D.", "Sjöberg, E.", "Nasser, F. G.", "O'Dell, H."]
JOURNALS = {
    "Journal of Invented Podiatry": "J Invent Podiatr",
    "Podiatry": "Podiatry",
    "Podiatrologia": "Podiatrologia",
    "Acta Imaginaria Scandinavica": "Acta Imag Scand",
    "Cochrane Database of Systematic Reviews": "Cochrane Database Syst Rev",
    "Annual Congress of Invented Medicine": "Annual Congress of Invented Medicine",
}
SUBTITLES = ["", " in older people", ": a randomised controlled trial among the night nurses of three towns"]
TEXT = "{} wake every third adult. We asked {} people of {} towns to keep a diary of warm and cold water for a year."


@st.composite
def works(draw: st.DrawFn) -> Fields:
    """A report that has not been spoilt by any database; few words and places, so that reports resemble each other."""
    first = draw(st.integers(1, 12))
    number = draw(st.integers(0, 9))
    return {
        "title": " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7, unique=True)))
        + draw(st.sampled_from(SUBTITLES)),
        "authors": draw(st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True)),
        "year": draw(st.integers(2001, 2003)),
        "journal": draw(st.sampled_from(list(JOURNALS))),
        "volume": str(draw(st.integers(1, 3))),
        "issue": str(draw(st.integers(1, 3))),
        "pages": f"{first}-{first + draw(st.integers(0, 6))}",
        "doi": draw(st.sampled_from([None, f"10.5555/jip.{number}", f"10.1002/14651858.cd99000{number}.pub2"])),
        "pmid": draw(st.sampled_from([None, None, f"9900000{number}"])),
        "abstract": draw(st.sampled_from([None, TEXT.format("Cramps", number, "two"), TEXT.format("Gouts", "no", 9)])),
    }


NEIGHBOURS: dict[str, Callable[[Fields], Fields]] = {
    "the same": lambda work: {},
    "second part": lambda work: {"title": work["title"] + ". Part II"},
    "other patients": lambda work: {"title": work["title"] + " in children", "pages": None},
    "erratum": lambda work: {"title": "Erratum: " + work["title"], "pages": "90"},
    "reply": lambda work: {"title": work["title"] + " - Reply", "authors": ["Berg, I."]},
    "next year": lambda work: {"year": work["year"] + 1, "volume": str(work["year"] - 1997)},
    "other page": lambda work: {"pages": "70-79", "doi": None},
    "other number": lambda work: {"doi": "10.5556/other"},
    "at a congress": lambda work: {"issue": "Suppl 1", "pages": "S" + work["pages"], "journal": "Annual Congress 2002"},
    "update": lambda work: {"doi": work["doi"] and work["doi"].replace("pub2", "pub3"), "year": work["year"] + 1},
    "other people": lambda work: {"authors": ["Berg, I.", "Vik, J."]},
    "a longer title": lambda work: {"title": work["title"] + " among the night nurses of three towns"},
}
DAMAGES: dict[str, Callable[[Fields], Fields]] = {
    **{f"no {name}": lambda record, name=name: {name: None} for name in
       ("title", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "abstract")},
    "no authors": lambda record: {"authors": []},
    "nothing of the place": lambda record: dict.fromkeys(("journal", "volume", "issue", "pages", "doi", "pmid")),
    "no place but the journal": lambda record: dict.fromkeys(("volume", "issue", "pages", "doi", "pmid")),
    "short journal": lambda record: {"journal": JOURNALS.get(record["journal"], record["journal"])},
    "short pages": lambda record: {"pages": (record["pages"] or "").split("-")[0]},
    "locator": lambda record: {"pages": "e1204"},
    "a date for pages": lambda record: {"pages": "06-Oct"},
    "capitals": lambda record: {"title": (record["title"] or "").upper()},
    "brackets": lambda record: {"title": f"[{record['title']}]. [Review] [33 refs]"},
    "cut": lambda record: {"title": (record["title"] or "")[:34]},
    "error": lambda record: {"title": "#NAME?"},
    "glued": lambda record: {"authors": ["".join(name.replace(",", "") for name in record["authors"])]},
    "first alone": lambda record: {"authors": record["authors"][:1]},
    "a year later": lambda record: {"year": record["year"] and record["year"] + 1},
    "running number": lambda record: {"issue": "1112"},
    "bracketed volume": lambda record: {"volume": "1)"},
    "a slip": lambda record: {"title": (record["title"] or "").replace("o", "0", 1)},
}  # fmt: skip


@st.composite
def libraries(draw: st.DrawFn, most: int = 4) -> list[Fields]:
    """Records as several databases deliver them: reports and their near neighbours, each met more than once, damaged."""
    records: list[Fields] = []
    for work in draw(st.lists(works(), min_size=1, max_size=most)):
        for near in draw(st.lists(st.sampled_from(list(NEIGHBOURS)), min_size=1, max_size=3)):
            report = {**work, **NEIGHBOURS[near](work)}
            for damages in draw(st.lists(st.lists(st.sampled_from(list(DAMAGES)), max_size=3), min_size=1, max_size=3)):
                records.append(_damaged(report, damages))
    return records


@st.composite
def crowds(draw: st.DrawFn) -> list[Fields]:
    """So many records that resemble one work that they are not all compared with each other."""
    work, chance = draw(works()), draw(st.randoms(use_true_random=False))
    return [
        _damaged({**work, **NEIGHBOURS[chance.choice(list(NEIGHBOURS))](work)}, chance.sample(list(DAMAGES), 2))
        for _each in range(draw(st.integers(70, 90)))
    ]


def _damaged(report: Fields, damages: list[str]) -> Fields:
    for damage in damages:
        report = {**report, **DAMAGES[damage](report)}
    return report


SAYS_NOTHING: Fields = {
    "title": ["", " ", "-", "?", "...", "n/a", "#NAME?", "Untitled", "[No title available]", "Editorial", None],
    "authors": [[], [""], ["-"], ["et al"], ["Anonymous"], ["[Anonymous]"], ["No authors listed"], ["&NA;"]],
    "year": [None, 2010],
    "journal": [None, "", "-", "n/a", "Podiatry"],
    "volume": [None, "", "0", "-", "()", "n/a", "1)"],
    "issue": [None, "", "0", "-", "n/a"],
    "pages": [None, "", "-", "--", "0", "0-0", "n.p.", "n/a", "no pagination", "var.pagi", "No page"],
    "doi": [None, "", "-", "n/a", "10.", "10.5555/", "doi:"],
    "abstract": [None, "", "-", "n/a", "No abstract available.", "[Abstract]"],
}
ABSURD: Fields = {
    "title": ["x" * 10_000, "warm " * 2_000, "Ⅳ ² ½ ①", "胸腔闭式引流", "\u202eabc\u0301\u0301", "🦶" * 40, "\x00\ufffd", "[[[[", "===="],
    "authors": [["Å" * 500], ["\u0301"], ["; ; ;"], [" and "], ["A" * 3 + ","] * 300, ["Ü. Ö. Ä."], [","]],
    "year": [0, -1, 1, 99999, 10**12],
    "journal": ["=" * 300, "The", "(Print)", ". Conference", "Ⅳ"],
    "volume": ["9" * 400, "-1", "٣", "Suppl", "Ⅳ", "1e9"],
    "issue": ["9" * 400, "٣", "Suppl Suppl"],
    "pages": ["9" * 400, "9-1", "٣-٩", "e-e", "S", "0-9999999999", "1-2-3", "31-Feb", "00-Jan", "²", "-5"],
    "doi": ["10.1/" + "%" * 60, "https://doi.org/https://doi.org/10.5555/x", "10.5555/" + "x" * 5_000],
    "abstract": ["\x00" * 100, "methods " * 100, "x" * 50_000, "&" * 500, "<" * 500],
}  # fmt: skip


def odd(values: Fields) -> st.SearchStrategy[Fields]:
    """A record each of whose fields holds one of these values."""
    return st.fixed_dictionaries({name: st.sampled_from(some) for name, some in values.items()})


def everything_odd() -> st.SearchStrategy[Fields]:
    """A record of absurd, of empty and of ordinary values."""
    return odd({name: [*SAYS_NOTHING[name], *ABSURD[name]] for name in ABSURD})
