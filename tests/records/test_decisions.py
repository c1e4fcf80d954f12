"""Decisions that come along from Rayyan, Covidence, ASReview and EPPI-Reviewer: what was said, by whom, and where it stands."""

from workbench.records.rules import read
from workbench.records.rules.decisions import Choice, Tool, decisions_of, of_log

RAYYAN = (
    'Found by hand. | RAYYAN-INCLUSION: {"Emily"=>"Included", "Søren \\"S\\" Bo"=>"Maybe", "Åse"=>"Excluded"} '
    "| RAYYAN-EXCLUSION-REASONS: wrong population,foreign language | RAYYAN-LABELS: spine,check "
    '| USER-NOTES: {"Emily"=>["look at table 2", "and 3"]}'
)


def said(text: str, name: str = "a.ris"):
    [item] = read(text.encode(), name).items
    return decisions_of(item)


def table(headers: str, *cells: str):
    row = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    return said(f"{headers}\n{row}\n", "a.csv")


def test_rayyan_tells_what_each_person_decided():
    found = said(f"TY  - JOUR\nAN  - rayyan-1\nTI  - One\nN1  - {RAYYAN}\nER  - \n")

    assert [(one.person, one.decision) for one in found if one.decision] == [
        ("Emily", Choice.INCLUDE),
        ('Søren "S" Bo', Choice.MAYBE),
        ("Åse", Choice.EXCLUDE),
    ]
    assert [one.reason for one in found if one.reason] == ["wrong population", "foreign language"]
    assert [one.label for one in found if one.label] == ["spine", "check"]
    assert [(one.person, one.note) for one in found if one.note] == [("Emily", "look at table 2"), ("Emily", "and 3")]
    assert {(one.tool, one.tag, one.line, one.text) for one in found} == {(Tool.RAYYAN, "N1", 4, RAYYAN)}


def test_rayyan_s_table_says_the_same_as_its_ris():
    cells = ("rayyan-1", "One", "Berg N", RAYYAN, "", "")

    found = table("key,title,authors,notes,pubmed_id,pmc_id", *cells)

    ris = said(f"TY  - JOUR\nAN  - rayyan-1\nTI  - One\nN1  - {RAYYAN}\nER  - \n")
    assert [(one.person, one.decision, one.reason, one.label, one.note) for one in found] == [
        (one.person, one.decision, one.reason, one.label, one.note) for one in ris
    ]


def test_rayyan_s_old_yes_and_no_are_decisions_and_an_unknown_word_is_kept():
    found = said('TY  - JOUR\nTI  - One\nN1  - RAYYAN-INCLUSION: {"A"=>true, "B"=>false, "C"=>"Undecided"}\nER  - \n')

    assert [(one.person, one.decision, one.label) for one in found] == [
        ("A", Choice.INCLUDE, None),
        ("B", Choice.EXCLUDE, None),
        ("C", None, "Undecided"),
    ]


def test_a_decision_among_the_keywords_is_no_keyword():
    [item] = read(b"TY  - JOUR\nTI  - One\nKW  - spine\nKW  - ASReview_irrelevant\nER  - \n", "a.ris").items

    assert item.keywords == ["spine"]
    assert [(one.tool, one.tag, one.line, one.decision) for one in decisions_of(item)] == [
        (Tool.ASREVIEW, "KW", 4, Choice.EXCLUDE)
    ]


def test_eppi_reviewer_says_which_items_are_in():
    headers = "Included,ID,ShortTitle,Title,Year"

    found = [table(headers, word, "7", "Holm (2014)", "One", "2014") for word in ("I", "E", "D", "")]

    assert [[(one.tool, one.tag, one.decision, one.label) for one in each] for each in found] == [
        [(Tool.EPPI, "Included", Choice.INCLUDE, None)],
        [(Tool.EPPI, "Included", Choice.EXCLUDE, None)],
        [(Tool.EPPI, "Included", None, "D")],
        [],
    ]
    assert read(f"{headers}\nI,7,Holm (2014),One,2014\n".encode(), "a.csv").source == "eppi"


