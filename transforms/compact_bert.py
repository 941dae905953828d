"""The embedded network: a BERT in 8-bit integers on processors made for them, else in floats.

The scales of the integers are fixed when the model is exported, so that what a window gives
depends on nothing else in its batch. Importing this module does not import torch.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor

    from transforms.linear import Linear, LinearMaker

_ROWS = 128  # inputs are filled up to a multiple of it; each new height costs a compilation

Ids = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]


class Shape(NamedTuple):
    """What `config.json` says of the network."""

    layers: int
    heads: int
    epsilon: float


def read_shape(config: Mapping[str, Any]) -> Shape:
    """Return the shape that a configuration tells."""
    return Shape(
        config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"]
    )


class _Norm(NamedTuple):
    weight: "Tensor"
    bias: "Tensor"


class _Layer(NamedTuple):
    attend: "Linear"  # to queries, keys and values, side by side
    project: "Linear"
    norm: _Norm
    widen: "Linear"  # with GELU
    narrow: "Linear"
    last_norm: _Norm


class CompactBert:
    """A network ready to predict on this machine's processor; threads share it."""

    def __init__(
        self, weights: Mapping[str, "Tensor"], shape: Shape, maker: "LinearMaker"
    ) -> None:
        """Prepare the weights, which are named as the library names those of BERT."""
        self._shape = shape
        part = _Part(weights, "bert.embeddings.")
        self._words = part["word_embeddings.weight"]
        self._places = (
            part["position_embeddings.weight"] + part["token_type_embeddings.weight"][0]
        ).contiguous()
        self._norm = _read_norm(part, "LayerNorm")
        self._layers = [
            _read_layer(_Part(weights, f"bert.encoder.layer.{index}."), maker)
            for index in range(shape.layers)
        ]
        self._classify = _Part(weights, "classifier.")

    def predict(self, ids: Ids, mask: Ids) -> Logits:
        """Return the logits of each piece."""
        import torch

        with torch.inference_mode():
            return self._forward(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()

    def _forward(self, ids: "Tensor", mask: "Tensor") -> "Tensor":
        import torch
        from torch.nn import functional

        rows, length = ids.shape
        size = self._words.shape[1]
        embedded = functional.embedding(ids, self._words).float() + self._places[:length]
        hidden = self._normalise(embedded.view(-1, size), self._norm)
        hidden = functional.pad(hidden, (0, 0, 0, -len(hidden) % _ROWS))
        shown = None if bool(mask.all()) else mask.bool()[:, None, None, :]
        for layer in self._layers:
            hidden = self._apply(layer, hidden, shown, (rows, length))
        logits = functional.linear(
            hidden[: rows * length], self._classify["weight"], self._classify["bias"]
        )
        return torch.unflatten(logits, 0, (rows, length))

    def _apply(
        self, layer: _Layer, hidden: "Tensor", shown: "Tensor | None", form: tuple[int, int]
    ) -> "Tensor":
        import torch
        from torch.nn import functional

        count = form[0] * form[1]
        size = hidden.shape[1]
        split = layer.attend(hidden)[:count].view(*form, 3, self._shape.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=shown)
        context = torch.zeros_like(hidden)
        context[:count].view(*form, self._shape.heads, -1).copy_(seen.transpose(1, 2))
        hidden = self._normalise(layer.project(context).add_(hidden), layer.norm)
        return self._normalise(
            layer.narrow(layer.widen(hidden)).add_(hidden).view(-1, size), layer.last_norm
        )

    def _normalise(self, values: "Tensor", norm: _Norm) -> "Tensor":
        from torch.nn import functional

        return functional.layer_norm(
            values, values.shape[-1:], norm.weight, norm.bias, self._shape.epsilon
        )


class _Part:
    """The weights whose names begin alike."""

    def __init__(self, weights: Mapping[str, "Tensor"], prefix: str) -> None:
        self._weights = weights
        self.prefix = prefix

    def __getitem__(self, name: str) -> "Tensor":
        tensor = self._weights[self.prefix + name]
        return tensor if name == "word_embeddings.weight" else tensor.float()


def _read_norm(part: _Part, name: str) -> _Norm:
    return _Norm(part[f"{name}.weight"], part[f"{name}.bias"])


def _read_layer(part: _Part, maker: "LinearMaker") -> _Layer:
    import torch

    def make(*names: str, feeds: str = "") -> "Linear":
        weight = torch.cat([part[f"{name}.weight"] for name in names])
        bias = torch.cat([part[f"{name}.bias"] for name in names])
        return maker(part.prefix + names[0], weight, bias, feeds and part.prefix + feeds)

    return _Layer(
        make("attention.self.query", "attention.self.key", "attention.self.value"),
        make("attention.output.dense"),
        _read_norm(part, "attention.output.LayerNorm"),
        make("intermediate.dense", feeds="output.dense"),
        make("output.dense"),
        _read_norm(part, "output.LayerNorm"),
    )
