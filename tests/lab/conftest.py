"""What the tests of set-up share."""

import pytest
from tiny_lab import Lab


@pytest.fixture
def lab(tmp_path):
    """A lab where nothing has been set up."""
    return Lab(tmp_path)