def test_covidence_tells_tags_reasons_and_notes():
    found = table(
        "Title,Authors,Covidence #,Study,Notes,Tags",
        *("One", "Berg N", "#7", "Berg 2020", "Exclusion reason: Wrong study design; Ask the author.", "spine; pain"),
    )

    assert [(one.decision, one.reason, one.label, one.note) for one in found] == [
        (Choice.EXCLUDE, "Wrong study design", None, None),
        (None, None, None, "Ask the author."),
        (None, None, "spine", None),
        (None, None, "pain", None),
    ]


def test_an_empty_covidence_export_says_nothing():
    assert table("Title,Authors,Covidence #,Study,Notes,Tags", "One", "Berg N", "#7", "Berg 2020", "", "") == []


def test_covidence_s_ris_tells_a_reason():
    [one] = said(
        "TY  - JOUR\nTI  - One\nPD  - \nNS  - \nN1  - Exclusion reason: Wrong population; \nER  - \n",
    )

    assert (one.tool, one.decision, one.reason, one.line) == (Tool.COVIDENCE, Choice.EXCLUDE, "Wrong population", 5)


def test_asreview_tells_its_label_in_a_note():
    found = said(
        "TY  - JOUR\nTI  - One\nN1  - Mine. ASReview_irrelevant. More.\nN1  - ASReview_prior\nER  - \n",
    )

    assert [(one.decision, one.label) for one in found] == [(Choice.EXCLUDE, None), (None, "prior")]


def test_what_asreview_showed_to_nobody_is_no_decision():
    [one] = said("TY  - JOUR\nTI  - One\nN1  - ASReview_not_seen\nER  - \n")

    assert (one.decision, one.label) == (None, "not seen")


def test_asreview_tells_its_label_in_a_column():
    headers = "record_id,title,abstract,asreview_label,asreview_prior,asreview_note,asreview_user_name"

    found = table(headers, "1", "One", "Words", "1.0", "1", "clear", "Emily")

    assert [(one.person, one.decision, one.label, one.note) for one in found] == [
        ("Emily", Choice.INCLUDE, None, None),
        (None, None, "prior", None),
        ("Emily", None, None, "clear"),
    ]


def test_a_label_that_was_never_given_is_no_decision():
    assert table("record_id,title,abstract,asreview_label", "1", "One", "Words", "-1") == []


def test_an_ordinary_note_is_no_decision():
    assert said("TY  - JOUR\nTI  - One\nN1  - Included in a review of 2019\nER  - \n") == []


def entry(article: str, who: str, key: str, value: str, at: str = "2026-01-01"):
    return {"article_id": article, "user_email": who, "key": key, "value": value, "created_at": at}


def test_the_last_word_of_rayyan_s_log_counts_and_deleted_undoes():
    rows = [
        entry("1", "a@x", "included", "1", "2026-01-03"),
        entry("1", "a@x", "included", "-1", "2026-01-01"),
        entry("1", "b@x", "included", "0"),
        entry("1", "a@x", '"__EXR__wrong population"', "1"),
        entry("2", "a@x", "included", "-1", "2026-01-01"),
        entry("2", "a@x", "included", "deleted", "2026-01-02"),
        entry("2", "a@x", "spine", "1"),
        entry("3", "a@x", "included", "1", "2026-01-01"),
        entry("3", "a@x", "included", "deleted", "2026-01-02"),
    ]

    found = of_log(enumerate(rows, 2))

    assert {(one.person, one.decision, one.reason) for one in found["1"]} == {
        ("a@x", Choice.INCLUDE, None),
        ("b@x", Choice.MAYBE, None),
        ("a@x", None, "wrong population"),
    }
    assert [(one.decision, one.label) for one in found["2"]] == [(None, "spine")]
    assert "3" not in found
