"""Fetching from PubMed, batch by batch, so that a killed worker or a broken network loses nothing."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from workbench.jobs.service import Work
from workbench.protocols import service as protocol_deeds
from workbench.protocols.rules import KnownStudy
from workbench.records.entrez import Found, PubMed, Refused, any_of, joined
from workbench.records.lookup import NoIdentifier, look_up
from workbench.records.models import Harvest, LiveSearch
from workbench.records.queries import live
from workbench.records.rules import Item
from workbench.records.rules.live import LiveLine
from workbench.records.service import live as deeds
from workbench.reviews.models import Member
from workbench.words import _

Tell = Callable[[int, int], None]
"""Called with how many records are fetched, of how many."""


def harvest(work: Work, pubmed: PubMed | None = None, tell: Tell | None = None) -> dict[str, Any]:
    """Fetch all that PubMed finds for a run; once all of it is there, report the hits and hand the file in.

    Taken over or resumed, it goes on after the last batch that was written down.

    Raises:
        NoAnswer, Refused: PubMed did not answer; what was fetched stays.
    """
    pubmed = pubmed or PubMed.configured()
    harvest_id: int = work.payload["harvest_id"]
    with work.sessions.read() as session:
        the_harvest = session.get_one(Harvest, harvest_id)
    if the_harvest.completed_at is None:
        if the_harvest.search_id is None:
            _list(work, pubmed, the_harvest)
        _fetch(work, pubmed, harvest_id, tell or _silent)
        _hand_in(work, harvest_id)
    deeds.clear_shelf(work.files, harvest_id)
    with work.sessions.read() as session:
        return {"harvest_id": harvest_id, "import_id": session.get_one(Harvest, harvest_id).import_id}


def ask_lines(work: Work, pubmed: PubMed | None = None) -> dict[str, Any]:
    """Ask PubMed for the hits of every line of a run, and which of the known studies each line finds."""
    pubmed = pubmed or PubMed.configured()
    run_id: int = work.payload["run_id"]
    with work.sessions.read() as session:
        search = live.search_of(session, _member(session, work).review_id, run_id)
    lines = search.wording.lines if search.wording else ()
    studies = [_known(pubmed, study) for study in search.known]
    for place in range(work.done, len(lines)):
        line = lines[place]
        found = _hits(pubmed, line)
        finds = _finds(pubmed, line, studies)
        with work.step(place + 1, len(lines)) as session:
            if found:
                deeds.note_answer(session, _member(session, work), run_id, line, found)
                deeds.note_finds(session, _member(session, work), run_id, line, studies, finds)
    return {"run_id": run_id, "lines": len(lines)}


def _list(work: Work, pubmed: PubMed, the_harvest: Harvest) -> None:
    whole = pubmed.whole(the_harvest.term)
    with work.step(0, whole.listed) as session:
        deeds.note_whole(session, _member(session, work), the_harvest.id, whole)


def _fetch(work: Work, pubmed: PubMed, harvest_id: int, tell: Tell) -> None:
    shelf = deeds.shelf(work.files, harvest_id)
    with work.sessions.read() as session:
        parts, fetched = live.parts(session, harvest_id), live.batches(session, harvest_id)
    total = sum(len(part.uids) for part in parts)
    done = sum(len(batch.uids) + len(batch.missing) for batch in fetched)
    for part in parts:
        own = [batch for batch in fetched if batch.part_id == part.id]
        met = {uid for batch in own for uid in (*batch.uids, *batch.missing)}
        left = [uid for uid in part.uids if uid not in met]
        for position, batch in enumerate(pubmed.fetch(left), start=len(own)):
            sha256 = shelf.put(batch.body)
            done = min(done + len(batch.uids) + len(batch.missing), total)
            with work.step(done, total) as session:
                deeds.note_batch(session, part.id, position, sha256, batch)
            tell(done, total)


def _hand_in(work: Work, harvest_id: int) -> None:
    """Report the hits, hand the file in, and explain what PubMed did not deliver: all in one transaction."""
    with work.sessions.read() as session:
        parts, fetched = live.parts(session, harvest_id), live.batches(session, harvest_id)
    listed = sum(len(part.uids) for part in parts)
    delivered = sum(len(batch.uids) for batch in fetched)
    file = _written(work, harvest_id, [batch.sha256 for batch in fetched]) if delivered else None
    if file:
        with file.open("rb") as whole:
            work.files.put(whole)  # here, so that nobody waits for the disk while the transaction is open
    missing = [uid for batch in fetched for uid in batch.missing]
    with work.step(listed, listed) as session:
        the_harvest, member = session.get_one(Harvest, harvest_id), _member(session, work)
        count = session.get_one(LiveSearch, the_harvest.search_id).count
        protocol_deeds.report_hits(session, member, the_harvest.run_id, count)
        deeds.complete_harvest(session, work.files, member, harvest_id, file)
        n, reason = deeds.difference(count, listed, delivered, missing)
        if n and reason:
            protocol_deeds.explain(session, member, the_harvest.run_id, n, reason)


def _written(work: Work, harvest_id: int, fingerprints: Sequence[str]) -> Path:
    """Put everything that was fetched into one file, without holding it all at once."""
    path = deeds.shelf(work.files, harvest_id).folder / "whole.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(joined(_bodies(work, harvest_id, fingerprints)))
    return path


def _bodies(work: Work, harvest_id: int, fingerprints: Sequence[str]) -> Iterator[bytes]:
    shelf = deeds.shelf(work.files, harvest_id)
    for sha256 in fingerprints:
        try:
            yield shelf.get(sha256)
        except FileNotFoundError:
            raise deeds.Spoilt(_("A part of what was fetched is no longer on the disk.")) from None


def _member(session: Session, work: Work) -> Member:
    return session.get_one(Member, work.started_by)


def _silent(_done: int, _total: int) -> None:
    """Nobody listens."""


def _hits(pubmed: PubMed, line: LiveLine) -> Found | None:
    """PubMed's answer to a line. One that PubMed refuses is an answer too; one that does not resolve is not asked."""
    if line.term is None:
        return None
    try:
        return pubmed.search(line.term)
    except Refused as refused:
        return Found(line.term, 0, errors=(("Refused", str(refused)),))


def _finds(pubmed: PubMed, line: LiveLine, studies: Sequence[deeds.Known]) -> tuple[int, ...]:
    uids = [study.uid for study in studies if study.uid is not None]
    if not uids or line.term is None:
        return ()
    try:
        return pubmed.search(f"({line.term}) AND ({any_of(uids)})", most=len(uids)).uids
    except Refused:
        return ()


def _known(pubmed: PubMed, study: KnownStudy) -> deeds.Known:
    """A known study with its number in PubMed: by its own number, else by its DOI."""
    found = _looked_up(pubmed, pmid=study.pmid) or _looked_up(pubmed, doi=study.doi)
    return deeds.Known(study.doi, study.pmid, int(found.pmid) if found and found.pmid else None)


def _looked_up(pubmed: PubMed, **identifier: str | None) -> Item | None:
    """The record with this identifier; a slip of the pen in the protocol finds none."""
    try:
        return look_up(pubmed, **identifier)
    except NoIdentifier:
        return None
