"""The tokenizer of a language model, from its tokenizer.json: a file, a folder, or a model's name on the hub."""

from pathlib import Path

from rag.adapters.token_counter import TokenCounter
from rag.errors import ConfigError

_FILE = "tokenizer.json"


def counter_of(name: str) -> TokenCounter:
    """Counts as the named tokenizer does. Fetched from the hub once, where it is neither a file nor a folder.

    Raises ConfigError with one sentence where it cannot be had.
    """
    try:
        return TokenCounter(_file(name).read_text(encoding="utf-8"))
    except Exception as error:  # the tokenizer's own complaints are bare Exceptions
        raise ConfigError(f"LLM_TOKENIZER names {name}, whose {_FILE} cannot be read: {error}.") from error


def _file(name: str) -> Path:
    path = Path(name)
    if path.exists():
        return path / _FILE if path.is_dir() else path
    # Here, since it is slow to import and most installations name none.
    from huggingface_hub import hf_hub_download  # noqa: PLC0415

    return Path(hf_hub_download(name, _FILE))
