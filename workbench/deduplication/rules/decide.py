"""May these two be one report? Named vetoes first, then named rules that count what agrees."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.deduplication.rules.compare import AGREE, CONFLICT, UNKNOWN, Comparison
from workbench.deduplication.rules.settings import ALIKE_TITLE, NEAR_TITLE, SAME_TITLE, SHORT_TITLE, Settings

Test = Callable[[Comparison], bool]


def same_place(c: Comparison) -> bool:
    """Volume and first page agree."""
    return c.volume == AGREE and c.pages == AGREE


def other_kind(c: Comparison) -> bool:
    """Erratum, retraction or comment against its article: reports of their own."""
    return c.kinds == CONFLICT


def other_review(c: Comparison) -> bool:
    """Two Cochrane reviews with different numbers, or two trials with different registration numbers."""
    return c.review == CONFLICT or (c.registry == CONFLICT and c.doi != AGREE)


def other_numerals(c: Comparison) -> bool:
    """Series: "Part I" against "Part II" is another report however alike the rest; the same place outweighs."""
    if c.numerals != CONFLICT:
        return c.numerals == UNKNOWN and c.pages == CONFLICT
    same_number = c.doi == AGREE and c.truncated and c.pages != CONFLICT
    return not same_number and not (same_place(c) and c.authors == AGREE and c.title >= ALIKE_TITLE)


def other_doi(c: Comparison) -> bool:
    """Different DOIs: two publishers, supplement against article; an agreed place or database number outweighs them."""
    same = same_place(c) or (c.accession == AGREE and c.pages == AGREE)
    return c.doi == CONFLICT and not (same and c.title >= ALIKE_TITLE)


def other_pmid(c: Comparison) -> bool:
    """Different PubMed numbers: PubMed seldom holds a report twice."""
    return c.pmid == CONFLICT and not (same_place(c) and c.title >= SAME_TITLE)


def other_place(c: Comparison) -> bool:
    """Pages disagree, and the volume too or only one is a congress: an abstract with its article's DOI is still one."""
    return c.pages == CONFLICT and (c.volume == CONFLICT or (c.kinds == UNKNOWN and c.volume != AGREE))


def other_pages(c: Comparison) -> bool:
    """Pages disagree: editorials, letters, congress abstracts of one series; same text in the same volume outweighs."""
    if c.pages != CONFLICT:
        return False
    if AGREE in (c.doi, c.pmid):
        return c.title < SAME_TITLE
    same_text = c.abstract == AGREE and c.title >= SAME_TITLE and c.authors == AGREE
    return not (same_text and c.volume == AGREE and c.year != CONFLICT and not c.conference)


def other_volume(c: Comparison) -> bool:
    """Volumes disagree: annual editorials, updates; the same pages, title, people and year outweigh a slip."""
    if c.volume != CONFLICT:
        return False
    if AGREE in (c.doi, c.pmid):
        return c.title < SAME_TITLE
    same_text = c.title >= SAME_TITLE and c.length >= SHORT_TITLE and c.authors == AGREE and not c.generic
    return not (same_text and c.pages == AGREE and c.year == AGREE and c.journal == AGREE)


def other_year(c: Comparison) -> bool:
    """Years apart by more than one: annual editorials, guideline updates; an agreed place outweighs."""
    return c.year == CONFLICT and not (same_place(c) or AGREE in (c.doi, c.pmid))


def other_authors(c: Comparison) -> bool:
    """Nobody in common: letters on one page; an agreed place under the same long title outweighs."""
    same_text = c.title >= SAME_TITLE and not c.generic
    return c.authors == CONFLICT and not (same_text and same_place(c) and c.journal != CONFLICT)


def other_wording(c: Comparison) -> bool:
    """Another drug, other patients, "without": a word of weight outweighs a ratio of .95, the same place the word."""
    if c.wording != CONFLICT:
        return False
    if c.whole_range and same_place(c):
        return c.authors == CONFLICT
    return not (c.authors == AGREE and (same_place(c) or (c.doi == AGREE and c.title >= ALIKE_TITLE)))


def other_journal(c: Comparison) -> bool:
    """Another journal: guidelines printed twice, congress against article; an agreed place or DOI outweighs."""
    return c.journal == CONFLICT and not (same_place(c) or AGREE in (c.doi, c.pmid))


def other_version(c: Comparison) -> bool:
    """Another version of one Cochrane review (an update): linked, and a report of its own unless asked otherwise."""
    return c.version == CONFLICT


VETOES: dict[str, Test] = {
    test.__name__.replace("_", "-"): test
    for test in (
        other_version, other_kind, other_review, other_numerals, other_doi, other_pmid, other_place, other_pages,
        other_volume, other_year, other_authors, other_wording, other_journal,
    )
}  # fmt: skip


def same_doi(c: Comparison) -> bool:
    """Equal DOI and a like title: supplement DOIs are shared by many abstracts, so never the DOI alone."""
    return c.doi == AGREE and (c.title >= 0.85 or (same_place(c) and c.authors == AGREE and c.wording != CONFLICT))


