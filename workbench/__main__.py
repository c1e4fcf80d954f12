"""`python3 -m workbench …` in a fresh checkout: make .venv once, install into it, then go on inside it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "workbench.stamp"


def in_bare_checkout() -> bool:
    """Say whether this is a checkout that runs outside its own virtual environment."""
    return (ROOT / "pyproject.toml").exists() and Path(sys.prefix).resolve() != VENV.resolve()


def wanted() -> str:
    """Fingerprint of what the environment must hold."""
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()


def say(words: str) -> None:
    """Tell progress apart from the answer: on standard error."""
    print(words, file=sys.stderr, flush=True)


def set_up() -> None:
    """Make the virtual environment and install the workbench with its tests, unless that is done."""
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted():
        return
    say("Setting up, once: making a virtual environment in .venv …")
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    say("Setting up, once: installing what the workbench needs (a minute or two) …")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", f"{ROOT}[test]"]
    subprocess.run(pip, check=True)
    STAMP.write_text(wanted(), encoding="utf-8")
    say("Set up.")


def run_inside() -> int:
    """Run the same command inside the environment; `test` goes to pytest."""
    if sys.argv[1:2] == ["test"]:
        return subprocess.call([str(PYTHON), "-m", "pytest", *sys.argv[2:]], cwd=ROOT)
    return subprocess.call([str(PYTHON), "-m", "workbench", *sys.argv[1:]])


def bootstrap() -> int:
    """Set up, run, and give back the exit code; a failed set-up says what to do."""
    if sys.version_info < (3, 11):  # noqa: UP036  # an older Python must hear it here
        say("The workbench needs Python 3.11 or newer.")
        return 2
    try:
        set_up()
    except subprocess.CalledProcessError as error:
        say(f"Set-up failed: {error}. On Debian and Ubuntu: apt-get install python3-venv, then try again.")
        return 2
    try:
        return run_inside()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    if in_bare_checkout():
        sys.exit(bootstrap())
    from workbench.cli import main

    main()
