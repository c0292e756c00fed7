from collections.abc import Iterator

import pytest

from routing.vetting import vet
from tests.bench import plan_trials
from tests.bench.figure import Figure
from tests.bench.orienteering import generate
from tests.bench.plan_runs import Book, Outcome
from tests.bench.plan_stats import Bar
from tests.bench.plan_trials import SOLVERS, Trial

TRIAL = Trial(5, 80, 10.0, (1, 2, 3, 4), 2)


def outcome(
    prize: int = 100, travel_s: int = 1000, *, unserved: int = 0, broken: int = 0, missed: int = 0
) -> Outcome:
    return Outcome(broken, missed, unserved, prize, travel_s, 9.9)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[int, str], Outcome]:
    """What each solver is said to have made of each seed; the same of all where nothing is said."""
    said: dict[tuple[int, str], Outcome] = {}
    monkeypatch.setattr(
        plan_trials, "measure", lambda _trial, seed, solver: said.get((seed, solver), outcome())
    )
    monkeypatch.setattr(plan_trials, "run_version", lambda _solver: "v1")
    return said


def by_name(figures: Iterator[Figure]) -> dict[str, Figure]:
    found = {figure.name: figure for figure in figures}
    assert len(found) > 3
    return found


def test_instances_are_the_same_for_the_same_seed_and_can_be_planned() -> None:
    one, again, other = generate(3, 20, 1001), generate(3, 20, 1001), generate(3, 20, 1002)
    assert one.visits == again.visits != other.visits and (one.seconds == again.seconds).all()
    assert one.rates.imbalance == 0
    vet(one)


def test_pyvrps_better_prizes_count(told: dict[tuple[int, str], Outcome]) -> None:
    first, second = (name for name in SOLVERS if name.startswith("PyVRP"))
    told[1, first] = outcome(prize=120, broken=1)
    told[1, second] = outcome(prize=90)
    assert plan_trials.match(Book(None), TRIAL, 1).pyvrp.prize == 90
    told[1, first] = outcome(prize=120)
    assert plan_trials.match(Book(None), TRIAL, 1).pyvrp.prize == 120


def test_travel_counts_only_where_everybody_is_served(told: dict[tuple[int, str], Outcome]) -> None:
    told[1, "VROOM"] = outcome(unserved=1)
    told[2, "ours"] = outcome(travel_s=1001)
    told[3, "ours"] = outcome(unserved=1)
    told[4, "ours"] = outcome(travel_s=999)
    found = by_name(plan_trials.served(TRIAL, Book(None), Bar(mean_to=1.002, low_to=1.0)))
    assert found["5x80: instances left out, not all served"].value == 2
    assert found["5x80: of these by ours, not PyVRP"].ok is False
    assert found["5x80 travel beside PyVRP: mean of 2"].ratio == 1.0
    assert found["5x80 travel beside PyVRP: mean of 2"].ok and found["5x80: instances"].ok


def test_too_few_instances_are_told(told: dict[tuple[int, str], Outcome]) -> None:
    told.update({(seed, "ours"): outcome(unserved=1) for seed in TRIAL.seeds})
    found = by_name(plan_trials.served(TRIAL, Book(None), Bar(mean_to=1.002)))
    assert found["5x80: instances"].ok is False
    assert found["5x80 travel beside PyVRP: instances"].ok is False


def test_prizes_are_compared_pair_by_pair(told: dict[tuple[int, str], Outcome]) -> None:
    told[1, "ours"], told[2, "ours"] = outcome(prize=102), outcome(prize=104)
    told[2, "VROOM"] = outcome(prize=500, missed=1)
    bars = Bar(low_above=1.0), Bar(mean_from=1.005)
    found = by_name(plan_trials.over_subscribed(TRIAL, Book(None), *bars))
    assert found["5x80 prize beside PyVRP: mean of 2"].ratio == 1.03
    assert found["5x80 prize beside PyVRP: interval from"].ok is False  # two instances are too few
    assert found["5x80 prize beside VROOM: won by a rule or a mandatory visit"].value == 1
    assert found["5x80 prize beside VROOM: mean of 1"].ratio == 1.02


def test_a_mandatory_visit_that_we_alone_missed_is_a_prize_of_nothing(
    told: dict[tuple[int, str], Outcome],
) -> None:
    told[1, "ours"] = outcome(prize=500, missed=1)
    found = by_name(plan_trials.over_subscribed(TRIAL, Book(None), Bar(mean_from=1.0), Bar()))
    assert found["5x80 prize beside PyVRP: mean of 2"].ratio == 0.5


def test_a_broken_plan_of_ours_is_a_missed_figure(told: dict[tuple[int, str], Outcome]) -> None:
    told[1, "ours"] = outcome(broken=2)
    found = by_name(plan_trials.over_subscribed(TRIAL, Book(None), Bar(), Bar()))
    assert found["5x80 ours: violations"].ok is False and found["5x80 ours: violations"].value == 2
