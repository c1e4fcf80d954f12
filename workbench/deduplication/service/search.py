"""One run of the engine over a review: normal forms first, then the join, in one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.deduplication import queries
from workbench.deduplication.events import DuplicatesSearched
from workbench.deduplication.models import Answer, CandidatePair, DeduplicationRun, RecordLink
from workbench.deduplication.queries import Pair, Said
from workbench.deduplication.rules import ENGINE, Findings, Link, NormalForm, Settings, find, normal_form
from workbench.deduplication.rules import Pair as FoundPair
from workbench.deduplication.rules.settings import Strictness, Versions
from workbench.deduplication.service import writing
from workbench.deduplication.service.partition import Edge, changes
from workbench.jobs.service import Work
from workbench.protocols.queries import plan_in_force
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

AT_A_TIME = 1000
"""Normal forms made in one step."""
TRIES = 3
"""How often the search is begun again because somebody answered meanwhile, before it holds everybody else up."""

Groups = Iterable[Collection[int]]
AskTogether = Callable[[Session], Groups]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ground:
    """What a run is decided on: the records that count, the settings in force, what people said, what stays."""

    record_ids: list[int]
    settings: Settings
    said: dict[Pair, Said]
    together: frozenset[tuple[int, ...]]
    waited: frozenset[Pair] = frozenset()
    """Pairs that were left to a person and shall wait for one again."""

    def must(self) -> set[Pair]:
        """Pairs of records that are one report, whatever the engine thinks."""
        return self.same() | {(group[0], other) for group in self.together for other in group[1:]}

    def same(self) -> set[Pair]:
        """Pairs a person called one report."""
        return {pair for pair, said in self.said.items() if said.answer is Answer.SAME}

    def cannot(self) -> set[Pair]:
        """Pairs people called two reports or linked, and those that wait for a person."""
        return {pair for pair, said in self.said.items() if said.answer.parts} | self.waited


def run(session: Session, member: Member, together: Groups = ()) -> dict[str, Any]:
    """Search all records of a review for duplicates, in the transaction that is open.

    Args:
        session: Where to write.
        member: Who asks.
        together: Groups of records that must stay in one cluster, such as clusters with votes.

    Returns:
        What was found: records, joined, parted, duplicates, waiting, links, engine, strictness, versions.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.keep_forms(session, _made(session, queries.forms_missing(session, member.review_id)))
    return _at_once(session, member.review_id, member.id, together)


def run_job(work: Work, together: AskTogether) -> dict[str, Any]:
    """Search a review for duplicates as a job: normal forms in steps, then the join; begun again, it goes on.

    Args:
        work: The job; its review is searched.
        together: Asked for the groups of records that must stay in one cluster, such as clusters with votes.

    What people answer while the engine compares is never lost: the search is then done again on the new ground.
    """
    review_id = _review_of(work)
    prepare_forms(work)
    for _again in range(TRIES):
        with work.sessions.read() as session:
            here = ground(session, review_id, together(session))
            forms = _forms(session, review_id, here)
        findings = look(here, forms, _reporting(work, len(here.record_ids)))
        with work.step(work.done, 2 * len(here.record_ids)) as session:
            writing.lock(session, review_id)
            if ground(session, review_id, together(session)) == here:
                return join(session, review_id, work.started_by, here, findings)
    with work.step(work.done, 2 * len(here.record_ids)) as session:
        return _at_once(session, review_id, work.started_by, together(session))


def _at_once(session: Session, review_id: int, member_id: int | None, together: Groups) -> dict[str, Any]:
    """Search and write while nobody else may change the clusters of the review."""
    writing.lock(session, review_id)
    here = ground(session, review_id, together)
    return join(session, review_id, member_id, here, look(here, _forms(session, review_id, here)))


def prepare_forms(work: Work) -> None:
    """Make the normal forms that are missing, so many at a time; what is made stays made."""
    review_id = _review_of(work)
    with work.sessions.read() as session:
        missing = queries.forms_missing(session, review_id)
        total = len(list(session.scalars(queries.standing_records(review_id))))
    for start in range(0, len(missing), AT_A_TIME):
        some = missing[start : start + AT_A_TIME]
        with work.sessions.read() as session:
            made = _made(session, some)
        with work.step(total - len(missing) + start + len(some), 2 * total) as session:
            writing.keep_forms(session, made)


def form_anew(work: Work) -> dict[str, Any]:
    """Make the normal forms of records anew whose fields a person changed; the job's payload names them.

    Returns:
        How many were made, under "formed".
    """
    changed = sorted(work.payload["record_ids"])
    for start in range(work.done, len(changed), AT_A_TIME):
        some = changed[start : start + AT_A_TIME]
        with work.step(start + len(some), len(changed)) as session:
            writing.keep_forms(session, _made(session, some))
    return {"formed": len(changed)}


def _review_of(work: Work) -> int:
    if work.review_id is None:
        raise ValueError("a search for duplicates belongs to a review")
    return work.review_id


def _made(session: Session, record_ids: Collection[int]) -> dict[int, NormalForm]:
    return {record_id: normal_form(one) for record_id, one in queries.delivered(session, record_ids).items()}


def _forms(session: Session, review_id: int, here: Ground) -> dict[int, NormalForm]:
    """The stored forms, and those of records that came after they were made."""
    stored = queries.forms(session, review_id)
    return stored | _made(session, [record_id for record_id in here.record_ids if record_id not in stored])


