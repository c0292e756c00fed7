import sqlalchemy as sa

from fleet.main.outcome import Outcome, of_plan
from tests.replay.seeding import seed


def test_calls_are_counted_and_other_stops_are_not(conn: sa.Connection) -> None:
    here = seed(conn)
    kinds = sa.text("SELECT count(*) FROM plan_stop WHERE plan_id = :p AND kind IN ('visit', 'dropoff')")
    served = conn.scalar(kinds, {"p": here.plan_id})
    assert served
    assert of_plan(conn, here.plan_id) == Outcome(served, 0, 0)
