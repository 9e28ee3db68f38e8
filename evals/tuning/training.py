"""Fine-tuning with the trainer of sentence-transformers: in-batch negatives and hard ones that the model itself finds near.

Multiple negatives ranking loss (Henderson et al. 2017, "Efficient natural language response suggestion for Smart Reply"); hard negatives
as in Xiong et al. 2020, "ANCE". On the CPU, and bounded in steps.
"""

import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from evals.tuning.pairs import Pair
from rag.adapters.sentence_transformer import load

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_SEED = 7
_NEAREST = 50  # texts among which a hard negative is looked for
_WINDOW = 128  # tokens of a text that are learned from: time and memory grow with it, and what a text is about stands early
_TOO_NEAR = 0.05  # a text this much nearer than the right one, in shares, may be right, too


def tune(model: str, pairs: Sequence[Pair], folder: Path, *, steps: int, batch: int, rate: float) -> None:
    """Write the model, tuned on the pairs, into the folder. Deterministic on one machine. Raises ConfigError."""
    # Here, since importing takes seconds that no other evaluation should spend.
    from sentence_transformers import (  # noqa: PLC0415
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import (  # noqa: PLC0415
        MultipleNegativesRankingLoss,
    )
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers  # noqa: PLC0415
    from transformers.trainer_callback import PrinterCallback  # noqa: PLC0415

    loaded = load(model)
    window = loaded.max_seq_length
    loaded.max_seq_length = min(_WINDOW, window or _WINDOW)
    # Bars and warnings of the libraries among themselves; what goes wrong is raised.
    with TemporaryDirectory() as scratch, warnings.catch_warnings(), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        arguments = SentenceTransformerTrainingArguments(
            output_dir=scratch,
            max_steps=steps,
            per_device_train_batch_size=batch,
            learning_rate=rate,
            warmup_steps=max(1, steps // 10),
            batch_sampler=BatchSamplers.NO_DUPLICATES,
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            disable_tqdm=True,
            logging_strategy="no",
            seed=_SEED,
        )
        trainer = SentenceTransformerTrainer(
            model=loaded,
            args=arguments,
            train_dataset=_dataset(pairs, loaded),
            loss=MultipleNegativesRankingLoss(loaded),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        loaded.max_seq_length = window
        loaded.save_pretrained(str(folder), create_model_card=False)


def _dataset(pairs: Sequence[Pair], model: "SentenceTransformer") -> Any:
    """Triplets where hard negatives are found, else the pairs alone, whose negatives are the rest of their batch."""
    from datasets import Dataset  # noqa: PLC0415 - as above
    from sentence_transformers.util import mine_hard_negatives  # noqa: PLC0415

    columns = {"anchor": [pair.anchor for pair in pairs], "positive": [pair.text for pair in pairs]}
    plain = Dataset.from_dict(columns)
    distinct = len(set(columns["positive"]))
    if distinct <= _NEAREST:
        return plain
    mined = mine_hard_negatives(
        plain, model, num_negatives=1, range_max=_NEAREST, relative_margin=_TOO_NEAR, verbose=False
    )
    return mined if len(mined) >= len(pairs) // 2 else plain
