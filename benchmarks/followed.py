"""`naba run --follow` as a process of its own, in a group that is ended as a whole."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_TOLD_CHARS = 2_000


class CommandError(RuntimeError):
    """The command under test ended by itself, or did not end when told."""


class Command(NamedTuple):
    """What is run, in `folder`, where its tables and all that it says are left."""

    folder: Path
    inputs: Sequence[str]
    flags: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None

    def check(self) -> None:
        """Check that it runs.

        Raises:
            CommandError: it has ended.
        """
        assert self.process is not None
        if self.process.poll() is not None:
            status = self.process.returncode
            raise CommandError(f"it ended by itself with status {status}; {self.errors()}")

    def end(self, within_s: float) -> None:
        """End it as its users do.

        Raises:
            CommandError: it does not end, or says that it failed.
        """
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise CommandError(f"SIGTERM did not end it; {self.errors()}") from None
        if status:
            raise CommandError(f"it ended with status {status}; {self.errors()}")

    def errors(self) -> str:
        """Return the end of what it has said on standard error."""
        path = self.folder / "errors.txt"
        return path.read_text(encoding="utf-8", errors="replace")[-_TOLD_CHARS:]


@contextlib.contextmanager
def followed(command: Command) -> Iterator[Command]:
    """Run the command; whatever of its group is left at the end is killed."""
    words = [
        sys.executable, "-m", "pipeline", "run", *command.inputs, "--output", "tables",
        "--follow", "--allow-loopback", "--json", *command.flags,
    ]
    said, errors = (command.folder / name for name in ("said.jsonl", "errors.txt"))
    with said.open("ab") as out, errors.open("ab") as err:
        process = subprocess.Popen(
            words, cwd=command.folder, stdout=out, stderr=err, start_new_session=True
        )
    try:
        yield command._replace(process=process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
