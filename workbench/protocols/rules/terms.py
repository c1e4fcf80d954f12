"""Words to mark in titles and abstracts: which can be marked, and which a plan's questions hold. Pure."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from workbench.protocols.rules.plan import Plan, Question

LONGEST = 100
"""So many characters a term has at most."""

_TERM = re.compile(r"[^*]{2,}\*?")
_WORD = re.compile(r"[^\W\d_][\w-]{2,}")
_EMPTY = frozenset({
    "about", "after", "against", "all", "alone", "and", "any", "are", "before", "between", "both", "but", "care",
    "compared", "comparison", "control", "each", "for", "from", "group", "groups", "had", "has", "have", "including",
    "least", "less", "method", "methods", "more", "most", "non", "not", "only", "other", "per", "same", "some",
    "such", "than", "that", "the", "their", "them", "these", "they", "this", "those", "through", "treated",
    "treatment", "treatments", "under", "usual", "versus", "was", "were", "when", "which", "who", "whose", "will",
    "with", "within", "without",
})  # fmt: skip
"""Words of a question that say nothing by themselves."""


def is_markable(term: str) -> bool:
    """Say whether a term can be marked in a text: at least two letters, a * at the end only.

    >>> [is_markable(term) for term in ("random*", "bone cement", "*", "a", "ran*m")]
    [True, True, False, False, False]
    """
    return len(term) <= LONGEST and _TERM.fullmatch(term.strip()) is not None


def pico_terms(plan: Plan) -> tuple[str, ...]:
    """The words of population, intervention and comparison that say something, each once, in their order."""
    texts = chain.from_iterable(_parts(question) for question in plan.questions)
    return tuple(dict.fromkeys(_words(texts)))


def _parts(question: Question) -> Iterator[str]:
    yield from (question.population, question.intervention, question.comparison or "")


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (word for word in _WORD.findall(text.casefold()) if word not in _EMPTY)
