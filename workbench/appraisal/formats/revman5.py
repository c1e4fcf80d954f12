"""Risk of bias in a review of RevMan 5 (.rm5): items, their groups of outcomes, and a judgement for each study."""

import re
from collections.abc import Iterator

from lxml import etree

from workbench.appraisal.formats.judged import Column, Judged, Line, Mark, UnreadableJudgements
from workbench.words import _

JUDGEMENTS = {"YES": "Low", "NO": "High", "UNKNOWN": "Unclear"}
"""RevMan asks whether a study is free of the bias."""
_ESCAPED = re.compile(r"_x([0-9a-fA-F]{4})_")


def read_revman5(data: bytes) -> Judged:
    """Read the judgements of a RevMan 5 file; each group of outcomes is a column of its own.

    Nothing outside the file is looked up, and entities of its own are refused.

    Raises:
        UnreadableJudgements: it is no such file, or holds no judgement.
    """
    root = _root(data)
    columns: dict[tuple[str, str], Column] = {}
    marks: dict[str, dict[str, Mark]] = {}
    for number, item in enumerate(root.iter("QUALITY_ITEM"), 1):
        groups = {one.get("ID", ""): _text(one, "NAME") for one in item.iter("QUALITY_ITEM_DATA_ENTRY_GROUP")}
        for study, group, mark in _entries(item):
            key = (str(number), group)
            column = columns.setdefault(key, _column(number, _text(item, "NAME"), groups.get(group, ""), columns))
            marks.setdefault(study, {})[column.id] = mark
    if not marks:
        raise UnreadableJudgements(_("The file holds no judgement of risk of bias."))
    names = {one.get("ID", ""): one.get("NAME") or study_name(one.get("ID", "")) for one in root.iter("STUDY")}
    lines = tuple(Line(names.get(study) or study_name(study), found) for study, found in marks.items())
    return Judged(tuple(columns.values()), lines)


def study_name(ident: str) -> str:
    """Read a study's name off its id in RevMan.

    >>> study_name("STD-El_x002d_Daher-1991")
    'El-Daher 1991'
    """
    words = ident.removeprefix("STD-").replace("-", " ")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), words)


def _root(data: bytes) -> "etree._Element":
    if b"<!ENTITY" in data:
        raise UnreadableJudgements(_("The file defines entities of its own, which is not taken."))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableJudgements(_("This is no file of RevMan 5: %(why)s.", why=error.msg)) from error


def _entries(item: "etree._Element") -> Iterator[tuple[str, str, Mark]]:
    for entry in item.iter("QUALITY_ITEM_DATA_ENTRY"):
        judgement = JUDGEMENTS.get(entry.get("RESULT", ""))
        if judgement:
            yield entry.get("STUDY_ID", ""), entry.get("GROUP_ID", ""), Mark(judgement, _text(entry, "DESCRIPTION"))


def _column(number: int, name: str, group: str, known: dict[tuple[str, str], Column]) -> Column:
    """Name a column D3, and D3.2 where the item has a second group of outcomes."""
    before = sum(1 for key in known if key[0] == str(number))
    return Column(f"D{number}.{before + 1}" if before else f"D{number}", name or f"D{number}", group)


def _text(parent: "etree._Element", name: str) -> str:
    found = parent.find(name)
    return " ".join("".join(str(part) for part in found.itertext()).split()) if found is not None else ""
