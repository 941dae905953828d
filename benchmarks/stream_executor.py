"""Execute a streaming graph in this process, as a runner that holds watermarks for timers may.

Beam's local runners do not stream: this one does, with what the model allows and no more. It
delivers elements of different producers in any order, fires timers as soon as a watermark has
reached them, and lets a timer hold the watermark at the time to which it is set. All that is kept
as state is kept in bytes.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias

import apache_beam as beam
from apache_beam.coders import Coder
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor
from apache_beam.pvalue import PCollection
from apache_beam.runners.common import DoFnRunner, DoFnState, Receiver
from apache_beam.transforms import userstate
from apache_beam.transforms.sideinputs import SideInputMap
from apache_beam.transforms.window import GlobalWindow, GlobalWindows
from apache_beam.utils.counters import CounterFactory
from apache_beam.utils.timestamp import MAX_TIMESTAMP, MIN_TIMESTAMP, Timestamp
from apache_beam.utils.windowed_value import WindowedValue

WINDOW = GlobalWindow()
_START_US, _END_US = MIN_TIMESTAMP.micros, MAX_TIMESTAMP.micros
_TIMER_BYTES = 40  # as Beam encodes its two times, its name and its tag, about
Order: TypeAlias = random.Random | None


class Executor:
    """Runs the graph of a pipeline of which one collection is fed by hand.

    Args:
        pipeline: Never run otherwise.
        source: The collection that is fed.
        order: Shuffles what may come in any order; None keeps it.
    """

    def __init__(
        self, pipeline: beam.Pipeline, source: PCollection, order: Order = None
    ) -> None:
        self._source = source
        self._order = order
        self._watermark_us = _START_US
        self._collected: dict[PCollection, list[WindowedValue]] = defaultdict(list)
        self._read_by: dict[PCollection, list[_Node]] = defaultdict(list)
        graph = _Leaves()
        pipeline.visit(graph)
        self._nodes = [
            _node(leaf, self._emit) for leaf in graph.leaves
            if source not in leaf.outputs.values()
        ]
        self._made_by = {made: node for node in self._nodes for made in node.makes.values()}
        self._kept = {side for node in self._nodes for side in node.sides}
        for node in self._nodes:
            for read in node.reads:
                self._read_by[read].append(node)

    def collect(self, made: PCollection) -> list[WindowedValue]:
        """Return a list to which all elements of a collection are added from now on."""
        self._kept.add(made)
        return self._collected[made]

    def feed(self, value: object, time: Timestamp) -> None:
        """Let an element come in.

        Raises:
            ValueError: it is late.
        """
        if time.micros < self._watermark_us:
            raise ValueError(f"{time} is before the watermark")
        self._emit(self._source, GlobalWindows.windowed_value(value, time))

    def advance(self, watermark: Timestamp) -> None:
        """Let the watermark of the source advance, and do all that can be done then."""
        self._watermark_us = watermark.micros
        while ready := [node for node in self._nodes if self._refresh(node)]:
            node = self._order.choice(ready) if self._order else ready[0]
            node.work([self._collected[side] for side in node.sides], self._order)

    def finish(self) -> None:
        """End the stream."""
        self.advance(MAX_TIMESTAMP)

    def state(self) -> dict[str, dict[str, int]]:
        """Return what each step holds: cells, timers, and the bytes of both with their keys."""
        sizes = {node.label: node.state_sizes() for node in self._nodes}
        return {label: held for label, held in sizes.items() if held}

    def _emit(self, made: PCollection, value: WindowedValue) -> None:
        if made in self._kept:
            self._collected[made].append(value)
        for node in self._read_by[made]:
            node.add(value)

    def _refresh(self, node: "_Node") -> bool:
        """Bring the watermark of a step up to date; say whether it has something to do."""
        node.watermark_us = min(map(self._made_until, node.reads), default=_END_US)
        is_waiting = any(self._made_until(side) < _END_US for side in node.sides)
        return not is_waiting and node.is_ready()

    def _made_until(self, made: PCollection) -> int:
        if made is self._source:
            return self._watermark_us
        return self._made_by[made].output_watermark_us()


class _Leaves(PipelineVisitor):
    def __init__(self) -> None:
        self.leaves: list[AppliedPTransform] = []

    def visit_transform(self, node: AppliedPTransform) -> None:
        self.leaves.append(node)


_Emit = Callable[[PCollection, WindowedValue], None]


def _node(leaf: AppliedPTransform, emit: _Emit) -> "_Node":
    kind = type(leaf.transform)
    return {beam.Flatten: _Flatten, beam.Impulse: _Impulse, beam.GroupByKey: _Group}.get(
        kind, _Work
    )(leaf, emit)


class _Node:
    """A step: what waits to be read by it, and how far it has come."""

    def __init__(self, leaf: AppliedPTransform, emit: _Emit) -> None:
        self.label = leaf.full_label
        self.reads = list(leaf.inputs)
        self.makes = dict(leaf.outputs)
        self.sides = [side.pvalue for side in leaf.side_inputs]
        self.leaf = leaf
        self.emit = emit
        self.watermark_us = _START_US  # of the collections that are read
        self._queue: list[WindowedValue] = []
        self._earliest_us = _END_US  # in the queue

    def add(self, value: WindowedValue) -> None:
        """Let an element wait to be read."""
        self._queue.append(value)
        self._earliest_us = min(self._earliest_us, value.timestamp.micros)

    def input_watermark_us(self) -> int:
        """Return the time before which nothing will be read."""
        return min(self.watermark_us, self._earliest_us)

    def output_watermark_us(self) -> int:
        """Return the time before which nothing will be made."""
        return self.input_watermark_us()

    def is_ready(self) -> bool:
        """Say whether there is something to do."""
        return bool(self._queue)

    def work(self, sides: Sequence[Sequence[WindowedValue]], order: Order) -> None:
        """Do some of it."""
        raise NotImplementedError

    def state_sizes(self) -> dict[str, int]:
        """Return the sizes of what is held, nothing if nothing is."""
        return {}

    def _take(self, order: Order) -> list[WindowedValue]:
        taken, self._queue, self._earliest_us = self._queue, [], _END_US
        if order is None:
            return taken
        order.shuffle(taken)
        cut = order.randint(1, len(taken))
        for value in taken[cut:]:
            self.add(value)
        return taken[:cut]


class _Flatten(_Node):
    def work(self, sides: Sequence[Sequence[WindowedValue]], order: Order) -> None:
        for value in self._take(order):
            self.emit(self.makes[None], value)


class _Impulse(_Node):
    def __init__(self, leaf: AppliedPTransform, emit: _Emit) -> None:
        super().__init__(leaf, emit)
        self.reads = []
        self.add(GlobalWindows.windowed_value(b"", MIN_TIMESTAMP))

    def work(self, sides: Sequence[Sequence[WindowedValue]], order: Order) -> None:
        for value in self._take(None):
            self.emit(self.makes[None], value)


class _Group(_Node):
    def is_ready(self) -> bool:
        return bool(self._queue) and self.watermark_us >= _END_US

    def work(self, sides: Sequence[Sequence[WindowedValue]], order: Order) -> None:
        groups: dict[Any, list[Any]] = defaultdict(list)
        for one in self._take(None):
            key, value = one.value
            groups[key].append(value)
        for item in groups.items():
            self.emit(self.makes[None], GlobalWindows.windowed_value(item, WINDOW.max_timestamp()))


class _Work(_Node):
    """A step that runs a DoFn, with the state and the timers of its keys."""

    def __init__(self, leaf: AppliedPTransform, emit: _Emit) -> None:
        super().__init__(leaf, emit)
        self._runner: DoFnRunner | None = None
        self._state = _KeyedState()
        _, timers = userstate.get_dofn_specs(leaf.transform.fn)
        self._timers = {spec.name: spec for spec in timers}

    def output_watermark_us(self) -> int:
        return min(self.input_watermark_us(), self._state.hold_us())

    def is_ready(self) -> bool:
        return super().is_ready() or self._state.is_due(self.input_watermark_us())

    def work(self, sides: Sequence[Sequence[WindowedValue]], order: Order) -> None:
        if self._runner is None:
            self._runner = self._run(sides)
        self._runner.start()
        if self._state.is_due(self.input_watermark_us()):
            for timer in self._state.due(self.input_watermark_us(), order):
                self._runner.process_user_timer(
                    self._timers[timer.name], timer.key, WINDOW,
                    Timestamp(micros=timer.time_us), None, timer.tag,
                )
        else:
            for value in self._take(order):
                self._runner.process(value)
        self._runner.finish()

    def state_sizes(self) -> dict[str, int]:
        return self._state.sizes()

    def _run(self, sides: Sequence[Sequence[WindowedValue]]) -> DoFnRunner:
        transform = self.leaf.transform
        runner = DoFnRunner(
            transform.fn, transform.args, transform.kwargs,
            [
                SideInputMap(type(side), side._view_options(), values)
                for side, values in zip(self.leaf.side_inputs, sides, strict=True)
            ],
            self.leaf.inputs[0].windowing,
            tagged_receivers={
                tag: _Receiver(partial(self.emit, made)) for tag, made in self.makes.items()
            },
            step_name=self.label,
            state=DoFnState(CounterFactory()),
            user_state_context=self._state if userstate.is_stateful_dofn(transform.fn) else None,
        )
        runner.setup()
        return runner


class _Receiver(Receiver):
    def __init__(self, emit: Callable[[WindowedValue], None]) -> None:
        self._emit = emit

    def receive(self, windowed_value: WindowedValue) -> None:
        self._emit(windowed_value)


class _SetTimer(NamedTuple):
    time_us: int
    number: int  # breaks ties
    key: Any
    name: str
    tag: str


class _KeyedState:
    """The state and the timers of the keys of a step."""

    def __init__(self) -> None:
        self._cells: dict[tuple[Any, str], _Cell] = {}
        self._set: dict[tuple[Any, str, str], _SetTimer] = {}
        self._heap: list[_SetTimer] = []
        self._count = 0

    def get_state(self, spec: userstate.StateSpec, key: Any, window: object) -> "_Cell":
        """Return the cell of a key."""
        kind = Bag if isinstance(spec, userstate.BagStateSpec) else _Value
        return self._cells.setdefault((key, spec.name), kind(spec.coder))

    def get_timer(
        self, spec: userstate.TimerSpec, key: Any, window: object, time: object, pane: object
    ) -> "_Timer":
        """Return a timer of a key."""
        return _Timer(partial(self._set_timer, key, spec.name))

    def _set_timer(self, key: Any, name: str, time: Timestamp, tag: str) -> None:
        self._count += 1
        timer = _SetTimer(time.micros, self._count, key, name, tag)
        self._set[key, name, tag] = timer
        heapq.heappush(self._heap, timer)

    def hold_us(self) -> int:
        """Return the time of the first timer that is set."""
        while self._heap and self._set.get(self._heap[0][2:]) is not self._heap[0]:
            heapq.heappop(self._heap)
        return self._heap[0].time_us if self._heap else _END_US

    def is_due(self, watermark_us: int) -> bool:
        """Say whether a timer is to fire."""
        return self.hold_us() <= watermark_us and bool(self._heap)

    def due(self, watermark_us: int, order: Order) -> Iterator[_SetTimer]:
        """Take the timers up to a time: those of a key in their order."""
        due = []
        while self.is_due(watermark_us):
            due.append(heapq.heappop(self._heap))
            del self._set[due[-1][2:]]
        if order is not None:
            places = defaultdict(order.random)
            due.sort(key=lambda timer: (places[timer.key], timer.time_us, timer.number))
        yield from due

    def sizes(self) -> dict[str, int]:
        """Return how many cells and timers there are, and the bytes of both, with their keys."""
        cells = sum(bool(cell.size()) for cell in self._cells.values())
        if not cells and not self._set:
            return {}
        values = sum(cell.size() for cell in self._cells.values())
        keys = sum(_key_bytes(key) for (key, _), cell in self._cells.items() if cell.size())
        timers = sum(_key_bytes(key) + _TIMER_BYTES for key, _, _ in self._set)
        return {"cells": cells, "timers": len(self._set), "bytes": values + keys + timers}


def _key_bytes(key: Any) -> int:
    return len(key) if isinstance(key, str) else 8


class _Cell(Protocol):
    def size(self) -> int:
        """Return how many bytes are held."""


class Bag:
    """A bag of values, held as bytes."""

    def __init__(self, coder: Coder) -> None:
        self._coder = coder
        self._values: list[bytes] = []

    def add(self, value: Any) -> None:
        self._values.append(self._coder.encode(value))

    def read(self) -> list[Any]:
        return [self._coder.decode(value) for value in self._values]

    def clear(self) -> None:
        self._values = []

    def size(self) -> int:
        return sum(map(len, self._values))


class _Value:
    def __init__(self, coder: Coder) -> None:
        self._coder = coder
        self._value: bytes | None = None

    def write(self, value: Any) -> None:
        self._value = self._coder.encode(value)

    def read(self) -> Any:
        return None if self._value is None else self._coder.decode(self._value)

    def clear(self) -> None:
        self._value = None

    def size(self) -> int:
        return len(self._value or b"")


class _Timer(userstate.BaseTimer):
    def __init__(self, set_timer: Callable[[Timestamp, str], None]) -> None:
        self._set_timer = set_timer

    def set(self, timestamp: Timestamp, dynamic_timer_tag: str = "") -> None:
        self._set_timer(timestamp, dynamic_timer_tag)
