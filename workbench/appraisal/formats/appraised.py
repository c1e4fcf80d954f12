"""Whole appraisals: every appraiser, round, answer and judgement, as they leave the house and come back unchanged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from workbench.errors import Invalid
from workbench.words import _

FORMAT = "workbench-appraisals"
VERSION = 1


class UnreadableAppraisals(Invalid):
    """A file of appraisals is one that this program wrote."""

    hint = "Export it anew as JSON."


@dataclass(frozen=True)
class Answer:
    """The answer to one item, with what supports it; where there is nothing to find, where one looked."""

    item: str
    code: str
    quote: str = ""
    page: str = ""
    document: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Judgement:
    """What the table suggested for a domain or the whole, and what the appraiser judged."""

    domain: str
    suggested: str = ""
    rules: tuple[str, ...] = ()
    judged: str = ""
    reason: str = ""
    """Why another judgement than the suggested one."""
    support: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Appraisal:
    """What one appraiser, or the consensus, said in one round about one unit."""

    instrument: str
    version: str
    sha256: str
    """Of the instrument's file."""
    study: str
    appraiser: str
    role: str = "appraiser"
    """appraiser, consensus or adjudication"""
    round: int = 1
    outcome: str = ""
    result: str = ""
    at: str = ""
    """When it was sent, as ISO 8601 in UTC."""
    preliminaries: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    judgements: tuple[Judgement, ...] = ()


def read_appraisals(data: bytes) -> list[Appraisal]:
    """Read appraisals as `writers.as_json` wrote them.

    Raises:
        UnreadableAppraisals: it is no such file; the message names the appraisal and the key.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableAppraisals(_("This is no JSON: %(why)s.", why=error)) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
        raise UnreadableAppraisals(_("This is no file of appraisals in version %(n)s.", n=VERSION))
    listed = document.get("appraisals")
    if not isinstance(listed, list):
        raise UnreadableAppraisals(_("The list of appraisals is missing."))
    return [_appraisal(one, f"appraisals[{place}]") for place, one in enumerate(listed)]


def _appraisal(value: Any, where: str) -> Appraisal:
    said = _checked(Appraisal, value, where)
    parts = {"answers": Answer, "judgements": Judgement}
    for key, kind in parts.items():
        listed = said.get(key, [])
        if not isinstance(listed, list):
            raise UnreadableAppraisals(_("%(where)s.%(key)s is no list.", where=where, key=key))
        said[key] = tuple(_made(kind, one, f"{where}.{key}[{place}]") for place, one in enumerate(listed))
    return Appraisal(**said)


def _made(kind: type[Any], value: Any, where: str) -> Any:
    return kind(**_checked(kind, value, where))


_SHAPES: Mapping[str, type] = {"round": int, "preliminaries": dict, "answers": list, "judgements": list, "rules": list}


def _checked(kind: type[Any], value: Any, where: str) -> dict[str, Any]:
    """Take keys that the kind has, each with a value of its shape."""
    if not isinstance(value, dict):
        raise UnreadableAppraisals(_("%(where)s is no object.", where=where))
    known = {one.name: one for one in fields(kind)}
    for key, one in value.items():
        if key not in known or not isinstance(one, _SHAPES.get(key, str)) or isinstance(one, bool):
            raise UnreadableAppraisals(_("%(where)s: “%(key)s” is not as it should be.", where=where, key=key))
    try:
        made = {**value, "rules": tuple(map(str, value["rules"]))} if "rules" in value else dict(value)
        kind(**made)
    except TypeError as error:
        raise UnreadableAppraisals(_("%(where)s: something is missing.", where=where)) from error
    return made
