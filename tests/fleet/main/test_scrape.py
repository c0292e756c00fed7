"""Who may read the metrics, and that what they read is what Prometheus understands."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from fleet.accounts import Role
from fleet.errors import InvalidInput
from fleet.main.app import create_app
from fleet.main.scrape import may_ask, networks
from fleet.session import COOKIE
from tests.world import context_on, log_in, people

HERE, ELSEWHERE = ("127.0.0.1", 40000), ("203.0.113.9", 40000)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.1.2.3", True),
        ("11.0.0.1", False), ("127.0.0.2", False), ("", False), ("testclient", False), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_addresses_and_networks_are_told_apart(host: str, allowed: bool) -> None:
    assert may_ask(host, networks(" 127.0.0.1, ::1,10.0.0.0/8,")) is allowed


def test_a_setting_that_cannot_be_read_is_named() -> None:
    with pytest.raises(InvalidInput, match="METRICS_FROM"):
        networks("prometheus.local")
    assert networks("") == ()


def test_metrics_are_for_this_machine_and_administrators(database: str, tmp_path: Path) -> None:
    def asked(role: Role | None = None, host: tuple[str, int] = ELSEWHERE, **headers: str) -> int:
        cookies = {COOKIE: sessions[role]} if role else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with TestClient(app, client=host, cookies=cookies, headers=named) as client:
            answer = client.get("/metrics")
        if answer.status_code == 200:
            assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
            names = {family.name for family in text_string_to_metric_families(answer.text)}
            assert {"carevan_fixes", "carevan_queue_fixes", "carevan_sockets", "process_cpu_seconds"} <= names
        else:
            assert "CAREVAN_METRICS_FROM" in answer.json()["error"]
        return answer.status_code

    with context_on(database, tmp_path) as context:
        with context.engine.begin() as conn:
            district_id = people(conn).district_id
            roles: tuple[Role, ...] = ("planner", "administrator")
            sessions = {role: log_in(conn, district_id, role) for role in roles}
        app = create_app(context)
        assert asked(host=HERE) == 200
        assert asked() == 403
        assert asked("planner") == 403
        assert asked("administrator") == 200
        # Behind a proxy that we do not know, everybody comes from this machine.
        assert asked(host=HERE, x_forwarded_for="203.0.113.9") == 403
        assert asked(host=HERE, forwarded="for=203.0.113.9") == 403


def test_another_address_may_be_allowed(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path, metrics_from="203.0.113.0/24") as context:
        app = create_app(context)
        for host, status in ((ELSEWHERE, 200), (HERE, 403)):
            with TestClient(app, client=host) as client:
                assert client.get("/metrics").status_code == status
