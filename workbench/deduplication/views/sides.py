"""Two records side by side: the fields a person compares, and in which words they differ."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from workbench.deduplication.queries import Source
from workbench.records.models import Record
from workbench.records.writers import told_types
from workbench.words import _

LONG = 4000
"""Words on both sides from which common words are passed over, or comparing would take seconds."""


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of one side; `differs` where the other side lacks them."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of both records. What only one of them has is unknown, no difference."""

    name: str
    left: Sequence[Run]
    right: Sequence[Run]
    is_evidence: bool = False
    left_language: str | None = None
    right_language: str | None = None

    @property
    def differs(self) -> bool:
        """Whether any word of it differs."""
        return any(run.differs for run in (*self.left, *self.right))


def differences(left: Sequence[str], right: Sequence[str], bare: Callable[[str], str]) -> tuple[list[Run], list[Run]]:
    """Cut two lists of words into runs, marked where one has what the other lacks; words are compared `bare`.

    >>> differences(["A ", "randomised ", "trial"], ["a ", "randomized ", "trial."], bare)[1]
    [Run(text='a ', differs=False), Run(text='randomized ', differs=True), Run(text='trial.', differs=False)]
    """
    sides: tuple[list[Run], list[Run]] = ([], [])
    ones, others = [bare(word) for word in left], [bare(word) for word in right]
    matcher = SequenceMatcher(a=ones, b=others, autojunk=len(ones) + len(others) > LONG)
    for what, start, end, other_start, other_end in matcher.get_opcodes():
        for side, words in zip(sides, (left[start:end], right[other_start:other_end]), strict=True):
            if run := "".join(words):
                side.append(Run(run, what != "equal" and bool(bare(run))))
    return sides


def words(text: str) -> list[str]:
    """Cut a text into words, each with the blanks behind it."""
    return re.findall(r"\S+\s*", text)


def bare(word: str) -> str:
    """Take case, accents and punctuation away: they make no difference.

    >>> bare("Lüdenscheidt,")
    'ludenscheidt'
    """
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def surname_and_initial(name: str) -> str:
    """Compare an author by surname and first initial, since sources spell the rest in many ways.

    >>> surname_and_initial("Halvorsen, A. K.") == surname_and_initial("Halvorsen AK; ")
    True
    """
    parts = [part for part in re.split(r"[,;\s]+", name) if part]
    return " ".join((bare(parts[0]), *(bare(part)[:1] for part in parts[1:2]))) if parts else ""


def fields(left: Record, right: Record, sources: dict[int, Source]) -> list[Field]:
    """The fields in the order a person compares them; a field that neither record has is left out."""
    pairs = [
        _field(_("Title"), left.title, right.title, is_evidence=True),
        _original_title(left, right),
        _authors(left, right),
        _field(_("Journal"), left.journal or left.journal_abbreviation, right.journal or right.journal_abbreviation),
        _field(_("Year"), left.year, right.year),
        _field(_("Volume, issue, pages"), _place(left), _place(right)),
        _field(_("DOI"), left.doi, right.doi),
        _field(_("PubMed number"), left.pmid, right.pmid),
        _field(_("Embase number"), left.embase_id, right.embase_id),
        _field(_("Cochrane number"), left.cochrane_id, right.cochrane_id),
        _field(_("Trial numbers"), ", ".join(left.registry_ids), ", ".join(right.registry_ids)),
        _field(_("Language"), ", ".join(left.languages), ", ".join(right.languages)),
        _field(
            _("Kind"), ", ".join(told_types(left.publication_types)), ", ".join(told_types(right.publication_types))
        ),
        _field(_("Abstract"), left.abstract, right.abstract, is_evidence=True),
        Field(_("From"), [Run(_origin(sources[left.id]), False)], [Run(_origin(sources[right.id]), False)]),
    ]
    return [one for one in pairs if one.left or one.right]


def _field(name: str, left: object, right: object, *, is_evidence: bool = False) -> Field:
    sides = _sides(words(str(left or "")), words(str(right or "")), bare)
    return Field(name, *sides, is_evidence=is_evidence)


def _sides(left: Sequence[str], right: Sequence[str], key: Callable[[str], str]) -> tuple[list[Run], list[Run]]:
    """Mark differences only where both sides say something."""
    if left and right:
        return differences(left, right, key)
    return [Run("".join(left), False)] if left else [], [Run("".join(right), False)] if right else []


def _original_title(left: Record, right: Record) -> Field:
    plain = _field(_("Original title"), left.original_title, right.original_title, is_evidence=True)
    return Field(plain.name, plain.left, plain.right, True, _foreign(left), _foreign(right))


def _foreign(record: Record) -> str | None:
    """The language of the original title, where the record names just one."""
    return record.languages[0] if len(record.languages) == 1 else None


def _authors(left: Record, right: Record) -> Field:
    return Field(_("Authors"), *_sides(_names(left), _names(right), surname_and_initial))


def _names(record: Record) -> list[str]:
    """The authors, each with the sign that parts it from the next."""
    last = len(record.authors) - 1
    return [name if place == last else f"{name}; " for place, name in enumerate(record.authors)]


def _place(record: Record) -> str:
    issue = f" ({record.issue})" if record.issue else ""
    return ", ".join(part for part in (f"{record.volume or ''}{issue}".strip(), record.pages) if part)


def _origin(source: Source) -> str:
    return _(
        "%(source)s, step %(step)s, run %(run)s of %(day)s",
        source=source.source,
        step=source.step,
        run=source.run,
        day=source.searched_on,
    )
