"""Where migrations, protocols and configuration lie: beside the package in a checkout, inside it in a wheel."""

import os
from pathlib import Path

from platformdirs import user_data_path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Return the path of a shipped file or folder.

    Raises:
        FileNotFoundError: neither a checkout nor a wheel holds it.
    """
    for base in (_PACKAGE / "_bundled", _PACKAGE.parent):
        if (path := base / name).exists():
            return path
    raise FileNotFoundError(name)


def home(name: str = "workbench") -> Path:
    """The folder in which everything of this installation lives: WORKBENCH_HOME, else the user's data folder."""
    stated = os.environ.get("WORKBENCH_HOME")
    return Path(stated) if stated else user_data_path(name, appauthor=False)


def database_url(folder: Path) -> str:
    """Where the database is: WORKBENCH_DATABASE_URL, else an SQLite file in the home folder."""
    return os.environ.get("WORKBENCH_DATABASE_URL") or f"sqlite:///{folder / 'workbench.sqlite'}"
