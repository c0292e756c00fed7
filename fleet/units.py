"""Units at the edge. Inside everything is SI: metres, seconds, metres a second, degrees, Celsius."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mps_of_kmh(speed_kmh: float) -> float:
    """Metres a second of kilometres an hour."""
    return speed_kmh / 3.6


def kmh_of_mps(speed_mps: float) -> float:
    """Kilometres an hour of metres a second."""
    return speed_mps * 3.6


def mps_of_knots(speed_kn: float) -> float:
    """Metres a second of knots."""
    return speed_kn * 1852 / 3600


def ms_of(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware moment, exact (a float would lose the last digit).

    Raises
    ------
    ValueError : the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_of(epoch_ms: int) -> datetime:
    """The aware UTC moment of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=epoch_ms)
