"""Gathering, splitting, merging, naming and undoing, on both databases; what is said of pairs, and late changes."""

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from tests.factories import a_duplicate, a_record, a_review
from tests.studies.house import House
from workbench.audit.models import AuditEntry
from workbench.audit.queries import broken_at
from workbench.db import now
from workbench.deduplication.models import RecordLink
from workbench.records.models import Import, Record
from workbench.reviews.rules import NotYours
from workbench.screening.rules import Design
from workbench.studies import queries, service
from workbench.studies.models import StudyDeed, StudyReport
from workbench.studies.queries.history import history
from workbench.studies.queries.suggestions import kept_apart, suggestions
from workbench.studies.rules import DeedKind, PairAnswer, State


@pytest.fixture
def house(session):
    return House(session)


def told(house):
    """Every gathered study with its reports, which of them is primary, and its name."""
    return {
        one.study_id: (
            [report.id for report in one.reports],
            [report.id for report in one.reports if report.is_primary],
            one.label,
        )
        for one in queries.studies(house.session, house.review.id)
        if one.study_id
    }


def events(house):
    wanted = select(AuditEntry.event).where(AuditEntry.event.like("studies:%")).order_by(AuditEntry.id)
    return list(house.session.scalars(wanted))


def three(house, **values):
    return [house.included(year=year, **values).id for year in (2010, 2012, 2014)]


def test_an_included_report_that_nobody_gathered_is_a_study_of_its_own(house):
    house.included(year=2010)
    house.excluded(year=2011)
    house.sought(year=2012)

    found = queries.studies(house.session, house.review.id)

    assert [(one.study_id, one.label, one.state) for one in found] == [
        (None, "Holm 2010", State.INCLUDED), (None, "Holm 2011", State.EXCLUDED),
    ]  # fmt: skip


def test_three_reports_become_one_study_with_one_primary_report(house):
    ids = three(house)

    study = service.gather(house.session, house.lead, ids, primary_id=ids[1])

    assert told(house) == {study.id: ([ids[1], ids[0], ids[2]], [ids[1]], "Holm 2012")}
    assert queries.how_many(house.session, house.review.id, ids) == 1
    assert events(house) == ["studies:reports:gathered"] and broken_at(house.session, house.review.id) is None


def test_the_oldest_included_article_is_primary_unless_another_is_named(house):
    abstract = house.included(year=2009, kind="conference").id
    excluded = house.excluded(year=2008).id
    articles = three(house)

    study = service.gather(house.session, house.lead, [abstract, excluded, *articles])

    assert told(house)[study.id][1] == [articles[0]]


def test_gathering_twice_changes_nothing(house):
    ids = three(house)
    first = service.gather(house.session, house.lead, ids)

    again = service.gather(house.session, house.lead, ids[:2])

    assert again.id == first.id and house.session.scalar(select(sa.func.count(StudyDeed.id))) == 1


def test_a_report_joins_the_study_in_which_others_stand(house):
    ids = three(house)
    study = service.gather(house.session, house.lead, ids[:2])

    service.gather(house.session, house.lead, [ids[0], ids[2]])

    assert set(told(house)[study.id][0]) == set(ids)


def test_reports_of_two_studies_are_not_gathered_but_merged(house):
    one, other = three(house), three(house)
    into = service.gather(house.session, house.lead, one)
    away = service.gather(house.session, house.lead, other)

    with pytest.raises(service.InTwoStudies):
        service.gather(house.session, house.lead, [one[0], other[0]])
    service.merge(house.session, house.lead, into.id, away.id)

    assert set(told(house)) == {into.id} and set(told(house)[into.id][0]) == {*one, *other}
    assert told(house)[into.id][1] == [one[0]]


def test_the_database_lets_a_report_stand_in_one_study_only(house):
    ids = three(house)
    service.gather(house.session, house.lead, ids)
    other = service.gather(house.session, house.lead, [house.included().id])

    with pytest.raises(sa.exc.IntegrityError):
        house.session.execute(
            sa.insert(StudyReport).values(study_id=other.id, record_id=ids[0], begun_in=other.begun_in)
        )


