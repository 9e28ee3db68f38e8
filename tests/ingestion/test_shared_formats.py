"""Real and hostile files that others collected: each comes out as its list says."""

import os  # the folder of the data is the machine's
from pathlib import Path

import pytest

from evals.formats import Outcome, outcomes

SHARED = Path(os.environ.get("FOOTNOTE_SHARED") or Path(__file__).parents[3] / "shared")  # noqa: TID251  # as above
FORMATS = SHARED / "formats"

pytestmark = pytest.mark.skipif(not FORMATS.is_dir(), reason="the collected files are not here")


@pytest.mark.parametrize("outcome", [*outcomes(FORMATS)], ids=lambda outcome: outcome.path)
def test_a_file_comes_out_as_expected(outcome: Outcome) -> None:
    assert outcome.held, outcome
    assert outcome.milliseconds < 20_000
    assert "damaged and could not be read" not in outcome.reason  # that is, a parser's own error
