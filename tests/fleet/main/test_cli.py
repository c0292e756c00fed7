import subprocess
import sys

import pytest
from typer.testing import CliRunner

from fleet.main.check import ROOT
from fleet.main.cli import app

COMMANDS = (
    "demo", "serve", "worker", "plan", "plan-file", "feed", "migrate", "partitions", "setup", "test", "check",
    "bench",
    "user add", "van add", "district add",
    "terminal token", "terminal add", "terminal list", "terminal revoke",
    "webhook add", "import sites", "import recipients",
    "import vans", "roads import",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    said = CliRunner().invoke(app, [*command.split(), "--help"])
    assert said.exit_code == 0
    first = said.output.splitlines()[2]
    assert first.strip().endswith(".") or len(first) > 60, said.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["plan", "--date", "soon"], "soon"),
        (["serve", "--port", "0"], "--port"),
        (["demo", "--speed", "0"], "--speed"),
    ],
)
def test_what_was_typed_wrong_is_named(arguments: list[str], sentence: str) -> None:
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 2
    assert sentence in said.output


def test_an_error_is_one_sentence_in_the_language_of_the_terminal() -> None:
    command = [sys.executable, "-P", "-m", "fleet.main", "migrate"]
    environ = {"PYTHONPATH": str(ROOT), "CAREVAN_DATABASE_URL": "mysql://x", "PATH": "/usr/bin:/bin"}
    for language, word in (("zh_CN.UTF-8", "请修改"), ("C.UTF-8", "Correct")):
        done = subprocess.run(
            command, env={**environ, "LC_ALL": language}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert word in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
