"""Two titles word by word: a word of weight, a negation or a number may tell two works apart however alike the rest."""

from rapidfuzz import fuzz

from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.text import word_set
from workbench.deduplication.rules.values import AGREE, CONFLICT, UNKNOWN

_STEM = NUMBERS.weighty_word
_OPPOSED = tuple(
    word_set(group)
    for group in (
        "adult adults adolescent adolescents child children childhood pediatric paediatric neonatal neonates infants",
        "men women male female males females boys girls", "left right", "with without", "high low higher lower",
        "increased decreased increases decreases increase decrease", "acute chronic subacute", "early late",
        "before after", "hypertension hypotension", "positive negative", "short long", "primary secondary tertiary",
        "oral intravenous topical", "inhibition activation", "systolic diastolic", "anterior posterior", "upper lower",
        "rat rats mouse mice rabbit rabbits dog dogs pig pigs human humans", "hyperglycemia hypoglycemia",
        "protocol results",
    )
)  # fmt: skip
_PREFIXES = (
    ("hypo", "hyper"), ("in", "out"), ("pre", "post"), ("pre", "peri"), ("peri", "post"), ("intra", "extra"),
    ("intra", "inter"), ("under", "over"), ("micro", "macro"), ("mono", "poly"), ("mono", "bi"), ("uni", "bi"),
    ("endo", "exo"), ("homo", "hetero"), ("anti", "pro"), ("ante", "post"), ("pre", ""), ("post", ""), ("un", ""),
    ("non", ""), ("in", ""), ("anti", ""),
)  # fmt: skip
_SMALL_WORDS = word_set(
    "of in on at by to for from with and or the a an as is are vs v via de la le der die und des et"
)


def compare_words(ones: list[str], others: list[str], truncated: bool) -> int:
    """Compare wordings: a word of weight that differs, not a spelling, is conflict: another drug, other patients."""
    left, right = set(ones).difference(others), set(others).difference(ones)
    if not left and not right:
        return AGREE
    if any(not group.isdisjoint(left) and not group.isdisjoint(right) for group in _OPPOSED):
        return CONFLICT
    if {"not", "without", "non"} & (left ^ right) and not truncated:
        return CONFLICT
    one, other = "".join(ones), "".join(others)
    if _has_stranger(left, right, other) and _has_stranger(right, left, one):
        return CONFLICT
    return CONFLICT if _swapped(ones, others) or _has_opposites(left, right, one, other) else UNKNOWN


def _swapped(ones: list[str], others: list[str]) -> bool:
    """Say whether short words stand for each other in titles else alike: Ca2+ and Mg2+, FDG and FLT."""
    if len(ones) != len(others):
        return False
    differ = [(one, other) for one, other in zip(ones, others, strict=True) if one != other]
    return len(differ) <= NUMBERS.words_swapped and any(_are_two_marks(*pair) for pair in differ)


def _are_two_marks(one: str, other: str) -> bool:
    """Say whether two short words are marks of two things: not small words, not spellings of one, not mere numbers."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) > NUMBERS.weighty_word or len(shorter) < 2 or {one, other} & _SMALL_WORDS:
        return False
    telling = not one.isdigit() and not other.isdigit() and not longer.startswith(shorter)
    return telling and fuzz.ratio(one, other) < 100 * NUMBERS.like_word


def _has_opposites(left: set[str], right: set[str], ones: str, others: str) -> bool:
    """Say whether a word of one title is the opposite of a word of the other: hypo- and hyper-, in- and outpatients.

    A word that the other title writes apart ("non small", "nonsmall") is no opposite.
    """
    news = [word for word in left if word not in others], [word for word in right if word not in ones]
    return any(_are_opposites(a, b) for a in left for b in right if a in news[0] or b in news[1])


def _are_opposites(one: str, other: str) -> bool:
    """Say whether two words of one stem differ by prefixes that turn the meaning."""
    if one[-_STEM:] != other[-_STEM:] or min(len(one), len(other)) < _STEM:
        return False
    return any(
        one.startswith(a) and other.startswith(b) and one[len(a) :] == other[len(b) :]
        for pair in _PREFIXES
        for a, b in (pair, pair[::-1])
    )


def _has_stranger(words: set[str], others: set[str], text: str) -> bool:
    """Say whether a word of four letters and more has no like word on the other side, nor stands in its text."""
    return any(len(word) >= NUMBERS.weighty_word and word not in text and not _has_like(word, others) for word in words)


def _has_like(word: str, others: set[str]) -> bool:
    """Say whether a word has another spelling among others."""
    return any(fuzz.ratio(word, other) >= 100 * NUMBERS.like_word for other in others)


def compare_numerals(one: NormalForm, other: NormalForm) -> int:
    """Compare the numbers in the titles: each has one that the other lacks is conflict, so is a part that only one has.

    Any other number that only one title has, as in a subtitle, says nothing.
    """
    if one.key == other.key or (one.numerals == other.numerals and one.series == other.series):
        return AGREE
    left, right = [*one.numerals, *one.series], [*other.numerals, *other.series]
    if "".join(left) == "".join(right):
        return AGREE
    both_lack = _minus(left, right) and _minus(right, left)
    return CONFLICT if both_lack or one.parts != other.parts else UNKNOWN


def _minus(ones: list[str], others: list[str]) -> list[str]:
    """List what the first holds beyond the second, each as often as it stands."""
    rest = list(ones)
    for number in others:
        if number in rest:
            rest.remove(number)
    return rest
