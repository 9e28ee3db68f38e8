"""As many pages as wanted, no two texts of them equal: the sentences of real pages, shuffled. The same for the same seed."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.datasets.dataset import Dataset

SECTIONS = 5
"""Sections of a page; each becomes about one chunk."""

_WORDS = (30, 170)  # of a section, as in a handbook: from a remark to a full chunk
_SENTENCE = re.compile(r"[A-Z][^.!?|`#*\n]{20,200}[.!?]")


def sentences_of(dataset: Dataset) -> list[str]:
    """The plain sentences of its pages, each once."""
    found = (sentence for page in dataset.pages for sentence in _SENTENCE.findall(page.document.text))
    return list(dict.fromkeys(found))


def write_pages(
    folder: Path, sentences: Sequence[str], *, pages: int, sections: int = SECTIONS, seed: int = 0
) -> None:
    """Writes so many Markdown files, a hundred to a folder."""
    dice = random.Random(seed)  # noqa: S311 - a corpus, not a secret
    for number in range(pages):
        name = f"page-{seed}-{number}"
        body = (_section(dice, sentences, f"{name}-{place}") for place in range(sections))
        file = folder / f"{number // 100:04}" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n\n".join([f"# {name}", *body]) + "\n", encoding="utf-8")


def _section(dice: random.Random, sentences: Sequence[str], title: str) -> str:
    return f"## Section {title}\n\n" + " ".join(_words(dice, sentences))


def _words(dice: random.Random, sentences: Sequence[str]) -> Iterator[str]:
    """Sentences until there are enough words."""
    left = dice.randint(*_WORDS)
    while left > 0:
        sentence = dice.choice(sentences)
        left -= len(sentence.split())
        yield sentence
