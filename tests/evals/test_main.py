"""The command line: what is wrong is said in one sentence, with exit code 2."""

from pathlib import Path

import pytest

from evals.__main__ import main


@pytest.mark.parametrize("command", ["retrieval", "sweep", "abstention", "fit"])
def test_no_dataset(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--data", str(tmp_path / "nowhere")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"{tmp_path / 'nowhere'} is not a folder: give --data the folder of a dataset.\n"


def test_a_malformed_dataset(beir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (beir / "queries.jsonl").write_text("{}\n")
    assert main(["retrieval", "--data", str(beir)]) == 2
    assert capsys.readouterr().err == f"{beir / 'queries.jsonl'}, line 1: `_id` must be a text.\n"


@pytest.mark.parametrize(
    "arguments", [[], ["retrieval"], ["retrieval", "--data", ".", "--config", "best"], ["answers"]]
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: python -m evals" in capsys.readouterr().err
