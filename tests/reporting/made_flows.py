"""Flows made up for tests: one written out, and a strategy for flows whose sums all hold."""

from hypothesis import strategies as st

COMPLETE = {
    "database_results": 1924,
    "database_specific_results": "PubMed, 612; Embase, 1,048; Cochrane Library, 187; CRD/HTA, 46; Netpunkt, 31",
    "register_results": 59,
    "register_specific_results": "ClinicalTrials.gov, 37; WHO ICTRP, 22",
    "duplicates": 511,
    "excluded_automatic": 64,
    "excluded_other": 3,
    "records_screened": "1,405",
    "records_excluded": 1287,
    "dbr_sought_reports": 118,
    "dbr_notretrieved_reports": 14,
    "dbr_assessed": 104,
    "dbr_excluded": {"Not malignant lesions": 40, "Not an eligible design": 42},
    "website_results": 14,
    "organisation_results": 22,
    "citations_results": 26,
    "other_results": 4,
    "other_duplicates": 3,
    "other_not_eligible": 1,
    "other_sought_reports": 62,
    "other_notretrieved_reports": 2,
    "other_assessed": 60,
    "other_excluded": "Not malignant lesions, 21; Not an eligible design, 32",
    "new_studies": 19,
    "new_reports": 24,
    "awaiting_classification": 3,
    "ongoing": 2,
}
"""Invented numbers in which every sum holds and nothing is open or unknown."""

numbers = st.integers(0, 200_000)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
listed = st.dictionaries(names, numbers, min_size=1, max_size=5)


def _lane(draw, prefix: str) -> dict[str, object]:
    """Build a lane upwards from what came of its reports, so that it cannot but add up."""
    reasons = draw(listed)
    parts = {key: draw(numbers) for key in ("left", "undecided", "notretrieved", "awaited", "records_undecided")}
    assessed = parts["left"] + sum(reasons.values()) + parts["undecided"]
    undecided = "records_undecided" if prefix == "dbr" else "other_records_undecided"
    return {
        f"{prefix}_excluded": reasons,
        f"{prefix}_undecided": parts["undecided"],
        f"{prefix}_assessed": assessed,
        f"{prefix}_notretrieved_reports": parts["notretrieved"],
        f"{prefix}_awaited": parts["awaited"],
        f"{prefix}_sought_reports": assessed + parts["notretrieved"] + parts["awaited"],
        undecided: parts["records_undecided"],
        "left": parts["left"],
    }


@st.composite
def consistent(draw) -> dict[str, object]:
    """A flow of any of the four templates whose sums all hold and of which every number is known."""
    left = 0
    flow: dict[str, object] = {}
    for prefix in ("dbr", "other") if draw(st.booleans()) else ("dbr",):
        lane = _lane(draw, prefix)
        left += lane.pop("left")
        flow |= lane
        flow |= _sources(draw, flow) if prefix == "dbr" else _elsewhere(draw, flow)
    return flow | _ends(draw, left)


def _sources(draw, flow: dict[str, object]) -> dict[str, object]:
    """Add what was found and removed before the records screened."""
    removed = {key: draw(numbers) for key in ("duplicates", "excluded_automatic", "excluded_other")}
    excluded = draw(numbers)
    screened = flow["dbr_sought_reports"] + excluded + flow["records_undecided"]
    found = screened + sum(removed.values())
    databases, registers = draw(listed), draw(listed)
    databases["the rest"] = max(0, found - sum(databases.values()) - sum(registers.values()))
    removed["duplicates"] += sum(databases.values()) + sum(registers.values()) - found
    return removed | {
        "records_screened": screened,
        "records_excluded": excluded,
        "database_specific_results": databases,
        "database_results": sum(databases.values()),
        "register_specific_results": registers,
        "register_results": sum(registers.values()),
    }


def _elsewhere(draw, flow: dict[str, object]) -> dict[str, object]:
    """Add what other methods found: at least one record, else there is no such lane."""
    aside = {key: draw(numbers) for key in ("other_duplicates", "other_not_eligible")}
    total = sum(aside.values()) + flow["other_sought_reports"] + flow["other_records_undecided"] + 1
    aside["other_duplicates"] += 1
    cuts = sorted(draw(st.integers(0, total)) for _ in range(3))
    keys = ("website_results", "organisation_results", "citations_results", "other_results")
    return aside | {key: b - a for key, a, b in zip(keys, [0, *cuts], [*cuts, total], strict=True)}


def _ends(draw, left: int) -> dict[str, object]:
    """Add what is included, and in an update what was there before."""
    ends: dict[str, object] = {}
    for key in ("awaiting_classification", "ongoing", "included_other_question"):
        ends[key] = draw(st.integers(0, left))
        left -= ends[key]
    ends |= {"new_reports": left, "new_studies": draw(st.integers(0, left))}
    if draw(st.booleans()):
        reports = draw(st.integers(1, 500))
        studies = draw(st.integers(1, reports))
        ends |= {"previous_reports": reports, "previous_studies": studies}
        ends |= {"total_reports": reports + left, "total_studies": studies + ends["new_studies"]}
    return ends
