"""One run of the engine over a review: normal forms first, then the join, in one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.deduplication import queries
from workbench.deduplication.events import DuplicatesSearched
from workbench.deduplication.models import Answer, CandidatePair, DeduplicationRun, DoubtedRecord, RecordLink
from workbench.deduplication.queries import Pair, Said
from workbench.deduplication.rules import (
    ENGINE,
    Findings,
    Link,
    Mark,
    NormalForm,
    Settings,
    find,
    mark_of,
    normal_form,
    why_apart,
)
from workbench.deduplication.rules import Pair as FoundPair
from workbench.deduplication.rules.settings import Strictness, Versions
from workbench.deduplication.service import writing
from workbench.deduplication.service.memory import Forms, Recalled, edition, nothing, numbered, recall, remember
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

WITHIN_STEP = "within_step"
"""The scope of the protocol by which records of different steps of the search are not compared."""

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
    steps: Mapping[int, str] | None = None
    """The step of the search of each record, where only records of one step are compared."""

    def must(self) -> set[Pair]:
        """Pairs of records that are one report, whatever the engine thinks."""
        return self.same() | {(group[0], other) for group in self.together for other in group[1:]}

    def same(self) -> set[Pair]:
        """Pairs a person called one report."""
        return {pair for pair, said in self.said.items() if said.answer is Answer.SAME}

    def held(self) -> set[int]:
        """Records of clusters that stay together, whatever the engine thinks."""
        return {record for group in self.together for record in group}

    def cannot(self) -> set[Pair]:
        """Pairs people called two reports or linked, and those that wait for a person."""
        return {pair for pair, said in self.said.items() if said.answer.parts} | self.waited


def run(session: Session, member: Member, together: Groups = (), *, whole: bool = False) -> dict[str, Any]:
    """Search all records of a review for duplicates, in the transaction that is open.

    Args:
        session: Where to write.
        member: Who asks.
        together: Groups of records that must stay in one cluster, such as clusters with votes.
        whole: Whether to compare all records anew, not only those that came or were changed since the last search.

    Returns:
        What was found: records, joined, parted, duplicates, waiting, links, engine, strictness, versions.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.keep_forms(session, _made(session, queries.forms_missing(session, member.review_id)))
    return _at_once(session, member.review_id, member.id, together, whole=whole)


def run_job(work: Work, together: AskTogether) -> dict[str, Any]:
    """Search a review for duplicates as a job: normal forms in steps, then the join; begun again, it goes on.

    Records that came or were changed since the last search are compared with all, the others are not compared again;
    with `whole` in the job's payload, all are. What is found is the same.

    Args:
        work: The job; its review is searched.
        together: Asked for the groups of records that must stay in one cluster, such as clusters with votes.

    What people answer while the engine compares is never lost: the search is then done again on the new ground.
    """
    review_id = _review_of(work)
    prepare_forms(work)
    whole = bool(work.payload.get("whole"))
    for _again in range(TRIES):
        with work.sessions.read() as session:
            here = ground(session, review_id, together(session))
            looked = look_at_all(session, review_id, here, _reporting(work, len(here.record_ids)), whole=whole)
        with work.step(work.done, 2 * len(here.record_ids)) as session:
            writing.lock(session, review_id)
            if ground(session, review_id, together(session)) == here:
                remember(session, review_id, looked.recalled, here.record_ids, looked.marks)
                return join(session, review_id, work.started_by, here, looked.findings)
    with work.step(work.done, 2 * len(here.record_ids)) as session:
        return _at_once(session, review_id, work.started_by, together(session), whole=whole)


def _at_once(
    session: Session, review_id: int, member_id: int | None, together: Groups, *, whole: bool = False
) -> dict[str, Any]:
    """Search and write while nobody else may change the clusters of the review."""
    writing.lock(session, review_id)
    here = ground(session, review_id, together)
    looked = look_at_all(session, review_id, here, whole=whole)
    remember(session, review_id, looked.recalled, here.record_ids, looked.marks)
    return join(session, review_id, member_id, here, looked.findings)


@dataclass(frozen=True)
class Looked:
    """What the engine found among all records of a review, and what is to be remembered of it."""

    findings: Findings
    marks: dict[int, Mark]
    recalled: Recalled


