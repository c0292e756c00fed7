from __future__ import annotations

import json

import pytest

from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing.vroom import solve_json
from routing.vroom_solution import decode, encode
from tests.routing import vroom_problems as problems


@pytest.mark.parametrize("n", [2, 3])
def test_what_we_answer_to_vroom_problems_is_read_and_written_again_the_same(n: int) -> None:
    told = solve_json(json.dumps(problems.example(n)).encode(), Roads(""), seconds=0.2, given=n == 3)
    read = decode(json.dumps(told).encode())
    assert read.summary.cost == problems.COST[n]
    assert json.loads(encode(read)) == told


def test_what_is_no_solution_is_refused_in_a_sentence() -> None:
    for text in (b"{", b"[]", b'{"code":0}', b'{"code":0,"summary":{"cost":"x"}}'):
        with pytest.raises(InvalidInput, match="cannot be read"):
            decode(text)
