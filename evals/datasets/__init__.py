"""Questions with relevance judgements: one file per layout of folder, one shape for all."""

from pathlib import Path

from evals.datasets import beir, handbook
from evals.datasets.dataset import Dataset, DatasetUnusable


def open_dataset(folder: Path) -> Dataset:
    """The dataset in the folder, read whole; what lies there tells its layout.

    Raises DatasetUnusable, whose text names the file and the line to look at.
    """
    if not folder.is_dir():
        raise DatasetUnusable(f"{folder} is not a folder: give --data the folder of a dataset.")
    if (folder / beir.CORPUS).exists():
        return beir.read(folder)
    if (folder / handbook.QUESTIONS).exists():
        return handbook.read(folder)
    raise DatasetUnusable(
        f"{folder} holds no dataset: neither {beir.CORPUS} (BEIR's layout) nor {handbook.QUESTIONS} with {handbook.PAGES}/."
    )