def _reporting(work: Work, records: int) -> Progress:
    """Show the comparing as the second half of the work."""

    def show(done: int, total: int) -> None:
        if total and 0 < done < total:
            with work.step(records + records * done // total, 2 * records):
                pass

    return show


def ground(session: Session, review_id: int, together: Groups) -> Ground:
    """Read what a run is decided on; what a person joined stays together like a cluster with votes."""
    record_ids = sorted(session.scalars(queries.standing_records(review_id)))
    count = set(record_ids)
    by_person = [
        (row.kept_id, row.record_id)
        for row in queries.duplicates_of(session, review_id).values()
        if row.decided_by is not None
    ]
    groups = (tuple(sorted(count.intersection(group))) for group in (*together, *by_person))
    return Ground(
        record_ids,
        settings(session, review_id),
        queries.verdicts(session, review_id),
        frozenset(group for group in groups if group),
    )


def settings(session: Session, review_id: int) -> Settings:
    """What the protocol in force says of strictness and versions; cautious and apart where it is silent."""
    said = plan_in_force(session, review_id).deduplication
    return Settings(cast(Strictness, said.strictness), cast(Versions, said.versions))


def look(here: Ground, forms: Mapping[int, NormalForm], progress: Progress | None = None) -> Findings:
    """Let the engine compare the records of this ground, named by their place in its list."""
    place = {record_id: index for index, record_id in enumerate(here.record_ids)}
    must = [(place[low], place[high]) for low, high in sorted(here.must())]
    cannot = [(place[low], place[high]) for low, high in sorted(here.cannot())]
    ordered = [forms[record_id] for record_id in here.record_ids]
    return find(ordered, here.settings, must=must, cannot=cannot, progress=progress)


def edges_of(here: Ground, findings: Findings) -> list[Edge]:
    """Name the joins by their records, and those a person asked for by that person."""
    same, held, found = here.same(), here.must(), []
    for one in findings.joins:
        first, second = here.record_ids[one.first], here.record_ids[one.second]
        pair = queries.in_order(first, second)
        if pair in same:
            found.append(Edge(first, second, "person", _("a person said so"), here.said[pair].member_id))
        elif pair in held:
            found.append(Edge(first, second, "together", _("stays together")))
        else:
            found.append(Edge(first, second, one.rule, one.reason))
    return found


def clusters_of(here: Ground, findings: Findings) -> list[list[int]]:
    """The clusters found, as ids of records."""
    return [[here.record_ids[place] for place in cluster] for cluster in findings.clusters]


def join(session: Session, review_id: int, member_id: int | None, here: Ground, findings: Findings) -> dict[str, Any]:
    """Bring the duplicates of a review to what was found, write the differences only, and make pairs and links anew."""
    standing = queries.duplicates_of(session, review_id)
    home = {record: row.kept_id for record, row in standing.items()}
    preferred = {home.get(record, record) for group in here.together for record in group}
    found = changes(clusters_of(here, findings), edges_of(here, findings), standing, preferred=preferred)
    writing.write(session, found)
    _list_anew(session, review_id, here, findings)
    once_more = {record for record, _kept, _edge in found.new} & set(found.gone)
    told = DuplicatesSearched(
        engine=ENGINE,
        strictness=here.settings.strictness,
        versions=here.settings.versions,
        records=len(here.record_ids),
        joined=len(found.new) - len(once_more),
        parted=len(found.gone) - len(once_more),
        duplicates=len(here.record_ids) - len(findings.clusters),
        waiting=len(findings.pairs),
        links=len(findings.links),
    )
    session.add(
        DeduplicationRun(
            review_id=review_id,
            engine=ENGINE,
            strictness=told.strictness,
            versions=told.versions,
            records=told.records,
            finished_at=now(),
        )
    )
    audit.record(session, review_id, member_id, told)
    session.flush()
    return asdict(told)


def _list_anew(session: Session, review_id: int, here: Ground, findings: Findings) -> None:
    """Replace the pairs left to a person and the links by those of this run."""
    for table in (CandidatePair, RecordLink):
        session.execute(delete(table).where(table.review_id == review_id), execution_options=writing.AS_IT_IS)
    pairs = [{"review_id": review_id, **_pair(here, one)} for one in findings.pairs]
    links = [{"review_id": review_id, **_link(here, one)} for one in findings.links]
    for table, rows in ((CandidatePair, pairs), (RecordLink, links)):
        if rows:
            session.execute(insert(table), rows)


def _pair(here: Ground, one: FoundPair) -> dict[str, Any]:
    low, high = queries.in_order(here.record_ids[one.first], here.record_ids[one.second])
    return {"low_id": low, "high_id": high, "score": one.score, "reason": one.reason, "evidence": tags(one.evidence)}


def _link(here: Ground, one: Link) -> dict[str, Any]:
    first, second = here.record_ids[one.first], here.record_ids[one.second]
    return {"first_id": first, "second_id": second, "kind": one.kind, "rule": one.rule, "reason": one.reason}


def tags(evidence: str) -> list[tuple[str, str]]:
    """Cut the engine's line of evidence into tags: what is the same, what is near, what differs.

    >>> tags("same DOI, title 97 %, year and pages agree; issue differs")
    [('same', 'same DOI'), ('near', 'title 97 %'), ('same', 'year and pages agree'), ('differs', 'issue differs')]
    """
    said, _semicolon, differ = evidence.partition("; ")
    items = said.split(", ")
    title = next((place for place, words in enumerate(items) if words.endswith("%")), len(items))
    found = [("same", words) for words in items[:title]]
    found += [("same" if " 100 " in words else "near", words) for words in items[title : title + 1]]
    rest = [("same", ", ".join(items[title + 1 :])), ("differs", differ)]
    return [(kind, words) for kind, words in (*found, *rest) if words]
