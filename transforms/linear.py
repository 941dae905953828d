"""Linear layers of the embedded network: 8-bit integers where the processor has them, or floats.

The scales of the integers are fixed when a model is exported and the sums are exact, so that
what a row gives depends on no other row. Importing this module does not import torch.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

RANGES_FILE = "naba_ranges.json"
"""In a model folder: the least and the greatest input of each linear layer, by its name."""

_LEVELS = 255
_GREATEST_WEIGHT = 127

Linear = Callable[["Tensor"], "Tensor"]
LinearMaker = Callable[[str, "Tensor", "Tensor", str], Linear]
"""Makes a layer of its name, weight, bias and, with GELU between, the name of the one it feeds."""


class Range(NamedTuple):
    """The least and the greatest value of what goes into a layer."""

    least: float
    greatest: float


class _Grid(NamedTuple):
    """Bytes for numbers: a number is `scale * (byte - zero)`."""

    scale: float
    zero: int


def has_integers() -> bool:
    """Say whether torch can have this processor multiply bytes fast and exactly."""
    import torch

    knows = getattr(torch.cpu, "_is_vnni_supported", lambda: False)
    return bool(knows()) and hasattr(torch.ops.onednn, "qlinear_pointwise")


def read_ranges(folder: Path) -> dict[str, Range]:
    """Return what the export noted of the layers' inputs."""
    content = json.loads((folder / RANGES_FILE).read_bytes())
    return {name: Range(*map(float, edges)) for name, edges in content.items()}


def make_float(_name: str, weight: "Tensor", bias: "Tensor", feeds: str) -> Linear:
    """Return a layer that counts in single precision."""
    from torch.nn import functional

    def apply(values: "Tensor") -> "Tensor":
        product = functional.linear(values, weight, bias)
        return functional.gelu(product) if feeds else product

    return apply


def integer_maker(ranges: Mapping[str, Range]) -> LinearMaker:
    """Return a maker of layers that multiply bytes.

    Args:
        ranges: Of the input of each layer; what lies beyond counts as the edge.
    """

    def make(name: str, weight: "Tensor", bias: "Tensor", feeds: str) -> Linear:
        onto = _make_grid(ranges[feeds]) if feeds else None
        return _make_integer(_make_grid(ranges[name]), weight, bias, onto)

    return make


def _make_grid(edges: Range) -> _Grid:
    scale = (edges.greatest - edges.least) / _LEVELS
    return _Grid(scale, round(-edges.least / scale))


def _make_integer(grid: _Grid, weight: "Tensor", bias: "Tensor", onto: _Grid | None) -> Linear:
    """Return a layer that takes floats, or bytes of its grid.

    Args:
        onto: The grid of the layer behind the GELU, for which the result stays bytes.
    """
    import torch

    scales = weight.abs().amax(dim=1) / _GREATEST_WEIGHT
    rounded = (weight / scales[:, None]).round().to(torch.int8)
    packed = torch.ops.onednn.qlinear_prepack(rounded, None)
    zeros = torch.zeros(len(weight), dtype=torch.int32)
    offset = torch.tensor(grid.zero + 0.5)
    multiply = torch.ops.onednn.qlinear_pointwise
    result: tuple[float, int, torch.dtype, str, list[float], str]
    if onto:
        result = (onto.scale, onto.zero, torch.uint8, "gelu", [], "none")
    else:
        result = (1.0, 0, torch.float32, "none", [], "")

    def apply(values: "Tensor") -> "Tensor":
        if values.dtype != torch.uint8:
            values = torch.add(offset, values, alpha=1 / grid.scale).clamp_(0, _LEVELS).byte()
        return multiply(values, grid.scale, grid.zero, packed, scales, zeros, bias, *result)

    return apply
