import geoalchemy2  # registers the geometry type for comparing
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
    engine = sa.create_engine(
        cluster.url(ADMIN, "postgres").replace("ql:", "ql+psycopg:", 1), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as admin:
        admin.exec_driver_sql("DROP DATABASE carevan_migrations WITH (FORCE)")
    engine.dispose()


def test_core_tables_mirror_the_schema(conn: sa.Connection) -> None:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in tables.metadata.tables

    options = {"include_name": ours, "compare_type": True}
    found = compare_metadata(MigrationContext.configure(conn, opts=options), tables.metadata)
    named = {"remove_constraint", "remove_index", "add_index"}
    assert [change for change in found if not (isinstance(change, tuple) and change[0] in named)] == []
    assert geoalchemy2.__version__