def test_a_report_taken_out_stands_alone_and_several_become_a_study(house):
    ids = three(house)
    study = service.gather(house.session, house.lead, ids)

    assert service.split(house.session, house.lead, study.id, [ids[0]]) is None
    assert told(house)[study.id][:2] == (ids[1:], [])
    service.gather(house.session, house.lead, [ids[1], ids[0]])
    into = service.split(house.session, house.lead, study.id, ids[:2])

    assert told(house) == {study.id: ([ids[2]], [], "Holm 2014"), into.id: (ids[:2], [ids[0]], "Holm 2010")}


def test_a_study_keeps_a_report_and_gives_only_what_it_has(house):
    ids, stranger = three(house), house.included().id
    study = service.gather(house.session, house.lead, ids)

    for wrong, error in (
        (ids, service.StudyWouldBeEmpty),
        ([stranger], service.NotInStudy),
        ([], service.NothingChosen),
    ):
        with pytest.raises(error):
            service.split(house.session, house.lead, study.id, wrong)

    assert len(told(house)[study.id][0]) == 3


def test_undoing_a_merge_gives_both_studies_back_with_their_names_and_primary_reports(house):
    one, other = three(house), three(house)
    into = service.gather(house.session, house.lead, one, primary_id=one[2])
    away = service.gather(house.session, house.lead, other, primary_id=other[1])
    service.name(house.session, house.lead, away.id, "FREE trial", ["NCT 00211211"], "All arms")
    before = told(house)

    service.merge(house.session, house.lead, into.id, away.id)
    assert told(house) != before
    [done] = [one for one in history(house.session, house.review.id, into.id) if one.deed.kind is DeedKind.MERGE]
    service.undo(house.session, house.judge, done.deed.id)

    assert told(house) == before
    entry = queries.study(house.session, house.review.id, away.id)
    assert (entry.label, entry.registry_ids, entry.note) == ("FREE trial", ["NCT00211211"], "All arms")
    assert not any(
        one.deed.id == done.deed.id and one.can_be_undone for one in history(house.session, house.review.id, into.id)
    )


def test_deeds_are_undone_one_upon_the_other_back_to_the_beginning(house):
    ids = three(house)
    states = [told(house)]
    study = service.gather(house.session, house.lead, ids)
    states.append(told(house))
    service.name_primary(house.session, house.lead, study.id, ids[2])
    states.append(told(house))
    service.split(house.session, house.lead, study.id, [ids[1], ids[2]])
    states.append(told(house))

    deeds = list(house.session.scalars(select(StudyDeed.id).order_by(StudyDeed.id)))
    with pytest.raises(service.AlreadyUndone):
        service.undo(house.session, house.lead, deeds[0])
    for deed, before in zip(reversed(deeds), reversed(states[:-1]), strict=True):
        service.undo(house.session, house.lead, deed)
        assert told(house) == before

    with pytest.raises(service.AlreadyUndone):
        service.undo(house.session, house.lead, deeds[0])
    assert house.session.scalar(select(sa.func.count(StudyReport.id)).where(StudyReport.ended_in.is_(None))) == 0


def test_a_merge_is_not_undone_once_its_reports_stand_elsewhere(house):
    one, other = three(house), three(house)
    into, away = (service.gather(house.session, house.lead, ids) for ids in (one, other))
    service.merge(house.session, house.lead, into.id, away.id)
    merging = history(house.session, house.review.id, into.id)[0].deed
    service.split(house.session, house.lead, into.id, [other[0]])

    with pytest.raises(service.AlreadyUndone):
        service.undo(house.session, house.lead, merging.id)


def test_a_study_has_a_name_with_numbers_of_trial_registers(house):
    study = service.gather(house.session, house.lead, three(house))

    for label, numbers in (("", []), ("x" * 121, []), ("VERTOS", ["12"])):
        with pytest.raises(service.BadName):
            service.name(house.session, house.lead, study.id, label, numbers)
    service.name(house.session, house.lead, study.id, "  VERTOS  II ", ["nct00232466; ISRCTN 81871888"])
    service.name(house.session, house.lead, study.id, "VERTOS II", ["NCT00232466", "ISRCTN81871888"])

    entry = queries.study(house.session, house.review.id, study.id)
    assert (entry.label, entry.registry_ids) == ("VERTOS II", ["NCT00232466", "ISRCTN81871888"])
    assert events(house).count("studies:study:named") == 1


@pytest.mark.parametrize("who", ["second", "observer"])
def test_only_who_settles_gathers(house, who):
    ids = three(house)

    with pytest.raises(NotYours):
        service.gather(house.session, getattr(house, who), ids)
    service.gather(house.session, house.judge, ids)


