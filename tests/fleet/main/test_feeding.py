from pathlib import Path

import pytest

from fleet.clock import Clock
from fleet.errors import NotFound
from fleet.main import feeding
from fleet.main.app import create_app
from fleet.settings import Settings
from replay.entry import Reading
from replay.feeder import Order
from tests.replay.serving import context_on, serving
from tests.world import OPENS, people

ROWS = "id,time,lon,lat\n" + "".join(
    f"taxi,2026-07-20T10:{n:02}:00+08:00,116.0{n},36.45\n" for n in range(40)
)


def test_a_file_is_fed_and_what_became_of_it_is_told(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "track.csv"
    file.write_text(ROWS + "taxi,2026-07-20T10:00:00+08:00,200.0,36.45\n")
    with context_on(database, Clock.opening(OPENS), tmp_path) as context:
        with context.engine.begin() as conn:
            district_id = people(conn).district_id
        with serving(create_app(context)) as address:
            url = address.replace("http", "ws", 1) + "/terminal/ws"
            order = Order(file, Reading(), district_id, url, create_vans=True)
            report = feeding.run(Settings(home=tmp_path, database_url=database), order)
            again = feeding.run(Settings(home=tmp_path, database_url=database), order)
    assert (report.acknowledged, report.stored, report.refused) == (40, 40, 1)
    assert again.stored == 0
    assert "200" in capsys.readouterr().out


def test_a_district_that_is_not_there_is_named(database: str, tmp_path: Path) -> None:
    order = Order(tmp_path / "x.csv", Reading(), 9, "ws://127.0.0.1:1/terminal/ws")
    with pytest.raises(NotFound, match="district 9"):
        feeding.run(Settings(home=tmp_path, database_url=database), order)
