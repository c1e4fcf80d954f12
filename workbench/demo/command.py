"""`workbench demo`: set the demonstration up, say what it did, serve it."""

import json
import sys
from pathlib import Path

import click

from workbench.demo.people import LEAD, PASSPHRASE, SECOND
from workbench.resources import database_url, home
from workbench.words import _


@click.command("demo")
@click.option("--no-serve", is_flag=True, help="Set up and say what was done, then stop.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--fresh", is_flag=True, help="Delete what an earlier demonstration left, and start over.")
def demo(no_serve: bool, as_json: bool, fresh: bool) -> None:
    """Carry an invented review through the main job and serve it to look around in; run again, it resumes."""
    from workbench.demo import telling

    folder = home("workbench-demo").resolve()
    url = database_url(folder)
    told = _set_up(folder, url, fresh=fresh)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else telling.as_table(told))
    if no_serve:
        return
    from workbench.serving import serve

    serve(folder, url, announce=lambda address: _greet(address, aside=as_json))


def _set_up(folder: Path, url: str, *, fresh: bool) -> dict[str, object]:
    """Build what is missing, and ask the facts what stands."""
    from workbench.demo import building, telling
    from workbench.demo.home import open_home, start_over

    if fresh:
        _confirm(folder)
        start_over(folder, url)
    sessions = open_home(folder, url)
    building.build(building.Place(folder, url, sessions, _say))
    with sessions.read() as session:
        told = telling.tell(session, folder, building.SLUG)
    sessions.engine.dispose()
    return told


def _confirm(folder: Path) -> None:
    """Ask before anything is deleted, where somebody is there to answer."""
    if folder.exists() and sys.stdin.isatty():
        click.confirm(_("Delete the demonstration in %(folder)s and start over?", folder=folder), abort=True, err=True)


def _say(words: str) -> None:
    """Progress goes to standard error, apart from the answer."""
    click.echo(words, err=True)


def _greet(address: str, *, aside: bool) -> None:
    """Say where the demonstration is and how to get in; aside, where standard output holds JSON."""
    lines = ["", _("Open %(address)s and sign in:", address=address)]
    lines += [f"  {person.name} ({', '.join(person.roles)}): {person.email}" for person in (LEAD, SECOND)]
    lines += [_("  Passphrase for all: %(passphrase)s", passphrase=PASSPHRASE)]
    click.echo("\n".join(lines), err=aside)
    click.echo(_("Stop with Ctrl+C; run again, it resumes."), err=True)
    sys.stdout.flush()