def test_only_reports_that_are_sought_are_gathered(house):
    other_review = a_record(house.session, a_review(house.session)).id
    with pytest.raises(service.NotAReport):
        service.gather(house.session, house.lead, [a_record(house.session, house.review).id])
    with pytest.raises(queries.NotFound):
        service.gather(house.session, house.lead, [other_review])


def test_a_study_of_another_review_does_not_exist(house):
    other = House(house.session, "other")
    study = service.gather(other.session, other.lead, three(other))

    for deed in (
        lambda: service.split(house.session, house.lead, study.id, [1]),
        lambda: service.merge(house.session, house.lead, study.id, study.id + 1),
        lambda: service.name(house.session, house.lead, study.id, "Mine"),
        lambda: service.undo(house.session, house.lead, study.begun_in),
    ):
        with pytest.raises(queries.NotFound):
            deed()


def test_the_study_of_a_report_stays_where_its_records_prove_to_be_one(house):
    """A membership stands on the record of its time; the records that are kept later read it."""
    ids = three(house)
    study = service.gather(house.session, house.lead, ids)
    older = house.included(year=2013)

    a_duplicate(house.session, house.session.get_one(Record, ids[1]), older)

    assert set(told(house)[study.id][0]) == {ids[0], older.id, ids[2]}
    assert queries.how_many(house.session, house.review.id, [ids[0], older.id, ids[2]]) == 1


def test_a_report_in_two_studies_after_a_merge_of_records_counts_once_and_is_suggested(house):
    one, other = three(house), three(house)
    first, second = (service.gather(house.session, house.lead, ids) for ids in (one, other))

    a_duplicate(house.session, house.session.get_one(Record, other[0]), house.session.get_one(Record, one[0]))

    assert set(told(house)[first.id][0]) == set(one)
    assert told(house)[second.id][0] == other[1:]
    [found] = [
        each for each in suggestions(house.session, house.review.id) if each.one.study_id and each.other.study_id
    ]
    assert "gathered into both" in found.reasons[0]


def test_a_trial_number_suggests_and_different_never_comes_back(house):
    one = house.included(year=2010, registry_ids=["NCT00000001"]).id
    other = house.excluded(year=2012, registry_ids=["NCT00000001"]).id
    more = house.included(year=2013, registry_ids=["NCT00000002"]).id

    [found] = suggestions(house.session, house.review.id)
    assert found.reasons == ["Both name the trial NCT00000001"]
    service.say(house.session, house.lead, one, other, PairAnswer.LATER)
    assert [each.is_put_off for each in suggestions(house.session, house.review.id)] == [True]
    service.say(house.session, house.lead, other, one, PairAnswer.DIFFERENT)
    service.say(house.session, house.lead, other, one, PairAnswer.DIFFERENT)
    assert suggestions(house.session, house.review.id) == []
    service.gather(house.session, house.lead, [one, more])
    late = house.included(year=2016, registry_ids=["NCT00000001"]).id
    service.gather(house.session, house.lead, [late, other])

    assert suggestions(house.session, house.review.id) == []
    entries = queries.studies(house.session, house.review.id)
    mine = next(each for each in entries if one in {report.id for report in each.reports})
    assert [kept.other.reports[0].id for kept in kept_apart(house.session, house.review.id, mine, entries)] in (
        [late],
        [other],
    )
    service.take_back(house.session, house.lead, one, other)
    assert len(suggestions(house.session, house.review.id)) == 1


def test_accepting_a_suggestion_gathers_or_merges(house):
    one, other = three(house), three(house)

    study = service.are_one(house.session, house.lead, one[0], one[1])
    service.are_one(house.session, house.lead, one[2], one[0])
    away = service.gather(house.session, house.lead, other)
    service.are_one(house.session, house.lead, other[0], one[0])

    assert set(told(house)) == {study.id} and away.id not in told(house)
    with pytest.raises(service.OneStudy):
        service.say(house.session, house.lead, one[0], other[0], PairAnswer.DIFFERENT)


@pytest.mark.parametrize("kind", ["same-trial", "abstract-of", "preprint-of", "version-of", "comment-on"])
def test_links_of_the_records_suggest(house, kind):
    one, other = house.included(), house.retrieved()
    link = {"first_id": other.id, "second_id": one.id, "kind": kind, "rule": "links", "reason": "title 97 %"}
    house.session.add(RecordLink(review_id=house.review.id, **link))
    house.session.flush()

    found = suggestions(house.session, house.review.id)

    assert len(found) == (kind != "comment-on")


