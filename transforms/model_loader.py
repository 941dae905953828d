"""Load a tagger. Importing this module imports neither torch nor transformers; calling does."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safetensors import SafetensorError

from transforms.label_map import map_labels
from transforms.model_files import ModelError, ModelFiles, find_model
from transforms.tagger import Frame, Ids, Logits, Pieces, Tagger

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

_PROBE = "زار محمد القاهرة."
_DEFAULT_LONGEST = 512
# These count positions from the id of padding.
_SHIFTED_POSITIONS = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl")

logger = logging.getLogger(__name__)


class _Splitter(NamedTuple):
    """A fast tokenizer; threads share it, since nothing changes it after loading."""

    tokenizer: "Tokenizer"

    def encode(self, words: list[str]) -> Pieces:
        """Return the pieces of `words`."""
        encoding = self.tokenizer.encode(words, is_pretokenized=True, add_special_tokens=False)
        words_of = [word for word in encoding.word_ids if word is not None]
        return Pieces(encoding.ids, words_of)


class Network:
    """A network on its device."""

    def __init__(self, model: "PreTrainedModel", device: "torch.device") -> None:
        self.model = model
        self.device = device

    def predict(self, ids: Ids, mask: Ids) -> Logits:
        """Return the logits of each piece."""
        import torch

        with torch.inference_mode():
            logits = self.model(
                input_ids=torch.from_numpy(ids).to(self.device),
                attention_mask=torch.from_numpy(mask).to(self.device),
            ).logits
        return logits.float().cpu().numpy()


def load_tagger(model: str, *, threads: int = 1) -> Tagger:
    """Return the tagger for `model`, tried once on a short sentence.

    Args:
        model: "" = the embedded model, a folder, or a Hugging Face Hub id.
        threads: CPU threads of one prediction, for the whole process; more workers scale
            better than more threads, which wait for each other where cores are shared.

    Raises:
        ModelError: the model cannot be found, is not safe to load, or cannot tag words.
        LabelError: none of its labels is a known kind of name.
    """
    import torch

    torch.set_num_threads(threads)
    files = find_model(model)
    network = load_network(files.folder)
    tagger = build_tagger(files, load_tokenizer(files.folder), network)
    if tagger.tag([_PROBE])[0].failed:
        raise ModelError(f"the model in {files.folder} fails on a plain sentence: {_PROBE}")
    logger.info("model loaded", extra={"model_id": files.model_id, "device": str(network.device)})
    return tagger


def build_tagger(
    files: ModelFiles, tokenizer: "PreTrainedTokenizerBase", network: Network
) -> Tagger:
    """Join a tokenizer and a network that are already loaded.

    Raises:
        LabelError: none of the network's labels is a known kind of name.
    """
    config = network.model.config
    return Tagger(
        encode=_Splitter(tokenizer.backend_tokenizer).encode,
        predict=network.predict,
        labels=map_labels(_read_labels(config), files.folder),
        frame=_find_frame(tokenizer),
        longest=_find_longest(config, tokenizer),
        model_id=files.model_id,
    )


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerBase":
    """Return the fast tokenizer in `folder`, which neither truncates nor pads.

    Raises:
        ModelError: it cannot be loaded, or exists only as Python code without offsets.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(f"cannot load a tokenizer from {folder}: {error}") from error
    if not tokenizer.is_fast:
        raise ModelError(
            f"{folder} has only a slow tokenizer ({type(tokenizer).__name__}): a fast one is "
            f"needed; add the tokenizer.json that its base model publishes"
        )
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def load_network(folder: Path) -> Network:
    """Return the network in `folder` on the best device: half precision on a GPU, else single.

    Raises:
        ModelError: the weights cannot be loaded, or lack the classifier of words.
    """
    import torch
    from transformers import AutoModelForTokenClassification
    from transformers.utils import logging as library_logging

    library_logging.disable_progress_bar()
    device = _find_device()
    try:
        model, report = AutoModelForTokenClassification.from_pretrained(
            folder,
            dtype=torch.float32 if device.type == "cpu" else torch.float16,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"cannot load the model in {folder}: {error}") from error
    if report["missing_keys"]:
        raise ModelError(
            f"the weights in {folder} lack {sorted(report['missing_keys'])[:5]}: it is no "
            f"trained token classification model"
        )
    return Network(model.to(device).eval(), device)


def _find_device() -> "torch.device":
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _find_frame(tokenizer: "PreTrainedTokenizerBase") -> Frame:
    """Return the ids that the tokenizer puts around a text, such as [CLS] and [SEP]."""
    encoding = tokenizer.backend_tokenizer.encode(_PROBE.split(), is_pretokenized=True)
    inner = [index for index, word in enumerate(encoding.word_ids) if word is not None]
    before, after = encoding.ids[: inner[0]], encoding.ids[inner[-1] + 1 :]
    return Frame(tuple(before), tuple(after), tokenizer.pad_token_id or 0)


def _read_labels(config: "PretrainedConfig") -> dict[int, str]:
    return {int(index): label for index, label in (config.id2label or {}).items()}


def _find_longest(config: "PretrainedConfig", tokenizer: "PreTrainedTokenizerBase") -> int:
    """Return how many pieces the network has positions for."""
    positions = getattr(config, "max_position_embeddings", None) or _DEFAULT_LONGEST
    if config.model_type in _SHIFTED_POSITIONS:
        positions -= (config.pad_token_id or 0) + 1
    return min(positions, tokenizer.model_max_length)
