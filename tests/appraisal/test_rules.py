"""Answers and what they suggest: every published vector, every class of our own, what is missing and what cannot be."""

import csv
from itertools import combinations, combinations_with_replacement, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.appraisal.printed_rob2 import PRINTED
from workbench.appraisal.instruments import load, names
from workbench.appraisal.rules import (
    Settings,
    Status,
    UnknownDomain,
    UnknownSetting,
    answer_of_boxes,
    judge,
    judge_domain,
    legal_answers,
    rule_for,
    score_domain,
    settings_of,
    variant,
    wide_items,
)

ROB2, AMSTAR2, AGREE2 = load("rob2"), load("amstar2"), load("agree2")


def table(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read(text):
    return dict(pair.split("=") for pair in text.split(";"))


def ask(instrument, domain, text, **given):
    return judge(instrument, domain, read(text) if text else {}, settings_of(instrument, given))


def amstar2(codes, **given):
    return judge(AMSTAR2, "", {str(n): code for n, code in enumerate(codes, 1)}, settings_of(AMSTAR2, given))


# --- RoB 2 ---------------------------------------------------------------------------------------------------------


def test_every_published_vector_of_rob_2_gets_its_judgement_by_its_rule(published):
    rows = table(published / "golden" / "rob2_vectors.csv")
    told = [(row, ask(ROB2, row["domain"], row["answers"])) for row in rows]

    assert len(rows) == 2812
    assert [
        row for row, found in told if (found.judgement, "+".join(found.rules)) != (row["judgement"], row["rule"])
    ] == []
    assert {found.status for _row, found in told} == {Status.COMPLETE}


@pytest.mark.parametrize("domain", sorted(ROB2.domains))
def test_every_way_to_answer_gets_the_judgement_that_the_printed_table_gives(domain):
    for answers in legal_answers(ROB2, ROB2.domains[domain], all_codes=True):
        assert judge_domain(ROB2, ROB2.domains[domain], answers).judgement == PRINTED[domain](answers), answers


@pytest.mark.parametrize(
    ("domain", "n"),
    [("D1", 125), ("D2_assignment", 13277), ("D2_adhering", 20988), ("D3", 110), ("D4", 493), ("D5", 125)],
)
def test_a_domain_can_be_filled_in_as_often_as_was_counted_elsewhere(domain, n):
    assert sum(1 for _answers in legal_answers(ROB2, ROB2.domains[domain], all_codes=True)) == n


def test_a_blank_that_is_not_asked_means_the_same_as_not_applicable():
    for domain in ROB2.domains.values():
        for answers in legal_answers(ROB2, domain):
            kept = {item: code for item, code in answers.items() if code != "NA" or domain.items[item].applicable_if}
            assert judge_domain(ROB2, domain, kept).judgement == judge_domain(ROB2, domain, answers).judgement


@given(st.sampled_from(sorted(ROB2.domains)), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_needed_leads_to_a_judgement(name, data):
    domain = ROB2.domains[name]
    answers = {}
    for _turn in domain.items:
        found = judge_domain(ROB2, domain, answers)
        assert found.status in {Status.INCOMPLETE, Status.DECIDED}
        item = data.draw(st.sampled_from(found.needed or found.blank))
        codes = [code for code in domain.items[item].responses if code != "NA"]
        answers[item] = data.draw(st.sampled_from(codes))
        if judge_domain(ROB2, domain, answers).status is Status.COMPLETE:
            break

    assert judge_domain(ROB2, domain, answers).status is Status.COMPLETE


TABLES = [(load(name), domain) for name in names() for domain in load(name).domains.values() if domain.items]


def can_be(instrument, domain, filled):
    """Whether a filled form is one, told item by item: an item is asked, or it is NA."""
    for item in domain.items.values():
        asked = True
        if item.asked_if:
            clauses = [filled[other] in instrument.sets[name] for other, name in item.asked_if.clauses]
            asked = any(clauses) if item.asked_if.match == "any" else all(clauses)
        kept = asked and (filled[item.id] != "NA" or not item.asked_if or item.applicable_if)
        if filled[item.id] not in item.responses or not (kept or (not asked and filled[item.id] == "NA")):
            return False
    return True


@given(st.sampled_from([one for one in TABLES if one[1].table]), st.data())
@settings(max_examples=150, deadline=None)
def test_nothing_but_answers_that_can_be_gets_a_complete_judgement(table, data):
    instrument, domain = table
    codes = st.sampled_from(["", *instrument.answers, "X"])
    answers = {item: data.draw(codes) for item in domain.items}

    found = judge_domain(instrument, domain, answers)

    filled = {item: code or "NA" for item, code in answers.items()}
    assert found.judgement is None or not found.refused
    if found.status is Status.COMPLETE:
        assert can_be(instrument, domain, filled)
    elif can_be(instrument, domain, filled) and not any(
        not code and domain.items[item].applicable_if for item, code in answers.items()
    ):
        assert domain.leaves_rest and found.status is Status.BY_HAND
    elif found.status is Status.ILLEGAL:
        assert all(one.reason for one in found.refused)
    else:
        assert found.needed or found.blank


@pytest.mark.parametrize("name", ["rob2", "rob2_cluster", "rob2_crossover", "robins_i_2016", "robins_i_v2", "quadas2"])
def test_every_mixture_of_judgements_makes_one_whole(name):
    instrument = load(name)
    slots = {domain.slot: domain.judgements for domain in instrument.domains.values()}
    mixtures = combinations_with_replacement(instrument.judgements, len(slots))

    for mixture in mixtures:
        judged = {slot: next((one for one in mixture if one in own), own[0]) for slot, own in slots.items()}
        judged |= {slot: one for slot, one in zip(slots, mixture, strict=True) if one in slots[slot]}
        assert judge(instrument, "overall", judged, Settings()).status is Status.COMPLETE


def test_that_a_judgement_is_known_and_that_the_form_is_complete_are_two_things():
    found = ask(ROB2, "D1", "1.2=N")

    assert (found.judgement, found.is_known, found.is_complete) == ("High", True, False)
    assert (found.status, found.rules, found.blank) == (Status.DECIDED, ("D1.1",), ("1.1", "1.3"))


@pytest.mark.parametrize(
    ("domain", "answers", "needed"),
    [
        ("D1", "", ("1.2",)),
        ("D1", "1.2=NI", ("1.3",)),
        ("D2_assignment", "2.1=Y;2.2=N", ("2.3", "2.6")),
        ("D2_adhering", "2.1=Y;2.2=Y", ("2.3",)),
        ("D3", "3.1=N", ("3.2",)),
        ("D4", "4.1=N;4.2=N", ("4.3",)),
    ],
)
def test_an_incomplete_form_says_what_is_asked_next(domain, answers, needed):
    found = ask(ROB2, domain, answers)

    assert (found.status, found.needed, found.judgement) == (Status.INCOMPLETE, needed, None)


@pytest.mark.parametrize(
    ("domain", "answers", "item", "reason"),
    [
        ("D3", "3.1=N;3.2=NI", "3.2", "none of its answers"),
        ("D1", "1.1=NA;1.2=Y;1.3=N", "1.1", "none of its answers"),
        ("D4", "4.1=N;4.2=N;4.3=NA", "4.3", "it is asked"),
        ("D2_assignment", "2.1=N;2.2=PN;2.3=Y;2.6=Y", "2.3", "not asked"),
        ("D5", "5.1=Y;5.2=N;5.3=N;5.4=N", "5.4", "no such item"),
        ("D1", "1.1=y;1.2=Y;1.3=N", "1.1", "none of its answers"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_its_reason(domain, answers, item, reason):
    found = ask(ROB2, domain, answers)

    assert found.status is Status.ILLEGAL and found.judgement is None
    assert [one.item for one in found.refused] == [item] and reason in found.refused[0].reason


def test_deviations_that_are_agreed_on_decide_what_is_applicable():
    answers = "2.1=Y;2.2=Y;2.3=NA;2.4=NA;2.5=N"

    assert ask(ROB2, "D2_adhering", answers, deviations="nonadherence").judgement == "Low"
    assert ask(ROB2, "D2_adhering", answers, deviations="implementation_failures").status is Status.ILLEGAL


def test_the_whole_is_the_worst_and_several_concerns_are_raised_by_a_person_only():
    two = "D1=Low;D2=Some concerns;D3=Some concerns;D4=Low;D5=Low"

    assert ask(ROB2, "overall", two.replace("Some concerns", "Low")).judgement == "Low"
    assert ask(ROB2, "overall", two.replace("D5=Low", "D5=High")).judgement == "High"
    assert (ask(ROB2, "overall", two).judgement, ask(ROB2, "overall", two).may_become) == ("Some concerns", ("High",))
    assert ask(ROB2, "overall", two.replace("D3=Some concerns", "D3=Low")).may_become == ()
    raised = ask(ROB2, "overall", two, raise_from="2")
    assert (raised.judgement, raised.rules) == ("High", ("O3", "raise_from=2"))


def test_the_whole_waits_for_every_domain_and_takes_no_strange_judgement():
    assert ask(ROB2, "overall", "D1=High;D2_adhering=Low").needed == ("D3", "D4", "D5")
    assert ask(ROB2, "overall", "D1=Unclear").status is Status.ILLEGAL
    assert ask(ROB2, "overall", "D2=Low;D2_adhering=Low").status is Status.ILLEGAL
    assert ask(ROB2, "overall", "D9=Low").status is Status.ILLEGAL


def test_the_effect_of_interest_chooses_the_second_domain():
    assert variant(ROB2, "D2", {"aim": "adhering"}).id == "D2_adhering"
    with pytest.raises(UnknownDomain):
        variant(ROB2, "D2", {})
    with pytest.raises(UnknownDomain, match="D2"):
        judge(ROB2, "D2", {}, Settings())


@pytest.mark.parametrize(
    ("name", "column", "raise_from"),
    [("rob2_domains_jmir_PMC10196895.csv", "rule_default", "0"), ("rob2_domains_jmir_PMC10196895.csv", "rule_count3", "3"),
     ("rob2_domains_jmir_PMC10196895.csv", "published_overall", "3"), ("rob2_per_result_auto-rob2_negative.csv", "rule_default", "0")],
)  # fmt: skip
def test_published_tables_of_rob_2_are_reproduced_under_the_stated_setting(published, name, column, raise_from):
    rows = table(published / "published" / name)
    told = [
        ask(ROB2, "overall", ";".join(f"D{n}={row[f'D{n}']}" for n in range(1, 6)), raise_from=raise_from)
        for row in rows
    ]

    assert [found.judgement for found in told] == [row[column] for row in rows]


# --- the others with domains ---------------------------------------------------------------------------------------


def test_rob_1_has_a_summary_only_over_key_domains():
    rob1 = load("rob1")
    judged = "D1=Low;D2=Unclear;D5=High"

    assert ask(rob1, "D1", "").status is Status.BY_HAND
    assert ask(rob1, "overall", judged).status is Status.BY_HAND
    assert ask(rob1, "overall", judged, key_domains="D1,D2").judgement == "Unclear"
    assert ask(rob1, "overall", judged, key_domains="D1,D5").judgement == "High"
    assert ask(rob1, "overall", judged, key_domains="D1,D6").needed == ("D6",)


@pytest.mark.parametrize(
    ("seventh", "whole"),
    [("Low", "Moderate"), ("No information", "No information"), ("Serious", "Serious"), ("Critical", "Critical")],
)
def test_robins_i_takes_no_information_only_where_nothing_is_serious(seventh, whole):
    judged = ";".join(f"D{n}={'Moderate' if n == 2 else 'Low'}" for n in range(1, 7))

    assert ask(load("robins_i_2016"), "overall", f"{judged};D7={seventh}").judgement == whole
    serious = judged.replace("D3=Low", "D3=Serious")
    assert ask(load("robins_i_2016"), "overall", f"{serious};D7=No information").judgement == "Serious"


def test_robins_i_v2_names_what_is_disputed_and_adds_levels():
    v2 = load("robins_i_v2")

    found = ask(v2, "D2", "2.1=N;2.2=N;2.3=SY;2.4=N;2.5=N")
    assert found.judgement == "Low" and "Moderate" in found.disputed[0]
    assert ask(v2, "D2", "2.1=N;2.2=N;2.3=N;2.4=SY;2.5=Y").judgement == "Critical"
    assert ask(v2, "D3", "3.1=SN;3.3=N;3.6=N;3.7=N;3.8=Y").judgement == "Critical"
    assert ask(v2, "D3", "3.1=SN;3.3=N").needed == ("3.6",)
    assert ask(v2, "overall", "B=Critical").judgement == "Critical"
    assert variant(v2, "D1", {"C4": "yes"}).id == "D1_B"
    assert ask(v2, "D6", "6.1=N;6.2=Y;6.3=N;6.4=PY").judgement == "Critical"


def test_quadas_2_suggests_low_and_leaves_the_rest_to_a_person():
    quadas = load("quadas2")

    assert ask(quadas, "D1", "1.1=Yes;1.2=Yes;1.3=Yes").judgement == "Low"
    assert ask(quadas, "D1", "1.1=Yes;1.2=No;1.3=Yes").status is Status.BY_HAND
    assert ask(quadas, "overall", "D1=Low;D2=Unclear;D3=Low;D4=Low").judgement == "At risk of bias"


def test_a_checklist_without_an_algorithm_is_judged_by_hand_and_still_refuses_what_cannot_be():
    jbi = load("jbi_rct")

    assert ask(jbi, "", "1=Yes;2=Unclear").status is Status.BY_HAND
    assert ask(jbi, "", "1=Maybe").status is Status.ILLEGAL


# --- AMSTAR 2 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [one for one in AMSTAR2.items.values() if one.boxes], ids=lambda one: one.id)
def test_every_set_of_criteria_gives_an_answer_that_the_item_takes(item):
    boxes = [*item.boxes.partial, *item.boxes.full]
    answers = {
        ticked: answer_of_boxes(item.boxes, ticked) for n in range(len(boxes) + 1) for ticked in combinations(boxes, n)
    }

    assert len(answers) == 2 ** len(boxes)
    assert set(answers.values()) == set(item.responses) & {"Y", "PY", "N"}
    assert answers[()] == "N" and answers[tuple(boxes)] == "Y"
    for ticked, answer in answers.items():
        more = [answers[tuple(box for box in boxes if box in ticked or box == one)] for one in boxes]
        assert all(["N", "PY", "Y"].index(other) >= ["N", "PY", "Y"].index(answer) for other in more)


def test_a_box_that_is_none_is_refused():
    with pytest.raises(ValueError, match="colour"):
        answer_of_boxes(AMSTAR2.items["2"].boxes, ["colour"])


@pytest.mark.parametrize(("critical", "others"), [*product(range(8), range(10))])
def test_every_pair_of_critical_and_other_weaknesses_has_one_confidence(critical, others):
    expected = ("Critically low" if critical >= 2 else "Low") if critical else "Moderate" if others >= 2 else "High"

    assert rule_for(AMSTAR2.overall, critical, others).then == expected


@pytest.mark.parametrize("name", ["amstar2_bmc_geriatr_2022.csv", "amstar2_bmj_paeds_open.csv"])
def test_published_tables_of_amstar_2_are_reproduced_by_the_default_settings(published, name):
    for row in table(published / "published" / name):
        found = amstar2([row[f"q{n}"] for n in range(1, 17)])

        assert found.judgement == row["rule_default"], row["review"]


def test_a_published_table_follows_another_list_of_critical_items(published):
    rows = table(published / "published" / "amstar2_bmj_paeds_open.csv")
    told = [amstar2([row[f"q{n}"] for n in range(1, 17)], critical="4,7,9,11,13").judgement for row in rows]

    assert told == [row["published_overall"] for row in rows]


def test_a_partial_yes_counts_as_the_protocol_says():
    codes = ["Y", "PY", "Y", "Y", "Y", "Y", "Y", "PY", "Y", "N", "Y", "Y", "Y", "Y", "Y", "Y"]

    assert amstar2(codes).judgement == "High"
    assert amstar2(codes, partial_yes="noncritical_weakness").judgement == "Moderate"
    assert amstar2(codes, partial_yes="weakness").judgement == "Low"


def test_a_blank_item_is_no_weakness_and_leaves_the_whole_open():
    found = amstar2(["N"] * 8)

    assert (found.status, found.judgement) == (Status.INCOMPLETE, None)
    assert found.needed[:3] == ("9.rct", "9.nrsi", "10")


def test_the_parts_of_an_item_count_as_their_worst_that_applies():
    whole = {str(n): "Y" for n in range(1, 17) if n not in {9, 11}} | {"11.rct": "NMA", "11.nrsi": "NMA"}

    def judged(rct, nrsi):
        return judge(AMSTAR2, "", whole | {"9.rct": rct, "9.nrsi": nrsi}, settings_of(AMSTAR2, {}))

    assert judged("Y", "N").judgement == judged("ONLY_NRSI", "N").judgement == "Low"
    assert judged("Y", "ONLY_RCT").judgement == judged("ONLY_NRSI", "PY").judgement == "High"
    assert judged("NMA", "Y").status is Status.ILLEGAL
    both = whole | {"9": "Y", "9.rct": "Y"}
    assert judge(AMSTAR2, "", both, settings_of(AMSTAR2, {})).status is Status.ILLEGAL


def test_confidence_may_be_lowered_by_a_person():
    codes = ["N", "Y", "N", *"Y" * 13]

    assert (amstar2(codes).judgement, amstar2(codes).may_become) == ("Moderate", ("Low",))


@pytest.mark.parametrize("given", [{"critical": "2,99"}, {"partial_yes": "maybe"}, {"colour": "red"}])
def test_a_setting_that_there_is_not_is_refused(given):
    with pytest.raises(UnknownSetting):
        settings_of(AMSTAR2, given)


# --- counts --------------------------------------------------------------------------------------------------------


def test_a_published_table_of_amstar_2007_is_counted_alike(published):
    amstar = load("amstar")

    for row in table(published / "published" / "amstar2007_plos_PMC5332111.csv"):
        text = ";".join(f"{n}={row[f'q{n}']}" for n in range(1, 12))
        assert ask(amstar, "", text).judgement == row["published_total"] == row["count_Y"]


def test_what_is_not_applicable_leaves_a_count_as_the_protocol_says():
    amstar = load("amstar")
    text = ";".join(f"{n}={'NA' if n > 9 else 'Y'}" for n in range(1, 12))

    assert ask(amstar, "", text).notes == ("9 of 11 items met",)
    assert ask(amstar, "", text, not_applicable="smaller_total").notes == ("9 of 9 items met",)
    assert ask(amstar, "", text, bands="8,4").notes[1] == "band 1 of 3"


def test_a_published_table_of_newcastle_ottawa_has_the_same_stars(published):
    nos, items = load("nos_cohort"), ["S1", "S2", "S3", "S4", "C1a", "C1b", "O1", "O2", "O3"]

    rows = table(published / "published" / "nos_cohort_bmcnephrol_0680-9.csv")
    told = [(row, ask(nos, "", ";".join(f"{item}={row[item]}" for item in items))) for row in rows]

    assert all(int(found.judgement) == sum(int(row[item]) for item in items) for row, found in told)


def test_a_letter_earns_its_star():
    nos = load("nos_cohort")
    text = "S1=b;S2=a;S3=c;S4=a;C1a=1;C1b=0;O1=a;O2=b;O3=d"

    assert ask(nos, "", text).judgement == "5"
    assert ask(nos, "", text.replace("S2=a", "S2=e")).status is Status.ILLEGAL


# --- AGREE II ------------------------------------------------------------------------------------------------------


def scored(domain, ratings, **given):
    return score_domain(AGREE2.scale, AGREE2.domains[domain], ratings, settings_of(AGREE2, given))


def test_the_example_of_the_manual_comes_to_57_percent():
    numbers = {"A": (5, 6, 6), "B": (6, 6, 7), "C": (2, 4, 3), "D": (3, 3, 2)}
    ratings = {who: dict(zip("123", given, strict=True)) for who, given in numbers.items()}

    score = scored("1", ratings).score

    assert (score.obtained, score.lowest, score.highest) == (53, 12, 84)
    assert (round(score.score, 2), score.percent) == (56.94, 57)


def test_an_item_that_is_skipped_makes_the_range_smaller():
    ratings = {"A": {"15": 5, "17": 6}, "B": {"15": 6, "17": 7}, "C": {"15": 4, "17": 4}}

    assert round(scored("4", ratings, skipped="16").score.score, 4) == 72.2222
    assert scored("4", ratings).score is None and scored("4", ratings).missing == (
        ("A", "16"),
        ("B", "16"),
        ("C", "16"),
    )


def test_an_item_that_only_some_left_out_counts_by_rating_where_the_protocol_says_so():
    ratings = {"A": {"22": 7, "23": 7}, "B": {"22": 1}}

    assert scored("6", ratings).missing == (("B", "23"),)
    score = scored("6", ratings, per_rating="yes").score
    assert (score.obtained, score.lowest, score.highest) == (15, 3, 21)


def test_a_number_off_the_scale_is_refused():
    assert scored("6", {"A": {"22": 8, "23": 1}}).refused[0].item == "22"


@given(st.integers(1, 6), st.integers(1, 7), st.data())
@settings(max_examples=60, deadline=None)
def test_a_score_lies_on_its_range_and_rises_with_every_number(appraisers, number, data):
    domain = data.draw(st.sampled_from(list(AGREE2.domains.values())))
    ratings = {str(who): {item: data.draw(st.integers(1, 7)) for item in domain.items} for who in range(appraisers)}
    found = score_domain(AGREE2.scale, domain, ratings, Settings()).score

    same = {who: dict.fromkeys(given, number) for who, given in ratings.items()}
    assert 0 <= found.score <= 100
    assert score_domain(AGREE2.scale, domain, same, Settings()).score.score == pytest.approx(100 * (number - 1) / 6)
    item = next(iter(domain.items))
    if ratings["0"][item] < 7:
        ratings["0"][item] += 1
        assert score_domain(AGREE2.scale, domain, ratings, Settings()).score.share > found.share


def test_items_far_apart_are_what_a_discussion_begins_with():
    assert wide_items({"A": {"1": 7, "2": 3}, "B": {"1": 4, "2": 1}}, ["1", "2", "3"]) == {"1": 3}
