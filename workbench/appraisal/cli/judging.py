"""`workbench appraisal judge`: answers in, suggestions out, row by row."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from workbench.appraisal.cli.files import rows
from workbench.appraisal.instruments import Instrument, load
from workbench.appraisal.rules import Finding, Settings, Status, UnknownDomain, judge, settings_of
from workbench.appraisal.rules.rating import Rated, rated
from workbench.errors import Invalid
from workbench.records.writers.cells import safe_cell
from workbench.words import _

FOUND = ("status", "judgement", "rule", "needed", "message")
"""The columns that are added to those of the file."""


class BadSetting(Invalid):
    """A setting is written as KEY=VALUE."""

    hint = "For example --setting critical=2,4,9."


@click.command("judge")
@click.argument("instrument")
@click.option("--answers", type=click.Path(path_type=Path), required=True, help="A CSV file of answers.")
@click.option("--setting", "settings", multiple=True, metavar="KEY=VALUE", help="What the protocol settles.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows, the instrument and the settings as JSON.")
def judge_answers(instrument: str, answers: Path, settings: tuple[str, ...], as_json: bool) -> None:
    """Say what each row of answers suggests under INSTRUMENT.

    The column `answers` holds item=code;item=code, the column `domain` names the domain or `overall`, whose items are
    the domains. AGREE II is read from the columns guideline, appraiser, item and score, and gives domain scores.
    """
    chosen = load(instrument)
    agreed = settings_of(chosen, pairs(settings))
    header, found = _rated(chosen, agreed, answers) if chosen.scale else _judged(chosen, agreed, answers)
    if as_json:
        click.echo(
            json.dumps({**_about(chosen, agreed), "rows": list(_objects(header, found))}, ensure_ascii=False, indent=1)
        )
    else:
        _say_settings(chosen, agreed)
        click.echo(_csv(header, found), nl=False)


def pairs(settings: Iterable[str]) -> dict[str, str]:
    """Read KEY=VALUE, each as a key and its value.

    Raises:
        BadSetting: one is not written so.
    """
    found = {}
    for text in settings:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise BadSetting(_("“%(given)s” is no setting.", given=text))
        found[key.strip()] = value.strip()
    return found


Row = tuple[list[str], dict[str, Any]]
"""The cells that go before, and what was found."""


def _judged(instrument: Instrument, settings: Settings, file: Path) -> tuple[list[str], list[Row]]:
    header, table = rows(file, ("answers",))
    found = []
    for cells in table:
        named = dict(zip(header, cells, strict=True))
        found.append((cells, _one(instrument, settings, named.get("domain", ""), named["answers"])))
    return header, found


def _one(instrument: Instrument, settings: Settings, domain: str, text: str) -> dict[str, Any]:
    answers, wrong = read_answers(text)
    if wrong:
        return _cells(Status.ILLEGAL, message=wrong)
    try:
        return _finding(judge(instrument, domain.strip(), answers, settings))
    except UnknownDomain as error:
        return _cells(Status.ILLEGAL, message=f"{error} {error.way_out}")


def read_answers(text: str) -> tuple[dict[str, str], str]:
    """Read answers as they stand in one cell, and what is wrong with them.

    >>> read_answers("1.1=Y; 1.2=PN")
    ({'1.1': 'Y', '1.2': 'PN'}, '')
    """
    answers: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        item, sign, code = (piece.strip() for piece in part.partition("="))
        if not sign or not item:
            return {}, _("“%(part)s” is not written as item=code.", part=part)
        if item in answers:
            return {}, _("Item %(item)s is answered twice.", item=item)
        answers[item] = code
    return answers, ""


def _finding(found: Finding) -> dict[str, Any]:
    said = [
        *(f"{one.item}: {one.reason}" for one in found.refused),
        *found.notes,
        *(_("Disputed: %(what)s", what=one) for one in found.disputed),
    ]
    needed = () if found.refused else found.needed or found.blank
    return _cells(found.status, found.judgement, "+".join(found.rules), needed, "; ".join(said))


def _cells(
    status: Status, judgement: str | None = None, rule: str = "", needed: Iterable[str] = (), message: str = ""
) -> dict[str, Any]:
    values = (status.value, judgement, rule, list(needed), message)
    return dict(zip(FOUND, values, strict=True))


_OF_DOMAIN = ("guideline", "domain", "label", "appraisers", "obtained", "lowest", "highest", "score")


def _rated(instrument: Instrument, settings: Settings, file: Path) -> tuple[list[str], list[Row]]:
    header, table = rows(file, ("guideline", "appraiser", "item", "score"))
    columns = [header.index(name) for name in ("guideline", "appraiser", "item", "score")]
    found = rated(instrument, [tuple(cells[at].strip() for at in columns) for cells in table], settings)
    return list(_OF_DOMAIN), [(_of_domain(one), _scored(one)) for one in found]


def _of_domain(one: Rated) -> list[str]:
    score = one.scored.score
    numbers = (score.obtained, score.lowest, score.highest, f"{score.score:.4f}") if score else ("",) * 4
    return [one.guideline, one.domain, one.label, str(one.appraisers), *map(str, numbers)]


def _scored(one: Rated) -> dict[str, Any]:
    scored = one.scored
    said = "; ".join([*(f"{refusal.item}: {refusal.reason}" for refusal in scored.refused), *one.notes])
    needed = [f"{who}:{item}" for who, item in scored.missing]
    if scored.refused:
        return _cells(Status.ILLEGAL, message=said)
    if scored.score is None:
        return _cells(Status.INCOMPLETE, needed=needed, message=said)
    status = Status.DECIDED if needed else Status.COMPLETE
    return _cells(status, str(scored.score.percent), "scaled", needed, said)


def _csv(header: list[str], found: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*header, *FOUND])
    for cells, said in found:
        values = (";".join(one) if isinstance(one, list) else one for one in said.values())
        writer.writerow([*cells, *(safe_cell(value) for value in values)])
    return out.getvalue()


def _objects(header: list[str], found: list[Row]) -> Iterable[Mapping[str, Any]]:
    for cells, said in found:
        yield {**dict(zip(header, cells, strict=True)), **said}


def _about(instrument: Instrument, settings: Settings) -> dict[str, Any]:
    return {
        "instrument": instrument.id,
        "version": instrument.version,
        "sha256": instrument.sha256,
        "trust": instrument.trust.value,
        "settings": dict(settings.told(instrument)),
    }


def _say_settings(instrument: Instrument, settings: Settings) -> None:
    """Say on standard error under which instrument and settings the answer holds."""
    told = "; ".join(f"{key}={value}" for key, value in settings.told(instrument))
    click.echo(f"{instrument.name}, {instrument.version}{'; ' if told else ''}{told}", err=True)
    if instrument.trust.value != "checked":
        click.echo(instrument.note, err=True)
