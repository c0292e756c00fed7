from pathlib import Path

import pytest

from fleet.main.children import Children


@pytest.fixture
def children(tmp_path: Path) -> Children:
    return Children(tmp_path / "logs", {"CAREVAN_HOME": str(tmp_path)})


def test_a_child_says_its_last_word_in_its_log(children: Children) -> None:
    child = children.start("help", "--help")
    assert child.process.wait(60) == 0
    assert "demo" in child.log.read_text()
    children.stop_all()
    assert children.running == []


def test_a_child_that_fails_says_a_sentence_and_no_stack_trace(children: Children) -> None:
    child = children.start("serve", "serve", "--port", "1", CAREVAN_DATABASE_URL="mysql://x")
    assert child.process.wait(60) != 0
    assert "Traceback" not in child.log.read_text()
    assert child.last_line().startswith("carevan: ")
    children.stop_all()


def test_stopping_is_waiting_for_the_end(children: Children) -> None:
    child = children.start("worker", "worker", CAREVAN_DATABASE_URL="postgresql://nobody@127.0.0.1:1/x")
    children.stop_all()
    assert child.process.poll() is not None
