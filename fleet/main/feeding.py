"""`./carevan feed`: a recorded file through the real protocol, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
import typer

from fleet.errors import NotFound
from fleet.main import assembly
from fleet.settings import Settings
from replay import feeder
from replay.feeder import Order, Report


def run(settings: Settings, order: Order) -> Report:
    """Feed the file and print sent, acknowledged, stored, and refused with reasons.

    Raises
    ------
    NotFound : there is no district to feed into; says how to make one.
    Unavailable : no server answers.
    """
    with assembly.open_context(settings) as context:
        _need_district(context.engine, order.district_id)
        report = feeder.run(context.engine, order, _progress)
    print()
    _tell(report)
    return report


def _need_district(engine: sa.Engine, district_id: int) -> None:
    with engine.connect() as conn:
        if not conn.scalar(sa.text("SELECT 1 FROM district WHERE id = :id"), {"id": district_id}):
            raise NotFound(
                "There is no district {id}. Make one with ./carevan district add NAME LON LAT.",
                id=district_id,
            )


def _progress(report: Report) -> None:
    typer.echo(
        f"\r{report.rows} rows, {report.sent} sent, {report.acknowledged} acknowledged ...",
        nl=False,
        err=True,
    )


def _tell(report: Report) -> None:
    rate = report.acknowledged / report.seconds if report.seconds else 0.0
    print(f"rows          {report.rows}")
    print(f"sent          {report.sent}")
    print(f"acknowledged  {report.acknowledged}")
    print(f"stored        {report.stored} new; the rest of the acknowledged were there already")
    print(f"refused       {report.refused}")
    _reasons(report.reasons)
    if report.unreadable:
        print(f"unreadable    {sum(report.unreadable.values())}")
        _reasons(report.unreadable)
    print(f"time          {report.seconds:.1f} s, {rate:.0f} fixes/s")


def _reasons(reasons: Mapping[str, int]) -> None:
    for why, number in sorted(reasons.items(), key=lambda item: -item[1]):
        print(f"  {number:8}  {why}")
