"""`workbench`: command groups named as people say it. Each room's commands are loaded only when called."""

import importlib
import sys

import click

from workbench.errors import WorkbenchError

COMMANDS = {
    "demo": "workbench.demo.command:demo",
    "serve": "workbench.serving:serve_command",
    "worker": "workbench.serving:worker_command",
    "db": "workbench.serving:db_commands",
    "backup": "workbench.serving:backup_command",
    "doctor": "workbench.serving:doctor_command",
    "tokens": "workbench.accounts.cli:tokens",
    "reviews": "workbench.protocols.cli:reviews",
    "records": "workbench.records.cli:records",
    "duplicates": "workbench.deduplication.cli:duplicates",
    "protocols": "workbench.protocols.cli:protocols",
    "screening": "workbench.screening.cli:screening",
    "full-texts": "workbench.screening.cli:full_texts",
    "studies": "workbench.studies.cli:studies",
    "appraisal": "workbench.appraisal.cli:appraisal",
    "prisma": "workbench.reporting.cli:prisma",
    "searches": "workbench.reporting.cli:searches",
    "prisma-s": "workbench.reporting.cli:prisma_s",
}


class Rooms(click.Group):
    """A command group that imports a room only when one of its commands is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name every command in the order of the review."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the room of this command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=Rooms)
@click.version_option(package_name="screening-workbench")
def workbench() -> None:
    """Screen a systematic review: import, deduplicate, vote in pairs, count."""


def main() -> None:
    """Run a command; an error becomes one line that says what happened and what to do, and exit code 2."""
    try:
        code = workbench.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except WorkbenchError as error:
        click.echo(" ".join(part for part in (f"Error: {error}", error.way_out) if part), err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
