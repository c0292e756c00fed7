from pathlib import Path

import pytest

from fleet.errors import InvalidInput, NotFound
from fleet.main import registering
from fleet.main.registering import NewUser, NewVan
from fleet.settings import Settings
from tests.world import PASSWORD, context_on


def test_what_belongs_to_no_district_is_refused(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        with pytest.raises(NotFound, match="district 9"):
            registering.add_van(context, 9, NewVan("v1", "1号车", ""))
        with pytest.raises(NotFound, match="district 9"):
            registering.add_user(context, NewUser("li", PASSWORD, "viewer", "", 9))


def test_a_road_file_that_is_none_is_named(database: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=database)
    with pytest.raises(InvalidInput, match=r"no\.osm\.pbf"):
        registering.import_roads(settings, database, tmp_path / "no.osm.pbf")
