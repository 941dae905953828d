"""Find a model's files and name it by its weights, without loading anything heavy."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

EMBEDDED_MODEL = Path(__file__).parent / "ner_model"

_FETCHED = ("*.json", "*.txt", "*.model", "*.safetensors")
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
_BLOCK_BYTES = 1 << 20


class ModelError(ValueError):
    """The model cannot be found, or is not one that can tag names safely."""


class ModelFiles(NamedTuple):
    """A model folder, and the name under which its mentions are stored."""

    folder: Path
    model_id: str


def find_model(model: str) -> ModelFiles:
    """Return the files of `model`: "" = the embedded one, a folder, or a Hugging Face Hub id.

    A Hub model is downloaded once; its cached copy serves afterwards.

    Raises:
        ModelError: there is no such model, or it has no safetensors weights.
    """
    if not model:
        return _describe(EMBEDDED_MODEL, "naba-ner")
    path = Path(model).expanduser()
    if path.is_dir():
        return _describe(path, model)
    if path.exists() or not _HUB_ID.fullmatch(model):
        raise ModelError(f"no model folder {model!r}: name a folder or a Hugging Face Hub id")
    return _describe(_download(model), model)


def model_id(model: str) -> str:
    """Return the name under which mentions of `model` are stored, as `find_model` takes it.

    Raises:
        ModelError: there is no such model, or it has no safetensors weights.
    """
    return find_model(model).model_id


def _download(model: str) -> Path:
    """Return the local copy of a Hub model, fetched without any code or pickle in it."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=list(_FETCHED)))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"cannot fetch model {model!r} from the Hugging Face Hub "
            f"({type(error).__name__}): check the id and the network, or download it elsewhere "
            f"and name its folder"
        ) from error


def _describe(folder: Path, name: str) -> ModelFiles:
    weights = sorted(folder.glob("*.safetensors"))
    if not (folder / "config.json").is_file():
        raise ModelError(f"no config.json in the model folder {folder}")
    if not weights:
        raise ModelError(
            f"no safetensors weights in {folder}: other formats can run code when read; "
            f"convert them with save_pretrained, which writes safetensors"
        )
    return ModelFiles(folder, f"{name}@{_digest_files(weights)[:12]}")


def _digest_files(paths: list[Path]) -> str:
    """Return the SHA-256 of the files' bytes, one after the other."""
    hasher = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                hasher.update(block)
    return hasher.hexdigest()
