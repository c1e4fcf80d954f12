"""May these two be one report? Named vetoes first, then named rules that count what agrees.

Each function takes the comparison and the numbers of the settings, nothing else: what it says of two records depends
on these two alone. It asks first what is cheap to look at and seldom so; most pairs are let go by the title, the year
and the place. Its docstring names the class of error that it is for.
"""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.deduplication.rules.compare import Comparison
from workbench.deduplication.rules.settings import TIERS, Numbers, Settings
from workbench.deduplication.rules.values import AGREE, CONFLICT, UNKNOWN

Test = Callable[[Comparison, Numbers], bool]


def same_place(c: Comparison) -> bool:
    """Volume and first page agree."""
    return c.volume == AGREE and c.pages == AGREE


def same_issue(c: Comparison) -> bool:
    """Journal, volume, issue and year agree: what differs beside them is a slip or another paper of the issue."""
    return AGREE == c.journal == c.volume == c.issue == c.year


def same_text(c: Comparison, n: Numbers) -> bool:
    """Title, people and abstract agree to the letter or nearly so, with the numbers in the title."""
    telling = c.title >= n.same_title and c.length >= n.short_title and not c.generic
    return telling and AGREE == c.authors == c.abstract == c.numerals


def only_pages_differ(c: Comparison, n: Numbers) -> bool:
    """The same long title by the same people in one volume: a page mistyped, or an early abstract of the paper.

    Where one of the two tells of a congress, all else must agree: the issue, every author, and that both are abstracts.
    Notices are left alone, since an article may be corrected twice; talks and posters are counted apart.
    """
    whole = c.title >= n.whole_title and c.length >= n.sure_title and not c.truncated
    people = AGREE == c.authors == c.first_author and c.page_mark and not c.notice
    where = AGREE == c.journal == c.volume == c.year and c.numerals == AGREE and c.abstract != CONFLICT
    alike = c.kinds == AGREE or (c.issue != CONFLICT and c.everyone and c.like_extent)
    return whole and people and where and alike


def other_kind(c: Comparison, n: Numbers) -> bool:
    """Erratum, retraction, comment, preprint or register's entry against the article: reports of their own.

    On one page by the same people, it is the notice itself, which one database lists without its "Re:".
    """
    itself = same_place(c) and c.title >= n.same_title and AGREE == c.authors == c.first_author == c.year == c.journal
    return c.kinds == CONFLICT and not itself


def other_review(c: Comparison, _n: Numbers) -> bool:
    """Two Cochrane reviews with different numbers, or two trials with different registration numbers."""
    return c.review == CONFLICT or (c.registry == CONFLICT and c.doi != AGREE)


def other_numerals(c: Comparison, n: Numbers) -> bool:
    """Series: "Part I" against "Part II" is another report however alike the rest; place or PubMed number outweighs."""
    if c.numerals != CONFLICT:
        return c.numerals == UNKNOWN and c.pages == CONFLICT
    number = (c.doi == AGREE and c.truncated) or (c.pmid == AGREE and c.title >= n.same_title)
    return not (number and c.pages != CONFLICT) and not (
        same_place(c) and c.authors == AGREE and c.title >= n.alike_title
    )


def other_doi(c: Comparison, n: Numbers) -> bool:
    """Different DOIs: two publishers, supplement against article; place, number or text in one issue outweighs."""
    same = same_place(c) or (c.accession == AGREE and c.pages == AGREE)
    if c.doi != CONFLICT or (same and c.title >= n.alike_title):
        return False
    return not (same_issue(c) and same_text(c, n))


def other_pmid(c: Comparison, n: Numbers) -> bool:
    """Different PubMed numbers: PubMed seldom holds a report twice, then with one place or one text."""
    same = (same_place(c) and c.title >= n.same_title) or (same_issue(c) and same_text(c, n))
    return c.pmid == CONFLICT and not same


def other_place(c: Comparison, _n: Numbers) -> bool:
    """Pages disagree, and the volume too or only one is a congress: an abstract with its article's DOI is still one."""
    return c.pages == CONFLICT and (c.volume == CONFLICT or (c.kinds == UNKNOWN and c.volume != AGREE))


def other_pages(c: Comparison, n: Numbers) -> bool:
    """Pages disagree: editorials, letters, abstracts of a series; a text or long title in one volume outweighs."""
    if c.pages != CONFLICT:
        return False
    if AGREE in (c.doi, c.pmid):
        return c.title < n.same_title
    if same_text(c, n) and c.volume == AGREE and c.year != CONFLICT and not c.conference:
        return False
    return not only_pages_differ(c, n)


def other_volume(c: Comparison, n: Numbers) -> bool:
    """Volumes disagree: annual editorials, updates; the same pages, title, people and year outweigh a slip."""
    if c.volume != CONFLICT:
        return False
    if AGREE in (c.doi, c.pmid):
        return c.title < n.same_title
    same = c.title >= n.same_title and c.length >= n.short_title and c.authors == AGREE and not c.generic
    return not (same and c.pages == AGREE and c.year == AGREE and c.journal == AGREE)


