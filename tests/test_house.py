"""The house holds to its plan: contracts, mirrors, names, and nothing in it that is not the project's."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("fleet", "tracking", "routing", "maps", "replay")


def git_files(*patterns: str) -> list[Path]:
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in said.stdout.splitlines() if (ROOT / line).is_file()]


def contracts() -> list[dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, object]] = settings["tool"]["importlinter"]["contracts"]
    return found


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_ground_module_is_named() -> None:
    (ground,) = (each for each in contracts() if each["name"] == "The ground imports nothing above it")
    inside = [p for p in (ROOT / "fleet").iterdir() if p.suffix == ".py" or p.is_dir()]
    names = {p.stem if p.suffix else p.name for p in inside}
    names -= {"__init__", "__pycache__", "main", "locale"}
    assert ground["source_modules"] == sorted(f"fleet.{name}" for name in names)


def test_package_faces_hold_a_docstring_only() -> None:
    faces = [path for path in git_files("*/__init__.py") if path.parts[-3:-1] != ("tests",)]
    assert faces
    assert [str(p) for p in faces if not re.fullmatch(r'"""[^"]+"""\n', p.read_text())] == []


# The entry point, which every end-to-end test goes through, and what test_migrate.py holds to the schema.
WITHOUT_A_TEST = frozenset({"fleet/main/__main__.py", "fleet/tables.py"})


def test_every_module_has_its_test() -> None:
    missing = []
    for package in PACKAGES:
        for path in git_files(f"{package}/*.py"):
            inside = path.relative_to(ROOT)
            if path.name == "__init__.py" or "migrations" in inside.parts or str(inside) in WITHOUT_A_TEST:
                continue
            mirror = ROOT / "tests" / inside.parent / f"test_{path.name}"
            if not mirror.exists():
                missing.append(str(inside))
    assert missing == []


def test_locks_and_sources_name_no_package_host() -> None:
    hosts = re.compile(r"py" + r"pi\.o|python" + r"hosted|npm" + r"js\.(org|com)|deb" + r"ian\.org", re.I)
    named = []
    for path in git_files():
        if path.suffix in {".png", ".woff2", ".jpg"}:
            continue
        text = path.read_text(encoding="utf-8")
        named += [f"{path.relative_to(ROOT)}: {line}" for line in text.splitlines() if hosts.search(line)]
    assert named == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-bench.txt"])
def test_locks_are_pinned_and_hashed(name: str) -> None:
    entries = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    loose = [line for line in entries if line and not ("==" in line and "--hash=sha256:" in line)]
    assert loose == []


def test_direct_dependencies_are_documented() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(name for extra in extras for name in extra)]
    text = (ROOT / "docs/dependencies.md").read_text().lower()
    assert [name for name in wanted if f"| {name.split('[')[0].lower()}" not in text] == []


def test_modules_are_readable_in_one_sitting() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in git_files("*.py")}
    long = {name for name, lines in lengths.items() if lines > 350}
    # Lists of tables and of registry values: long, but read by looking up.
    assert long <= {"fleet/tables.py", "fleet/registry.py"}


def test_compose_file_is_valid() -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
