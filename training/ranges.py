"""Measure what goes into each linear layer of a network, to fix the scales of its integers."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from training.encoding import Encoded
from transforms.compact_bert import CompactBert, Shape
from transforms.linear import RANGES_FILE, Linear, Range, make_float

MEASURED = 2_000  # windows


class _Meter:
    """Makes float layers that note the least and greatest of their inputs."""

    def __init__(self) -> None:
        self.ranges: dict[str, Range] = {}

    def make(self, name: str, weight: torch.Tensor, bias: torch.Tensor, feeds: str) -> Linear:
        apply = make_float(name, weight, bias, feeds)

        def measure(values: torch.Tensor) -> torch.Tensor:
            known = self.ranges.get(name, Range(0.0, 0.0))
            least, greatest = values.aminmax()
            self.ranges[name] = Range(
                min(known.least, least.item()), max(known.greatest, greatest.item())
            )
            return apply(values)

        return measure


def measure_ranges(
    weights: Mapping[str, torch.Tensor], shape: Shape, examples: Sequence[Encoded]
) -> dict[str, Range]:
    """Return the ranges over evenly spaced examples."""
    meter = _Meter()
    network = CompactBert(weights, shape, meter.make)
    for example in examples[:: max(1, len(examples) // MEASURED)]:
        ids = example.ids[None].astype(np.int64)
        network.predict(ids, np.ones_like(ids))
    return meter.ranges


def write_ranges(ranges: Mapping[str, Range], folder: Path) -> None:
    """Write the ranges where the loader looks for them."""
    rounded = {name: [round(edge, 4) for edge in edges] for name, edges in ranges.items()}
    lines = (f"  {json.dumps(name)}: {json.dumps(edges)}" for name, edges in rounded.items())
    (folder / RANGES_FILE).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