def other_year(c: Comparison, _n: Numbers) -> bool:
    """Years apart by more than one: annual editorials, guideline updates; an agreed place or trial number outweighs."""
    entry = c.entry and c.registry == AGREE
    return c.year == CONFLICT and not (entry or same_place(c) or AGREE in (c.doi, c.pmid))


def other_authors(c: Comparison, n: Numbers) -> bool:
    """Nobody in common: letters on one page; an agreed place of several pages under the same title outweighs."""
    same = c.title >= n.same_title and not c.generic and not c.one_page
    return c.authors == CONFLICT and not (same and same_place(c) and c.journal != CONFLICT)


def other_wording(c: Comparison, n: Numbers) -> bool:
    """Another drug, other patients, "without": a word of weight outweighs a ratio of .95, the same place the word.

    A page may hold several abstracts, letters or book reviews by one hand: a single one does not outweigh it.
    """
    if c.wording != CONFLICT:
        return False
    if c.whole_range and same_place(c):
        return c.authors == CONFLICT
    number = c.doi == AGREE and c.title >= n.alike_title and c.pages != CONFLICT
    return not (c.authors == AGREE and (number or (same_place(c) and not c.one_page)))


def other_journal(c: Comparison, _n: Numbers) -> bool:
    """Another journal: guidelines printed twice, congress against article; an agreed place or DOI outweighs."""
    return c.journal == CONFLICT and not c.thesis and not (same_place(c) or AGREE in (c.doi, c.pmid))


def other_version(c: Comparison, _n: Numbers) -> bool:
    """Another version of one Cochrane review (an update): linked, and a report of its own unless asked otherwise."""
    return c.version == CONFLICT


VETOES: dict[str, Test] = {
    test.__name__.replace("_", "-"): test
    for test in (
        other_version, other_kind, other_review, other_numerals, other_doi, other_pmid, other_place, other_pages,
        other_volume, other_year, other_authors, other_wording, other_journal,
    )
}  # fmt: skip


def same_doi(c: Comparison, n: Numbers) -> bool:
    """Equal DOI and a like title: supplement DOIs are shared by many abstracts, so never the DOI alone."""
    same = same_place(c) and c.authors == AGREE and c.wording != CONFLICT
    return c.doi == AGREE and (same or c.title >= n.doi_title)


def same_number(c: Comparison, n: Numbers) -> bool:
    """Equal PubMed, Embase or CENTRAL number and a like title."""
    return c.title >= n.alike_title and AGREE in (c.pmid, c.accession)


def same_version(c: Comparison, n: Numbers) -> bool:
    """One version of one Cochrane review, met twice: number and year, or title, people and year."""
    return c.title >= n.near_title and c.version == AGREE and c.year == AGREE and c.authors != CONFLICT


def same_trial_entry(c: Comparison, n: Numbers) -> bool:
    """One trial's entry in a register, met twice: its number names it, its year may be that of the last change."""
    return c.entry and c.registry == AGREE and c.title >= n.near_title


def same_thesis(c: Comparison, n: Numbers) -> bool:
    """A thesis and its entry in Dissertation Abstracts, which comes a year later, in a journal with pages."""
    telling = c.title >= n.same_title and c.length >= n.short_title and not c.generic
    return c.thesis and telling and AGREE == c.authors == c.first_author and c.year != CONFLICT


def place_and_title(c: Comparison, n: Numbers) -> bool:
    """Same title, volume and page: enough unless the title says nothing; a mistyped year needs all else to agree."""
    if c.title < n.same_title or not same_place(c):
        return False
    year = c.year != CONFLICT or (c.whole_range and AGREE == c.authors == c.journal and not c.generic)
    return year and (not c.generic or c.authors == AGREE)


def place_and_people(c: Comparison, n: Numbers) -> bool:
    """Same volume, page, people and journal under a like title: a slip, a translation, a cut title."""
    if not same_place(c) or c.title < min(n.alike_title, n.faint_title):
        return False
    people = c.authors == AGREE and c.first_author != CONFLICT
    alike = c.title >= n.alike_title or (c.title >= n.faint_title and c.wording != CONFLICT)
    return people and c.year == AGREE and c.journal == AGREE and alike


def whole_range(c: Comparison, n: Numbers) -> bool:
    """First and last page, volume, year, journal and people agree: a translated or rewritten title."""
    if not (c.whole_range and same_place(c)) or c.untitled:
        return False
    people = c.authors == AGREE or (c.authors == UNKNOWN and c.title >= n.faint_title and not c.generic)
    return people and c.year == AGREE and c.journal == AGREE


def _everything_but_title(c: Comparison) -> bool:
    return same_place(c) and AGREE == c.year == c.authors == c.first_author == c.journal


