"""Print an evaluation for people: figures first, then mistakes laid side by side."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.evaluate import Evaluation, Mistake
from pipeline.render import isolate

_BESIDE_CHARS = 160


def print_evaluation(evaluation: Evaluation, *, mistakes: int) -> None:
    """Print what an evaluation found, with the first `mistakes` of each sort to read."""
    console = Console(highlight=False)
    console.soft_wrap = not console.is_terminal  # a line of a log stays one line
    headline = f"{evaluation.kind}: {evaluation.measure} {evaluation.score:.4f}"
    console.print(Text(headline, style="bold"))
    for name, value in evaluation.details.items():
        for line in _lines(name, value):
            console.print(Text(f"  {line}"))
    for sort, count in sorted(Counter(one.sort for one in evaluation.mistakes).items()):
        shown = first_of_sort(evaluation.mistakes, sort, mistakes)
        console.print()
        console.print(Text(f"{sort}: {count}, {len(shown)} of them here", style="bold"))
        _print_beside(console, shown)


def as_json(evaluation: Evaluation, *, mistakes: int) -> dict[str, Any]:
    """Return an evaluation as JSON knows it, with the first `mistakes` of each sort."""
    counts = Counter(one.sort for one in evaluation.mistakes)
    return {
        "kind": evaluation.kind,
        "measure": evaluation.measure,
        "score": evaluation.score,
        "details": {**evaluation.details, "mistakes": dict(sorted(counts.items()))},
        "mistakes": [
            one._asdict()
            for sort in sorted(counts)
            for one in first_of_sort(evaluation.mistakes, sort, mistakes)
        ],
    }


def first_of_sort(mistakes: Sequence[Mistake], sort: str, count: int) -> list[Mistake]:
    """Return the first `count` mistakes of a sort."""
    return [one for one in mistakes if one.sort == sort][:count]


def _lines(name: str, value: Any) -> Iterator[str]:
    """Yield lines for a figure or for figures within figures, one level a line."""
    title = name if name.isupper() else name.replace("_", " ")  # ORG_FORM is a label
    if not isinstance(value, Mapping):
        yield f"{title}: {value}"
    elif any(isinstance(inner, Mapping) for inner in value.values()):
        yield f"{title}:"
        for inner_name, inner in value.items():
            yield from (f"  {line}" for line in _lines(inner_name, inner))
    elif value:
        figures = (f"{inner.replace('_', ' ')} {figure}" for inner, figure in value.items())
        yield f"{isolate(title)}: {' · '.join(figures)}"


def _print_beside(console: Console, mistakes: Sequence[Mistake]) -> None:
    if not console.is_terminal:
        for one in mistakes:
            console.print(Text(f"  {isolate(one.label)}"))
            for text in filter(None, (one.one, one.other)):
                console.print(Text(f"    {isolate(text, _BESIDE_CHARS)}"))
        return
    table = Table("labelled", "one", "the other", show_lines=True)
    for one in mistakes:
        table.add_row(
            Text(isolate(one.label)),
            Text(isolate(one.one, _BESIDE_CHARS)),
            Text(isolate(one.other, _BESIDE_CHARS)),
        )
    console.print(table)
