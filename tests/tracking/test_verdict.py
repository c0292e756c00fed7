"""What an error of the database asks for."""

from __future__ import annotations

import psycopg

from tracking.verdict import Verdict, judge, primary, sentence


def test_errors_are_judged_by_their_state() -> None:
    errors = psycopg.errors
    assert judge(errors.UniqueViolation()) is Verdict.CAREFUL
    assert judge(errors.DeadlockDetected()) is Verdict.AGAIN
    assert judge(errors.LockNotAvailable()) is Verdict.AGAIN
    assert judge(errors.CheckViolation('no partition of relation "fix" found')) is Verdict.PARTITION
    assert judge(errors.NumericValueOutOfRange()) is Verdict.BISECT
    assert judge(errors.AdminShutdown()) is Verdict.CONNECT
    assert judge(psycopg.OperationalError("server closed the connection")) is Verdict.CONNECT
    assert judge(errors.DiskFull()) is Verdict.WAIT
    assert judge(ConnectionResetError()) is Verdict.CONNECT
    assert judge(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates")) is Verdict.BISECT


def test_a_server_that_only_reads_or_ended_the_session_is_dialled_anew() -> None:
    for error in (psycopg.errors.ReadOnlySqlTransaction(), psycopg.errors.IdleInTransactionSessionTimeout()):
        assert judge(error) is Verdict.CONNECT


def test_an_operator_reads_one_sentence() -> None:
    assert "free some space" in sentence(psycopg.errors.DiskFull("could not extend file"))
    assert sentence(OSError("no route\nto host")) == "no route"
    assert sentence(ConnectionResetError()) == "ConnectionResetError"
    assert primary(ValueError("a\0b")) == "ab"