def test_people_size_and_dates_suggest_and_none_of_them_alone(house):
    abstract = "Between June 2004 and March 2006 we randomised 134 patients in Aarhus."
    team = ["Holm, Karen", "Lindqvist, Jonas", "Berg, Maja"]
    house.included(authors=team, abstract=abstract, year=2010)
    house.included(authors=team[:2], abstract="A report on 134 participants, enrolled from June 2004.", year=2012)
    house.included(authors=team, abstract="A narrative review.", year=2013)
    house.included(authors=["Falk, Ole"], abstract=abstract, year=2014)

    [found] = suggestions(house.session, house.review.id)

    assert found.reasons == ["2 authors in common; 134 people in both; both say June 2004"]


def test_an_awaiting_report_is_of_an_ongoing_study_while_somebody_says_so(house):
    record = house.awaiting()
    included = house.included()

    with pytest.raises(service.NotAwaiting):
        service.say_ongoing(house.session, house.lead, included.id, is_ongoing=True)
    states = []
    for is_ongoing in (True, True, False, False):
        service.say_ongoing(house.session, house.lead, record.id, is_ongoing=is_ongoing)
        states.append(queries.study_of_report(house.session, house.review.id, record.id).state)

    assert states == [State.ONGOING, State.ONGOING, State.AWAITING, State.AWAITING]
    assert events(house) == ["studies:report:ongoing"] * 2


def test_a_retraction_told_by_pubmed_and_an_erratum_among_the_records_ask_for_a_look(house):
    record = house.included(
        raw=[["PT", "Journal Article", 3], ["RIN", "J Spine. 2013;5:1", 4]], publication_types=["Retracted Publication"]
    )
    erratum = house.excluded(title="Erratum: Vertebroplasty")
    link = {"first_id": erratum.id, "second_id": record.id, "kind": "erratum-of", "rule": "kinds", "reason": ""}
    house.session.add(RecordLink(review_id=house.review.id, **link))
    house.session.flush()
    entry = queries.study_of_report(house.session, house.review.id, record.id)
    assert [(one.kind.value, one.words, one.notice_id) for _report, one in entry.late] == [
        ("retraction", "J Spine. 2013;5:1", None), ("erratum", "", erratum.id),
    ]  # fmt: skip
    assert entry.is_retracted and entry.n_unseen == 2

    assert service.look_at_notices(house.session, house.lead, record.id) == 2
    assert service.look_at_notices(house.session, house.lead, record.id) == 0

    entry = queries.study_of_report(house.session, house.review.id, record.id)
    assert entry.n_unseen == 0 and {one.seen_by for _report, one in entry.late} == {house.lead.name}


def test_instruments_wait_by_the_settled_design_of_included_reports(house):
    trial, guideline = house.included(), house.included(design=Design.GUIDELINE)
    other, excluded = house.included(design=Design.OTHER), house.excluded()
    study = service.gather(house.session, house.lead, [trial.id, guideline.id, other.id, excluded.id])

    assert queries.study(house.session, house.review.id, study.id).instruments == ["agree2", "rob2"]


def test_a_study_excluded_for_outcome_data_alone_is_warned_about(house):
    data = house.reason("not-cement", outcome_data=True)
    alone, both = house.excluded(data), house.excluded(data)
    service.gather(house.session, house.lead, [both.id, house.excluded(house.reason()).id])

    warned = [
        one.first.id
        for one in queries.studies(house.session, house.review.id)
        if one.is_excluded_for_outcome_data_alone
    ]

    assert warned == [alone.id]


def test_a_report_whose_import_was_taken_back_leaves_its_study_and_comes_back_with_it(house):
    ids = three(house)
    study = service.gather(house.session, house.lead, ids)
    gone = house.session.get_one(Import, house.session.get_one(Record, ids[0]).import_id)
    gone.taken_back_at, gone.taken_back_by = now(), house.lead.id
    house.session.flush()
    assert told(house)[study.id][0] == ids[1:]

    gone.taken_back_at = gone.taken_back_by = None
    house.session.flush()
    assert set(told(house)[study.id][0]) == set(ids)
