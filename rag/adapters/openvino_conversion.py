"""A sentence-transformers model made into one that OpenVINO runs: traced once, proven, and kept in a folder.

What is kept: `model.xml` and `model.bin` (text ids and mask in; out the model's own vector, pooling and all, and its tokens'),
`tokenizer.json`, and `facts.json` with what the original made of the proof texts. With these a process needs neither
torch nor transformers, and can tell for itself whether the vectors come out right on its own CPU.
"""

import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel

from rag.adapters.model_files import digest_of, folder_of
from rag.adapters.openvino_runtime import decoder_of, openvino
from rag.adapters.sentence_transformer import description_of, load, prompts_of, window_of
from rag.domain import Embedding

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PROOF = (
    "How many days of annual leave do I have?",
    "",
    "年休を申請する · Überstunden, naïve café №5 🙂",
    "| Plan | Price |\n|---|---|\n| Team | $ 12.50 |",
    "A page that is longer than the window of most models is cut where the window ends. " * 40,
)
"""Texts that a conversion must embed as the original does: short, empty, of many scripts, a table, too long."""

_FORMAT = "2"
"""To be raised when what is kept is made differently."""


class Facts(BaseModel):
    """What there is to know of the original besides its weights. `passages` and `query` are its vectors of PROOF, and
    of the first text of PROOF as a question.
    """

    window: int
    pad_id: int
    query_prompt: str
    passage_prompt: str
    passages: list[Embedding]
    query: Embedding


def conversion_of(model: str, cache: Path) -> Path:
    """The folder of the converted model under `cache`, made first where there is none yet.

    Raises ConfigError when the model cannot be loaded, and whatever the tracing of a model that is no plain encoder
    and a disk raise.
    """
    original = None
    files = folder_of(model)
    if files is None:
        original = load(model)  # which fetches it
        files = folder_of(model)
    if files is None:
        raise FileNotFoundError(model)
    kept = cache / f"{files.name}-{_key(files)}"
    if not (kept / "facts.json").is_file():
        _make(kept, original or load(model))
    return kept


def _key(files: Path) -> str:
    return f"{digest_of(files)[:16]}-{version('openvino')}-{_FORMAT}"


def _make(kept: Path, original: "SentenceTransformer") -> None:
    """Builds aside and moves into place, so that what is kept is whole; of two that do so at once, one wins."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=kept.parent, prefix="converting-") as aside:
        built = Path(aside, "model")
        built.mkdir()
        _save(original, built / "model.xml")
        (built / "tokenizer.json").write_text(description_of(original), encoding="utf-8")
        (built / "facts.json").write_text(_facts(original).model_dump_json(), encoding="utf-8")
        try:
            built.rename(kept)
        except OSError:
            if not (kept / "facts.json").is_file():
                raise


def _save(original: "SentenceTransformer", file: Path) -> None:
    """Writes the whole of the model, from ids to its vector and those of the tokens, as OpenVINO's graph, for input of any shape."""
    import torch  # noqa: PLC0415  # a second that only a conversion should spend

    modules = list(original.eval().requires_grad_(requires_grad=False))

    def forward(input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        for module in modules:
            features = module(features)
        return features["sentence_embedding"], features["token_embeddings"]

    mask = torch.tensor([[1, 1, 1], [1, 1, 0]])
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of values that a trace takes for constants: the proof tells whether they are
        traced = torch.jit.trace(forward, (mask, mask), check_trace=False)  # type: ignore[no-untyped-call]
        decoder = decoder_of(traced)
    frontend = openvino().frontend.FrontEndManager().load_by_framework("pytorch")
    # The decoder owns the weights until they are written.
    openvino().save_model(frontend.convert(frontend.load(decoder)), file, compress_to_fp16=False)


def _facts(original: "SentenceTransformer") -> Facts:
    query_prompt, passage_prompt = prompts_of(original)
    passages = original.encode_document([*PROOF], show_progress_bar=False)
    query = original.encode_query(PROOF[:1], show_progress_bar=False)[0]
    return Facts(
        window=window_of(original),
        pad_id=original.tokenizer.pad_token_id or 0,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        passages=np.asarray(passages, dtype=np.float32).tolist(),
        query=np.asarray(query, dtype=np.float32).tolist(),
    )


def forget(kept: Path) -> None:
    """Away with a conversion that cannot be read, so that the next one asked for is made anew."""
    shutil.rmtree(kept, ignore_errors=True)
