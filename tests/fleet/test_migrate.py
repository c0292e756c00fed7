import geoalchemy2  # registers the geometry type for comparing
import psycopg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from fleet import migrate, tables
from fleet.cluster import ADMIN, Cluster
from fleet.db import make_engine


def names_in(url: str) -> set[str]:
    engine = make_engine(url)
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found


def drop(cluster: Cluster, name: str) -> None:
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_up_from_empty_down_and_up_again(cluster: Cluster) -> None:
    url = migrate.prepare_cluster(cluster, "carevan_migrations")
    assert not migrate.is_current(url)
    migrate.upgrade(url)
    assert migrate.is_current(url)
    full = names_in(url)
    assert {"fix", "van", "plan_stop", "audit"} <= full
    migrate.downgrade(url, "base")
    assert names_in(url) <= {"spatial_ref_sys", "alembic_version"}
    migrate.upgrade(url)
    assert names_in(url) == full
    drop(cluster, "carevan_migrations")


def test_core_tables_mirror_the_schema(conn: sa.Connection) -> None:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in tables.metadata.tables

    options = {"include_name": ours, "compare_type": True}
    found = compare_metadata(MigrationContext.configure(conn, opts=options), tables.metadata)
    named = {"remove_constraint", "remove_index", "add_index"}
    assert [change for change in found if not (isinstance(change, tuple) and change[0] in named)] == []
    assert geoalchemy2.__version__


def test_each_step_goes_up_from_the_one_before_with_rows_in_place(cluster: Cluster) -> None:
    url = migrate.prepare_cluster(cluster, "carevan_steps")
    migrate.upgrade(url, "0001")
    engine = make_engine(url)
    with engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO district (name, centre) VALUES ('区', 'SRID=4326;POINT(116 36)')")
        conn.exec_driver_sql("INSERT INTO van (district_id, code, name) VALUES (1, 'V1', '一号车')")
        conn.exec_driver_sql(
            "INSERT INTO terminal (district_id, van_id, code, created_at) VALUES (1, 1, 'T1', '2026-07-22')"
        )
    for step in ("0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009"):
        migrate.upgrade(url, step)
        migrate.downgrade(url, "-1")
        migrate.upgrade(url, step)
    with engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT code, hardware_id FROM terminal").all() == [("T1", None)]
    assert migrate.is_current(url)
    engine.dispose()
    drop(cluster, "carevan_steps")


TAPPED_TWICE = """
INSERT INTO district (name, centre) VALUES ('区', 'SRID=4326;POINT(116 36)');
INSERT INTO van (district_id, code, name) VALUES (1, 'V1', '一号车');
INSERT INTO site (district_id, code, kind, name, geom)
VALUES (1, 'H', 'home', '家', 'SRID=4326;POINT(116 36)');
INSERT INTO recipient (district_id, code, name, birth_year, home_id) VALUES (1, 'E', '张三', 1940, 1);
INSERT INTO plan (district_id, day, version, status, basis, seed, levels, violations, created_at, created_by)
VALUES (1, '2026-07-22', 1, 'published', 'road', 1, '{}', 0, now(), 'test');
INSERT INTO plan_stop (plan_id, van_id, seq, kind, site_id, geom, recipient_id, arrives, begins, leaves)
VALUES (1, 1, 1, 'visit', 1, 'SRID=4326;POINT(116 36)', 1, now(), now(), now());
INSERT INTO visit (district_id, recipient_id, channel, began, service_s, standing, outcome, stop_id, source)
VALUES (1, 1, 'visit', '2026-07-22 02:00+00', 0, 'claimed', 'no_answer', 1, 'event:1:x'),
    (1, 1, 'visit', '2026-07-22 02:01+00', 900, 'claimed', 'served', 1, 'event:2:y'),
    (1, 1, 'visit', '2026-07-01', 900, 'verified', 'served', NULL, 'seed:2026-07-01');
"""


def test_visits_of_several_taps_at_one_call_become_one(cluster: Cluster) -> None:
    url = migrate.prepare_cluster(cluster, "carevan_visits")
    migrate.upgrade(url, "0002")
    engine = make_engine(url)
    with engine.begin() as conn:
        conn.exec_driver_sql(TAPPED_TWICE)
    migrate.upgrade(url)
    with engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT source, outcome FROM visit ORDER BY began").all() == [
            ("seed:2026-07-01", "served"),
            ("call:2026-07-22:visit:1:1", "served"),
        ]
    engine.dispose()
    drop(cluster, "carevan_visits")
