"""`workbench appraisal instruments`: which instruments come with the house, and how far each is checked."""

import json

import click

from workbench.appraisal.instruments import Instrument, load, names
from workbench.appraisal.rules import offered


@click.command("instruments")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, with their domains, settings and notes.")
def list_instruments(as_json: bool) -> None:
    """List the instruments that come with the house."""
    known = [load(name) for name in names()]
    if as_json:
        click.echo(json.dumps({"instruments": [_told(one) for one in known]}, ensure_ascii=False, indent=1))
        return
    for one in known:
        click.echo(f"{one.id:<24}{one.version:<12}{one.trust.value:<9}{one.name}")


def _told(one: Instrument) -> dict[str, object]:
    return {
        "id": one.id,
        "version": one.version,
        "sha256": one.sha256,
        "name": one.name,
        "unit": one.unit,
        "trust": one.trust.value,
        "domains": {domain.id: domain.label for domain in one.domains.values()},
        "items": {item.id: item.label for item in one.items.values()},
        "judgements": list(one.judgements) or list(one.overall_judgements),
        "settings": list(offered(one)),
        "official_form": one.official_form,
        "note": one.note,
    }
