from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fleet.errors import Unavailable
from fleet.main.children import Children
from fleet.main.demo import ZONE, Wish, opening, tallies

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)  # the 23rd in Shanghai


def wish(speed: float = 1.0, day: date | None = None) -> Wish:
    return Wish(speed, 0, 5, 241, day, open_browser=False)


def stood(home: Path, at: datetime) -> None:
    (home / "demo").mkdir(exist_ok=True)
    (home / "demo/clock").write_text(at.isoformat())


@pytest.mark.parametrize(("speed", "clock"), [(1.0, "10:46"), (10.0, "08:30")])
def test_the_day_opens_mid_shift_at_true_speed_and_else_in_the_morning(
    tmp_path: Path, speed: float, clock: str
) -> None:
    at = opening(tmp_path, wish(speed), NOW).astimezone(ZONE)
    assert (at.date(), f"{at:%H:%M}") == (date(2026, 11, 23), clock)
    at = opening(tmp_path, wish(speed, date(2026, 7, 20)), NOW).astimezone(ZONE)
    assert at.date() == date(2026, 7, 20)


def test_a_day_goes_on_where_it_stood(tmp_path: Path) -> None:
    before = datetime(2026, 11, 23, 13, 5, tzinfo=ZONE)
    stood(tmp_path, before)
    assert opening(tmp_path, wish(10.0), NOW) == before
    assert opening(tmp_path, wish(10.0, date(2026, 11, 23)), NOW) == before


def test_a_day_driven_to_its_end_is_followed_by_the_next(tmp_path: Path) -> None:
    stood(tmp_path, datetime(2026, 11, 23, 17, 0, tzinfo=ZONE))
    at = opening(tmp_path, wish(10.0), NOW).astimezone(ZONE)
    assert (at.date(), f"{at:%H:%M}") == (date(2026, 11, 24), "08:30")


def test_an_older_day_does_not_hold_today_up(tmp_path: Path) -> None:
    stood(tmp_path, datetime(2026, 7, 20, 12, 0, tzinfo=ZONE))
    assert opening(tmp_path, wish(), NOW).astimezone(ZONE).date() == date(2026, 11, 23)


@pytest.mark.process
def test_a_terminal_that_is_ended_while_it_starts_has_sent_nothing(tmp_path: Path) -> None:
    children = Children(tmp_path / "logs", {"CAREVAN_HOME": str(tmp_path)})
    early = children.start("van-1", "simulate", "ws://127.0.0.1:1", "v1", str(tmp_path / "v1.sent"))
    children.stop(early)
    assert tallies(early) == {}
    failed = children.start("van-2", "simulate", "--no-such-option")
    failed.process.wait(60)
    with pytest.raises(Unavailable):
        tallies(failed)
