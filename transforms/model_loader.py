"""Load a tagger. Importing this module imports neither torch nor transformers; calling does."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from safetensors import SafetensorError

from transforms.compact_bert import CompactBert, read_shape
from transforms.label_map import map_labels
from transforms.linear import RANGES_FILE, has_integers, integer_maker, make_float, read_ranges
from transforms.model_files import ModelError, ModelFiles, find_model
from transforms.splitter import Splitter
from transforms.tagger import Ids, Logits, Tagger

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_PROBE = "زار محمد القاهرة."
_DEFAULT_LONGEST = 512
# These count positions from the id of padding.
_SHIFTED_POSITIONS = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl")

logger = logging.getLogger(__name__)


class Model(NamedTuple):
    """A network and what else is needed to tag with it."""

    predict: Callable[[Ids, Ids], Logits]
    tokenizer: "Tokenizer"
    config: Mapping[str, Any]  # as in config.json
    padding: int
    longest: int  # pieces, framing included
    device: str


class Network:
    """A network of the library, on its device."""

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
    loaded = load_model(files.folder)
    tagger = build_tagger(files, loaded)
    if tagger.tag([_PROBE])[0].failed:
        raise ModelError(f"the model in {files.folder} fails on a plain sentence: {_PROBE}")
    logger.info("model loaded", extra={"model_id": files.model_id, "device": loaded.device})
    return tagger


def build_tagger(files: ModelFiles, model: Model) -> Tagger:
    """Return the tagger of a model that is loaded.

    Raises:
        LabelError: none of the network's labels is a known kind of name.
    """
    labels = {int(index): label for index, label in (model.config.get("id2label") or {}).items()}
    splitter = Splitter(model.tokenizer)
    return Tagger(
        split=splitter.split,
        predict=model.predict,
        labels=map_labels(labels, files.folder),
        frame=splitter.frame(model.padding),
        longest=model.longest,
        model_id=files.model_id,
    )


def load_model(folder: Path) -> Model:
    """Return the model in a folder, an exported one in its own network on a processor.

    Raises:
        ModelError: it cannot be loaded, or cannot tag words.
    """
    if (folder / RANGES_FILE).is_file() and _find_device().type == "cpu":
        return load_compact(folder)
    return load_library_model(folder)


def load_compact(folder: Path, *, integers: bool = True) -> Model:
    """Return an exported model, which needs neither the library nor its memory.

    Args:
        integers: Count in bytes where the processor can.
    """
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    config = json.loads((folder / "config.json").read_bytes())
    maker = integer_maker(read_ranges(folder)) if integers and has_integers() else make_float
    network = CompactBert(load_file(folder / "model.safetensors"), read_shape(config), maker)
    return Model(
        network.predict,
        Tokenizer.from_file(str(folder / "tokenizer.json")),
        config,
        config["pad_token_id"],
        config["max_position_embeddings"],
        "cpu",
    )


def load_library_model(folder: Path) -> Model:
    """Return any token classification model of the library.

    Raises:
        ModelError: it cannot be loaded, or cannot tag words.
    """
    tokenizer, network = load_tokenizer(folder), load_network(folder)
    config = network.model.config.to_dict()
    return Model(
        network.predict,
        tokenizer.backend_tokenizer,
        config,
        tokenizer.pad_token_id or 0,
        min(_count_positions(config), tokenizer.model_max_length),
        str(network.device),
    )


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerBase":
    """Return the fast tokenizer in `folder`.

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


def _count_positions(config: Mapping[str, Any]) -> int:
    """Return how many pieces the network has positions for."""
    positions = config.get("max_position_embeddings") or _DEFAULT_LONGEST
    if config.get("model_type") in _SHIFTED_POSITIONS:
        positions -= (config.get("pad_token_id") or 0) + 1
    return int(positions)