def look_at_all(
    session: Session, review_id: int, here: Ground, progress: Progress | None = None, *, whole: bool = False
) -> Looked:
    """Let the engine compare all records of a review; of those it compared before, it is told what it found."""
    marks = queries.marks(session, review_id)
    made = _made(session, [record_id for record_id in here.record_ids if record_id not in marks])
    marks |= {record_id: mark_of(form) for record_id, form in made.items()}
    name = edition(here.settings, here.steps)
    recalled = nothing(name) if whole else recall(session, review_id, name, marks, here.record_ids, here.steps)
    forms = Forms(session, here.record_ids, made)
    findings = _found(
        here,
        forms,
        marks=[marks[record_id] for record_id in here.record_ids],
        memo=recalled.memo,
        fetch=forms.fetch,
        progress=progress,
    )
    return Looked(findings, marks, recalled)


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


def _reporting(work: Work, records: int) -> Progress:
    """Show the comparing as the second half of the work."""

    def show(done: int, total: int) -> None:
        if total and 0 < done < total:
            with work.step(records + records * done // total, 2 * records):
                pass

    return show


def ground(session: Session, review_id: int, together: Groups) -> Ground:
    """Read what a run is decided on."""
    record_ids = sorted(session.scalars(queries.standing_records(review_id)))
    count = set(record_ids)
    groups = (tuple(sorted(count.intersection(group))) for group in together)
    return Ground(
        record_ids,
        settings(session, review_id),
        queries.verdicts(session, review_id),
        frozenset(group for group in groups if group),
        steps=steps(session, review_id, record_ids),
    )


def steps(session: Session, review_id: int, record_ids: Collection[int]) -> dict[int, str] | None:
    """The step of each record, where the protocol in force compares only the records of one step; None else."""
    if plan_in_force(session, review_id).deduplication.scope != WITHIN_STEP:
        return None
    return queries.steps(session, record_ids)


def settings(session: Session, review_id: int) -> Settings:
    """What the protocol in force says of strictness and versions; cautious and apart where it is silent."""
    said = plan_in_force(session, review_id).deduplication
    return Settings(cast(Strictness, said.strictness), cast(Versions, said.versions))


def look(here: Ground, forms: Mapping[int, NormalForm]) -> Findings:
    """Let the engine compare the few records of this ground, named by their place in its list."""
    return _found(here, [forms[record_id] for record_id in here.record_ids])


def _found(here: Ground, forms: Sequence[NormalForm], **more: Any) -> Findings:
    place = {record_id: index for index, record_id in enumerate(here.record_ids)}
    same = here.same()
    must = [(place[low], place[high]) for low, high in sorted(same)]
    held = [(place[low], place[high]) for low, high in sorted(here.must() - same)]
    cannot = [(place[low], place[high]) for low, high in sorted(here.cannot())]
    in_groups = None
    if here.steps is not None:
        group = numbered({record_id: here.steps[record_id] for record_id in here.record_ids})
        in_groups = [group[record_id] for record_id in here.record_ids]
    return find(forms, here.settings, must=must, held=held, cannot=cannot, groups=in_groups, **more)


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
    held, same = here.held(), here.same()
    preferred = {home.get(record, record) for record in held.union(*same)}
    by_word = {record for record, row in standing.items() if row.decided_by is not None and row.pair in same}
    anew = standing.keys() - held - by_word
    clusters, edges = clusters_of(here, findings), edges_of(here, findings)
    found = changes(clusters, edges, standing, preferred=preferred, asked_anew=anew, elect_anew=True)
    writing.write(session, found)
    _list_anew(session, review_id, here, findings)
    doubted = _doubt_anew(session, review_id, here, findings)
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
        doubted=doubted,
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


def _doubt_anew(session: Session, review_id: int, here: Ground, findings: Findings) -> int:
    """Replace the list of records that the engine would part from their kept one by that of this run; count them."""
    stale = delete(DoubtedRecord).where(DoubtedRecord.review_id == review_id)
    session.execute(stale, execution_options=writing.AS_IT_IS)
    pieces = [[[here.record_ids[place] for place in piece] for piece in one.pieces] for one in findings.doubts]
    ids = {record for some in pieces for piece in some for record in piece}
    kept = {record: row.kept_id for record, row in queries.duplicates_of(session, review_id, ids).items()}
    forms = {record: normal_form(one) for record, one in queries.delivered(session, ids).items()}
    rows = [
        {"review_id": review_id, "record_id": record, "kept_id": kept[record], "reason": said}
        for some in pieces
        for piece in some
        if not any(record not in kept for record in piece)
        for record in piece
        for said in [why_apart(forms[record], forms[kept[record]], here.settings)]
    ]
    if rows:
        session.execute(insert(DoubtedRecord), rows)
    return len(rows)


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
