"""Dockerfiles, read for tests."""

import re
from pathlib import Path


def instructions(path: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, each as its name and the rest of its line."""
    text = path.read_text(encoding="utf-8")
    joined = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [" ".join(line.split()) for line in joined.splitlines() if line.strip()]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def ignored_but(path: Path) -> set[str]:
    """Return what a .dockerignore that ignores everything admits."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    if first != "*":
        raise ValueError(f"{path} does not begin by ignoring everything")
    return {line[1:] for line in lines if line.startswith("!")}
