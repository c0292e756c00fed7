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
    for step in ("0002", "0003"):
        migrate.upgrade(url, step)
        migrate.downgrade(url, "-1")
        migrate.upgrade(url, step)
    with engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT code, hardware_id FROM terminal").all() == [("T1", None)]
    assert migrate.is_current(url)
    engine.dispose()
    drop(cluster, "carevan_steps")
