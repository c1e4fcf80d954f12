"""Searching PubMed and fetching what it found, whole: more than 9,999 records in parts by their numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from Bio import Entrez

from workbench.records.entrez.answers import Found, History, Refused, articles_answer, post_answer, search_answer
from workbench.records.entrez.transport import Access, Patience, Transport

MOST_AT_ONCE = 9_999
"""Records of one search that PubMed lists; those beyond cannot be had."""

BATCH = 200
"""Records fetched with one request."""

KEPT = 2_000
"""Records whose numbers are handed to PubMed at once, to be fetched batch by batch."""

HIGHEST = 99_999_999
"""Above every number that PubMed has given to a record."""


class Part(NamedTuple):
    """The records found with numbers from low to high: few enough to be listed."""

    low: int
    high: int
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything a term finds, in parts."""

    found: Found
    parts: tuple[Part, ...]

    @property
    def listed(self) -> int:
        """How many records the parts hold."""
        return sum(len(part.uids) for part in self.parts)

    @property
    def is_even(self) -> bool:
        """Whether PubMed lists as many records as it counts."""
        return self.listed == self.found.count


@dataclass(frozen=True, slots=True)
class Batch:
    """Records as PubMed delivered them, with their numbers, and the numbers of those it would not deliver."""

    body: bytes
    uids: tuple[int, ...]
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PubMed:
    """PubMed, asked over the network."""

    transport: Transport

    @classmethod
    def configured(cls, patience: Patience | None = None) -> "PubMed":
        """PubMed as this installation reaches it."""
        return cls(Transport(Access.configured(), patience or Patience()))

    def search(self, term: str, most: int = 0) -> Found:
        """Ask how many records fit a term; list the numbers of so many of them (9,999 at the most)."""

        def understood(body: bytes) -> Found:
            return search_answer(body, term)

        return self.transport.ask(Entrez.esearch, understood, term=term, retmax=str(most), retmode="xml")

    def whole(self, term: str, tries: int = 3) -> Whole:
        """List everything that a term finds.

        Counting the parts takes a while, in which PubMed may take in new records. So the whole is counted once more
        afterwards; where the sum differs, the parts are asked anew. If it differs to the last, the caller is left
        with the difference.
        """
        while True:
            tries -= 1
            found = self.search(term, MOST_AT_ONCE)
            parts = tuple(self._parts(term, found, 1, HIGHEST))
            whole = Whole(found if found.count <= MOST_AT_ONCE else self.search(term), parts)
            if whole.is_even or tries <= 0:
                return whole

    def _parts(self, term: str, found: Found, low: int, high: int) -> Iterator[Part]:
        """Halve the range of numbers until each part can be listed; where one half has all, the other is not asked."""
        if found.count <= MOST_AT_ONCE:
            yield Part(low, high, found.uids)
            return
        middle = (low + high) // 2
        lower = self.search(within(term, low, middle), MOST_AT_ONCE)
        if lower.count:
            yield from self._parts(term, lower, low, middle)
        if lower.count < found.count:
            upper = self.search(within(term, middle + 1, high), MOST_AT_ONCE)
            yield from self._parts(term, upper, middle + 1, high)

    def fetch(self, uids: Iterable[int]) -> Iterator[Batch]:
        """Fetch records by their numbers, as XML, in batches.

        The numbers are handed to PubMed, which keeps them and delivers 200 at a time, in whatever order. What it
        forgets to deliver, or forgets altogether, is handed in again; what it then does not deliver either is asked
        for by number, and missing if that brings nothing.
        """
        left = dict.fromkeys(uids)
        while left:
            wanted, before = tuple(left)[:KEPT], len(left)
            for batch in self._kept(wanted):
                for uid in batch.uids:
                    left.pop(uid, None)
                yield batch
            if len(left) == before:
                batch = self._by_number(wanted[:BATCH])
                for uid in wanted[:BATCH]:
                    left.pop(uid)
                yield batch

    def _kept(self, uids: tuple[int, ...]) -> Iterator[Batch]:
        """Let PubMed keep these numbers, and fetch what it keeps until it has none or does not know them any longer."""
        history: History = self.transport.ask(Entrez.epost, post_answer, id=_listed(uids))
        for start in range(0, len(uids), BATCH):
            try:
                batch = self._delivered(
                    WebEnv=history.web, query_key=history.key, retstart=str(start), retmax=str(BATCH)
                )
            except Refused:
                if not start:
                    raise
                return
            if not batch.uids:
                return
            yield batch

    def _by_number(self, uids: tuple[int, ...]) -> Batch:
        batch = self._delivered(id=_listed(uids))
        return Batch(batch.body, batch.uids, tuple(uid for uid in uids if uid not in set(batch.uids)))

    def _delivered(self, **asked: str) -> Batch:
        """What efetch delivers, once it is seen to be whole."""

        def understood(body: bytes) -> Batch:
            return Batch(body, articles_answer(body))

        return self.transport.ask(Entrez.efetch, understood, retmode="xml", **asked)


def within(term: str, low: int, high: int) -> str:
    """The term, limited to records with numbers from low to high.

    >>> within("cement AND spine", 1, 50)
    '(cement AND spine) AND 1:50[uid]'
    """
    return f"({term}) AND {low}:{high}[uid]"


def any_of(uids: Iterable[int]) -> str:
    """A term that finds these records and no others.

    >>> any_of((1, 2))
    '1[uid] OR 2[uid]'
    """
    return " OR ".join(f"{uid}[uid]" for uid in uids)


def _listed(uids: Iterable[int]) -> str:
    return ",".join(map(str, uids))
