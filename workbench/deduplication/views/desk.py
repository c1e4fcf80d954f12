"""What the desk of duplicates shows: pairs side by side with whole clusters, evidence, and the link one may want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workbench.deduplication import queries
from workbench.deduplication.models import LinkKind
from workbench.deduplication.queries import Source, WaitingPair
from workbench.deduplication.rules import normal_form
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.proposing import first_points, proposed_link
from workbench.deduplication.views.sides import Field, fields
from workbench.records.models import Record

AHEAD = 12
"""So many pairs are on their way to the desk at once."""


@dataclass(frozen=True)
class Joined:
    """A record that stands in one cluster with a side of a pair."""

    record: Record
    source: Source


@dataclass(frozen=True)
class Shown:
    """One pair side by side; `others` are the further members of the clusters of both sides."""

    pair: WaitingPair
    fields: Sequence[Field]
    others: tuple[Sequence[Joined], Sequence[Joined]]
    proposed: LinkKind | None
    """The link that the engine finds between the two."""
    pointing: Mapping[LinkKind, int]
    """For each kind of link the record that probably is the one that points."""

    @property
    def preselected(self) -> LinkKind:
        """What stands in the list of links before anybody chooses."""
        return self.proposed or LinkKind.SAME_TRIAL


def show(session: Session, pairs: Sequence[WaitingPair]) -> list[Shown]:
    """These pairs as the desk shows them; as many statements for one as for twelve."""
    clusters = queries.members_of(session, {end for pair in pairs for end in pair.ends})
    ids = {record for members in clusters.values() for record in members}
    records, sources = queries.records(session, ids), queries.sources(session, ids)
    compared = {record for pair in pairs for record in (pair.first_id, pair.second_id)}
    forms = {record: normal_form(item) for record, item in queries.delivered(session, compared).items()}
    return [_shown(pair, clusters, records, sources, forms) for pair in pairs]


def _shown(
    pair: WaitingPair,
    clusters: Mapping[int, Sequence[int]],
    records: Mapping[int, Record],
    sources: dict[int, Source],
    forms: Mapping[int, NormalForm],
) -> Shown:
    ids = (pair.first_id, pair.second_id)
    left, right = (records[record_id] for record_id in ids)
    home = {record: kept for kept in pair.ends for record in clusters[kept]}
    others = [
        [Joined(records[one], sources[one]) for one in clusters[home[record_id]] if one != record_id]
        for record_id in ids
    ]
    one, other = (forms[record_id] for record_id in ids)
    found = proposed_link(one, other)
    pointing = {kind: ids[0] if first_points(kind, one, other) else ids[1] for kind in LinkKind}
    if found:
        pointing[LinkKind(found[0])] = ids[0] if found[1] else ids[1]
    kind = LinkKind(found[0]) if found else None
    return Shown(pair, fields(left, right, sources), (others[0], others[1]), kind, pointing)