def place_and_text(c: Comparison, _n: Numbers) -> bool:
    """A title in another language, or one that says nothing on both sides: all else, or the abstract too, agrees."""
    return _everything_but_title(c) and not c.untitled and (c.length == 0 or c.abstract == AGREE)


def place_without_title(c: Comparison, _n: Numbers) -> bool:
    """A title missing or lost: a page may hold two abstracts by the same people, so a person must look."""
    return _everything_but_title(c) and c.untitled


def title_people_pages(c: Comparison, n: Numbers) -> bool:
    """Same title, people and page, volume unknown; a column on page 1 of every issue is not one report."""
    telling = c.title >= n.near_title and c.length >= n.short_title and not c.generic
    where = telling and c.pages == AGREE and CONFLICT not in (c.year, c.issue)
    return where and c.authors == AGREE and c.abstract != CONFLICT


def title_people_volume(c: Comparison, n: Numbers) -> bool:
    """Same title, people, volume and journal; pages missing on a side, an e-locator, or mistyped."""
    telling = c.title >= n.same_title and c.length >= n.short_title and not c.generic
    return telling and c.volume == AGREE and c.year != CONFLICT and AGREE == c.authors == c.journal


def title_people_abstract(c: Comparison, n: Numbers) -> bool:
    """Same title, people and text in the same journal."""
    return same_text(c, n) and c.journal == AGREE and c.year != CONFLICT


def title_text_volume(c: Comparison, n: Numbers) -> bool:
    """Proceedings and the like, by nobody: the same title and text in the same volume of one journal."""
    telling = c.title >= n.same_title and not c.generic and c.numerals == AGREE
    where = telling and AGREE == c.volume == c.year == c.journal and c.issue != CONFLICT
    return where and c.authors == UNKNOWN and c.abstract == AGREE


def title_people_journal(c: Comparison, n: Numbers) -> bool:
    """Same long title, people, journal and year; the place is unknown (ahead of print)."""
    if c.title < n.same_title or c.year != AGREE or c.truncated:
        return False
    long = c.length + n.worth_of_author * min(c.people, n.authors_counted) >= n.sure_title
    return long and c.authors == AGREE and c.journal == AGREE and c.abstract != CONFLICT


def title_people_year(c: Comparison, n: Numbers) -> bool:
    """Same long title, people and year; journal unknown."""
    return c.title >= n.same_title and c.length >= n.long_title and c.year == AGREE and c.authors == AGREE


def near_title_people(c: Comparison, n: Numbers) -> bool:
    """A like title by the same people about the same time."""
    return c.title >= n.near_title and c.length >= n.short_title and c.year != CONFLICT and c.authors == AGREE


def retitled(c: Comparison, n: Numbers) -> bool:
    """Another title in print than online, words in another order, an abbreviation written out: a person must look.

    The very same people, several, in one journal and year; the page is unknown.
    """
    where = c.title >= n.retitled_title and c.year == AGREE and UNKNOWN == c.pages == c.doi and c.volume != CONFLICT
    people = where and c.first_author == AGREE and c.people >= n.many_people
    return people and c.journal == AGREE and not c.conference


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that says duplicate; its tier says how bold: 1 merges always, 2 from balanced, 3 only thorough, 4 asks."""

    name: str
    tier: int
    test: Test


RULES = tuple(
    Rule(test.__name__.replace("_", "-"), tier, test)
    for tier, test in (
        (1, same_doi), (1, same_number), (1, same_version), (1, place_and_title), (1, place_and_people),
        (1, whole_range), (1, place_and_text), (1, title_people_pages), (1, title_people_volume),
        (1, title_people_abstract), (1, title_text_volume), (1, same_trial_entry), (1, title_people_journal),
        (2, same_thesis), (2, title_people_year), (3, near_title_people), (4, retitled), (4, place_without_title),
    )
)  # fmt: skip


VERSIONS_TOGETHER = Rule("versions-together", 1, other_version)
RANK = {rule.name: rank for rank, rule in enumerate((*RULES, VERSIONS_TOGETHER))}


def is_for_a_person(veto: str | None, rule: Rule) -> bool:
    """Say whether a rule only asks, and nothing but the wording speaks against it."""
    return rule.tier > max(TIERS.values()) and veto in (None, "other-wording")


def veto(c: Comparison, settings: Settings) -> str | None:
    """Name the first veto that forbids the two to be one report."""
    n = settings.numbers
    if settings.versions == "together" and c.version == CONFLICT and c.title >= n.near_title:
        return None
    return next((name for name, test in VETOES.items() if test(c, n)), None)


def rule(c: Comparison, settings: Settings) -> Rule | None:
    """Name the first rule, least bold first, by which the two are one report."""
    n = settings.numbers
    if settings.versions == "together" and c.version == CONFLICT and c.title >= n.near_title:
        return VERSIONS_TOGETHER
    return next((rule for rule in RULES if rule.test(c, n)), None)
