"""`python -m fleet.main`."""

from fleet.main.cli import run

run()
