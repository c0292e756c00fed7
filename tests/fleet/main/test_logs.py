import subprocess
import sys
from pathlib import Path

from fleet.main.check import ROOT

PROGRAM = """
from pathlib import Path
from fleet.main import logs
logs.configure(Path({home!r}))
raise RuntimeError("the inner reason")
"""


def test_our_mistake_is_kept_in_a_file_and_told_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(home=str(tmp_path))],
        env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "the inner reason" not in done.stderr
    assert str(tmp_path / "logs/errors.log") in done.stderr
    assert "the inner reason" in (tmp_path / "logs/errors.log").read_text()