def same_number(c: Comparison) -> bool:
    """Equal PubMed, Embase or CENTRAL number and a like title."""
    return AGREE in (c.pmid, c.accession) and c.title >= ALIKE_TITLE


def same_version(c: Comparison) -> bool:
    """One version of one Cochrane review, met twice: number and year, or title, people and year."""
    return c.version == AGREE and c.year == AGREE and c.title >= NEAR_TITLE and c.authors != CONFLICT


def same_trial_entry(c: Comparison) -> bool:
    """One trial's entry in a register, met twice."""
    return c.registry == AGREE and c.kinds == AGREE and c.title >= NEAR_TITLE and c.year == AGREE


def place_and_title(c: Comparison) -> bool:
    """Same title, volume and page: enough unless the title says nothing."""
    return same_place(c) and c.title >= SAME_TITLE and (not c.generic or c.authors == AGREE) and c.year != CONFLICT


def place_and_people(c: Comparison) -> bool:
    """Same volume, page, people and journal under a like title: a slip, a translation, a cut title."""
    people = c.authors == AGREE and c.first_author != CONFLICT
    alike = c.title >= ALIKE_TITLE or (c.title >= 0.6 and c.wording != CONFLICT)
    return same_place(c) and people and c.year == AGREE and c.journal == AGREE and alike


def whole_range(c: Comparison) -> bool:
    """First and last page, volume, year, journal and people agree: a translated or rewritten title."""
    people = c.authors == AGREE or (c.authors == UNKNOWN and c.title >= 0.6)
    return c.whole_range and same_place(c) and people and c.year == AGREE and c.journal == AGREE


def place_without_title(c: Comparison) -> bool:
    """One title missing or in another language: volume, page, people, year and journal all agree."""
    people = c.authors == AGREE and c.first_author == AGREE
    everything = same_place(c) and people and c.year == AGREE and c.journal == AGREE
    return everything and (c.length == 0 or c.abstract == AGREE)


def title_people_pages(c: Comparison) -> bool:
    """Same title, people and page, volume unknown."""
    return c.title >= NEAR_TITLE and c.authors == AGREE and c.pages == AGREE and c.year != CONFLICT and not c.generic


def title_people_volume(c: Comparison) -> bool:
    """Same title, people, volume and journal; pages missing on a side or an e-locator."""
    where = c.volume == AGREE and c.journal == AGREE and c.year != CONFLICT
    return c.title >= SAME_TITLE and c.length >= SHORT_TITLE and c.authors == AGREE and where and not c.generic


def title_people_abstract(c: Comparison) -> bool:
    """Same title, people and text in the same journal."""
    text = c.abstract == AGREE and c.title >= SAME_TITLE and c.length >= SHORT_TITLE
    return text and c.authors == AGREE and c.journal == AGREE and c.year != CONFLICT


def title_people_journal(c: Comparison) -> bool:
    """Same long title, people, journal and year; the place is unknown (ahead of print)."""
    long = c.title >= SAME_TITLE and c.length + 10 * min(c.people, 3) >= 60 and not c.truncated
    return long and c.authors == AGREE and c.journal == AGREE and c.year == AGREE and c.abstract != CONFLICT


def title_people_year(c: Comparison) -> bool:
    """Same long title, people and year; journal unknown."""
    return c.title >= SAME_TITLE and c.length >= 40 and c.authors == AGREE and c.year == AGREE


def near_title_people(c: Comparison) -> bool:
    """A like title by the same people about the same time."""
    return c.title >= NEAR_TITLE and c.length >= SHORT_TITLE and c.authors == AGREE and c.year != CONFLICT


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that says duplicate; its tier says how bold (1 merges always, 2 from balanced, 3 only thorough)."""

    name: str
    tier: int
    test: Test


RULES = tuple(
    Rule(test.__name__.replace("_", "-"), tier, test)
    for tier, test in (
        (1, same_doi), (1, same_number), (1, same_version), (1, place_and_title), (1, place_and_people),
        (1, whole_range), (1, place_without_title), (1, title_people_pages), (1, title_people_volume),
        (1, title_people_abstract), (1, same_trial_entry), (1, title_people_journal), (2, title_people_year),
        (3, near_title_people),
    )
)  # fmt: skip


VERSIONS_TOGETHER = Rule("versions-together", 1, other_version)
RANK = {rule.name: rank for rank, rule in enumerate((*RULES, VERSIONS_TOGETHER))}


def veto(c: Comparison, settings: Settings) -> str | None:
    """Name the first veto that forbids the two to be one report."""
    if settings.versions == "together" and other_version(c) and c.title >= NEAR_TITLE:
        return None
    return next((name for name, test in VETOES.items() if test(c)), None)


def rule(c: Comparison, settings: Settings) -> Rule | None:
    """Name the first rule, least bold first, by which the two are one report."""
    if settings.versions == "together" and other_version(c) and c.title >= NEAR_TITLE:
        return VERSIONS_TOGETHER
    return next((rule for rule in RULES if rule.test(c)), None)
