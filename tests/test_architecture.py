"""Rules that people would otherwise have to remember."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "schemas": {"schemas"},
    "transforms": {"schemas", "transforms"},
    "pipeline": {"schemas", "transforms", "pipeline"},
}
STAGES = {
    "read", "read_stream", "normalise", "deduplicate", "deduplicate_stream", "recognise",
    "resolve", "extract", "write",
}
PURE = {
    "charset", "mojibake", "text", "fold", "folded_words", "markup", "sentences", "wire", "words",
    "spans", "fingerprint", "urls",
}
PURE_FOLDERS = {"dates", "places", "names", "events"}
LIGHT = {
    "pipeline.cli": ("torch", "transformers", "apache_beam"),
    "pipeline.show": ("torch", "transformers"),
    "transforms.sources.feeds": ("torch", "transformers"),
    "transforms.normalise": ("torch", "transformers"),
    "transforms.deduplicate": ("torch", "transformers"),
    "transforms.resolve": ("torch", "transformers"),
    "transforms.extract": ("torch", "transformers"),
    # Beam's own apache_beam.ml.inference imports torch where it is installed.
    "pipeline.build": ("transformers",),
}


def _modules() -> list[Path]:
    return [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    package, stage = path.relative_to(ROOT).parts[0], path.stem
    imported = _imports(path)
    ours = {name for name in imported if name.split(".")[0] in MAY_IMPORT}
    assert {name.split(".")[0] for name in ours} <= MAY_IMPORT[package]
    if package == "transforms" and stage in STAGES:
        others = {f"transforms.{other}" for other in STAGES - {stage}}
        assert not ours & others, "stages do not import each other"
    is_pure = stage in PURE or path.parent.name in PURE_FOLDERS
    if package == "transforms" and is_pure:
        assert not {name for name in imported if name.startswith("apache_beam")}


@pytest.mark.parametrize("module", LIGHT)
def test_light_paths_stay_light(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {LIGHT[module]} if m in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"


def test_no_other_distribution_owns_our_packages() -> None:
    owners = packages_distributions()
    assert all(set(owners[package]) == {"naba"} for package in MAY_IMPORT)
