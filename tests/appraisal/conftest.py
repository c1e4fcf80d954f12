"""Published specimens, on machines that have them."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def published(shared_data) -> Path:
    """The folder of published vectors, tables and examples of other programs."""
    folder = shared_data / "appraisal"
    if not folder.is_dir():
        pytest.skip("the published appraisal data is not here")
    return folder
