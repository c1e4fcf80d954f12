"""`workbench appraisal draw-answers`: reviews by the items of AMSTAR 2, or guidelines by the domains of AGREE II."""

from collections.abc import Iterable
from pathlib import Path

import click

from workbench.appraisal.cli.drawing import in_kind, kind_of
from workbench.appraisal.cli.files import rows, write
from workbench.appraisal.cli.judging import pairs, read_answers
from workbench.appraisal.instruments import Instrument, OfWeaknesses, load
from workbench.appraisal.pictures import PALETTES, Reviewed, Scores, grid, score_bars
from workbench.appraisal.rules import Settings, judge, settings_of
from workbench.appraisal.rules.rating import rated
from workbench.appraisal.rules.weaknesses import whole_answers
from workbench.errors import Invalid
from workbench.words import _


class NothingToDraw(Invalid):
    """Answers are drawn of AMSTAR 2, and scores of AGREE II."""

    hint = "For judgements of domains, use `workbench appraisal draw`."


class BadAnswers(Invalid):
    """Answers that are drawn must be ones that the items take."""

    hint = "`workbench appraisal judge` says what is wrong with which row."


class BadThreshold(Invalid):
    """A threshold names a domain and a number from 0 to 100."""

    hint = "For example --threshold 3=60."


@click.command("draw-answers")
@click.argument("instrument")
@click.option("--answers", type=click.Path(path_type=Path), required=True, help="A CSV file of answers, as for judge.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A file ending in .svg, .png or .pdf.")
@click.option("--setting", "settings", multiple=True, metavar="KEY=VALUE", help="What the protocol settles.")
@click.option("--threshold", multiple=True, metavar="DOMAIN=PERCENT", help="AGREE II: what the protocol asks for.")
@click.option("--palette", type=click.Choice(list(PALETTES)), default="cochrane", help="AMSTAR 2: the colours.")
def draw_answers(
    instrument: str,
    answers: Path,
    output: Path,
    settings: tuple[str, ...],
    threshold: tuple[str, ...],
    palette: str,
) -> None:
    """Draw answers to INSTRUMENT: AMSTAR 2 from the columns review and answers, AGREE II as judge reads it."""
    kind = kind_of(output)
    chosen = load(instrument)
    agreed = settings_of(chosen, pairs(settings))
    told = "; ".join([f"{chosen.short} ({chosen.version})", *(f"{key}={value}" for key, value in agreed.told(chosen))])
    if chosen.scale:
        svg = score_bars(chosen, _scores(chosen, agreed, answers), _thresholds(chosen, threshold), told)
    elif isinstance(chosen.overall, OfWeaknesses):
        svg = grid(
            chosen, list(_reviews(chosen, chosen.overall, agreed, answers)), agreed.critical, told, palette=palette
        )
    else:
        raise NothingToDraw(_("%(name)s has no picture of its answers.", name=chosen.short))
    write(output, in_kind(svg, kind, chosen.name))


def _reviews(instrument: Instrument, overall: OfWeaknesses, settings: Settings, file: Path) -> Iterable[Reviewed]:
    header, table = rows(file, ("review", "answers"))
    for cells in table:
        named = dict(zip(header, cells, strict=True))
        answers, wrong = read_answers(named["answers"])
        found = judge(instrument, "", answers, settings)
        if wrong or found.refused:
            why = wrong or "; ".join(f"{one.item}: {one.reason}" for one in found.refused)
            raise BadAnswers(_("%(review)s: %(why)s.", review=named["review"], why=why))
        wholes = whole_answers(instrument, overall, answers)
        yield Reviewed(named["review"], {item: code for item, code in wholes.items() if code}, found.judgement)


def _scores(instrument: Instrument, settings: Settings, file: Path) -> list[Scores]:
    header, table = rows(file, ("guideline", "appraiser", "item", "score"))
    columns = [header.index(name) for name in ("guideline", "appraiser", "item", "score")]
    scores: dict[str, dict[str, float | None]] = {}
    for one in rated(instrument, [tuple(cells[at].strip() for at in columns) for cells in table], settings):
        if one.scored.refused:
            why = "; ".join(f"{refusal.item}: {refusal.reason}" for refusal in one.scored.refused)
            raise BadAnswers(_("%(guideline)s: %(why)s.", guideline=one.guideline, why=why))
        scores.setdefault(one.guideline, {})[one.domain] = one.scored.score.score if one.scored.score else None
    return [Scores(name, percent) for name, percent in scores.items()]


def _thresholds(instrument: Instrument, texts: Iterable[str]) -> dict[str, float]:
    found = {}
    for domain, number in pairs(texts).items():
        if domain not in instrument.domains or not number.isdecimal() or int(number[:4]) > 100:
            raise BadThreshold(_("“%(domain)s=%(number)s” is no threshold.", domain=domain, number=number))
        found[domain] = float(number)
    return found
