"""Converted once, proven at each start, never at the price of another vector; and nobody is told of it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic_settings import BaseSettings

from rag.adapters.model_files import BUNDLED, digest_of, folder_of
from rag.adapters.openvino_embedder import SAME_SPACE, NotConvertible, OpenvinoEmbedder, precisions
from rag.adapters.sentence_transformer import SentenceTransformerEmbedder
from rag.composition import open_embedder
from rag.errors import ConfigError
from rag.settings import EmbeddingSettings, Settings, StorageSettings

_ROOT = Path(__file__).resolve().parents[3]
_PRODUCT = ("rag", "ingestion", "workers", "bot", "evals")
_IMPORT = re.compile(r"^\s*(?:import|from) openvino\b", re.MULTILINE)

_WARM = """
import sys
from pathlib import Path
told = []
sys.addaudithook(lambda event, arguments: told.append(event) if event.startswith("socket.") else None)
from rag.adapters.openvino_embedder import OpenvinoEmbedder
OpenvinoEmbedder("all-MiniLM-L6-v2", Path(sys.argv[1])).embed_query("hello")
print(sorted(sys.modules.keys() & {"torch", "transformers", "sentence_transformers", "huggingface_hub"}), told)
"""


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of conversions that holds the bundled model."""
    cache = tmp_path_factory.mktemp("models")
    OpenvinoEmbedder(BUNDLED, cache)
    return cache


@pytest.fixture
def cache(converted: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(converted, tmp_path / "models"))


def kept(cache: Path) -> Path:
    [folder] = cache.iterdir()
    return folder


def settings(backend: str, data: Path, model: str = BUNDLED) -> Settings:
    sections: dict[str, BaseSettings] = {
        "embedding": EmbeddingSettings(model=model, backend=backend),
        "storage": StorageSettings(data_dir=data),
    }
    return Settings(**sections)


def test_a_second_start_needs_no_torch_and_tells_nobody(converted: Path, tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _WARM, str(converted)],
        cwd=_ROOT,
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "[] []\n"
    assert [*tmp_path.iterdir()] == []  # where the package would keep the id under which it reports


def test_nothing_else_imports_it() -> None:
    files = [file for folder in _PRODUCT for file in (_ROOT / folder).rglob("*.py")]
    assert files
    assert [file.name for file in files if _IMPORT.search(file.read_text(encoding="utf-8"))] == []


def test_a_conversion_is_kept(converted: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in kept(converted).iterdir()}
    OpenvinoEmbedder(BUNDLED, converted)
    assert {path: path.stat().st_mtime_ns for path in kept(converted).iterdir()} == before


def _cut(folder: Path) -> None:
    weights = folder / "model.bin"
    weights.write_bytes(weights.read_bytes()[:1000])


def _garble_graph(folder: Path) -> None:
    (folder / "model.xml").write_text("<net>", encoding="utf-8")


def _garble_facts(folder: Path) -> None:
    (folder / "facts.json").write_text("{", encoding="utf-8")


def _garble_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize("spoil", [_cut, _garble_graph, _garble_facts, _garble_tokenizer])
def test_a_spoilt_conversion_is_not_used_and_not_kept(cache: Path, spoil: Callable[[Path], None]) -> None:
    spoil(kept(cache))
    with pytest.raises(NotConvertible):
        OpenvinoEmbedder(BUNDLED, cache)
    assert [*cache.iterdir()] == []


def test_vectors_that_differ_from_the_originals_are_not_used(cache: Path) -> None:
    file = kept(cache) / "facts.json"
    facts = json.loads(file.read_text(encoding="utf-8"))
    facts["query"] = facts["passages"][1]
    file.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(NotConvertible, match="differently"):
        OpenvinoEmbedder(BUNDLED, cache)


def test_a_prompt_of_the_model_stands_in_front(tmp_path: Path) -> None:
    model = prompted(tmp_path / "model")
    original = SentenceTransformerEmbedder(model)
    ours = OpenvinoEmbedder(model, tmp_path / "cache")
    assert ours.max_tokens == original.max_tokens == 256 - 4
    for text in ("Where is the cafeteria?", ""):
        # In bfloat16, where the CPU has it, single numbers differ by more than the vectors do.
        assert np.dot(ours.embed_query(text), original.embed_query(text)) >= SAME_SPACE
        assert np.dot(ours.embed_passages([text])[0], original.embed_passages([text])[0]) >= SAME_SPACE
    ours_tokens, originals = (each.token_vectors(["Where is the cafeteria?"])[0] for each in (ours, original))
    assert ours_tokens.shape == originals.shape
    assert np.einsum("ij,ij->i", ours_tokens, originals).min() >= SAME_SPACE - 0.01
    assert ours.embed_query("cafeteria") != pytest.approx(ours.embed_passages(["cafeteria"])[0], abs=1e-2)


def prompted(folder: Path) -> str:
    """The bundled model, with prompts."""
    bundled = folder_of(BUNDLED)
    assert bundled
    shutil.copytree(bundled, folder)
    file = folder / "config_sentence_transformers.json"
    prompts = {"query": "question for search: ", "document": "text: "}
    file.write_text(
        json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"prompts": prompts}), encoding="utf-8"
    )
    return str(folder)


def test_other_content_is_another_model(tmp_path: Path) -> None:
    for name, content in (("a.json", "1"), ("b.json", "2")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    before = digest_of(tmp_path)
    assert digest_of(tmp_path) == before
    (tmp_path / "b.json").write_text("3", encoding="utf-8")
    assert digest_of(tmp_path) != before


def test_bfloat16_only_where_the_cpu_has_it() -> None:
    assert precisions(["FP32", "INT8", "BIN", "EXPORT_IMPORT"]) == ("f32",)
    assert precisions(["FP32", "BF16", "INT8"]) == ("bf16", "f32")


def test_the_backend_is_chosen_by_the_settings(converted: Path, tmp_path: Path) -> None:
    shutil.copytree(converted, tmp_path / "models")
    assert isinstance(open_embedder(settings("auto", tmp_path)), OpenvinoEmbedder)
    assert isinstance(open_embedder(settings("torch", tmp_path)), SentenceTransformerEmbedder)


def test_torch_takes_over_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("not a folder", encoding="utf-8")
    assert isinstance(open_embedder(settings("auto", tmp_path)), SentenceTransformerEmbedder)
    with pytest.raises(ConfigError, match="EMBEDDING_BACKEND is openvino, but all-MiniLM-L6-v2 needs torch"):
        open_embedder(settings("openvino", tmp_path))
