"""The plan of the house holds: imports run one way, and every file says on which floor it lives."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_imports_run_one_way():
    program = Path(sys.executable).parent / "lint-imports"
    found = subprocess.run(
        [str(program) if program.exists() else shutil.which("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout


def test_the_commands_on_files_import_no_web_framework_and_no_database():
    program = (
        "import sys, workbench.deduplication.cli, workbench.records.cli, workbench.reporting.cli, workbench.protocols.cli\n"
        "import workbench.appraisal.cli\n"
        "from workbench.cli import workbench\n"
        "print([name for name in ('flask', 'sqlalchemy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
