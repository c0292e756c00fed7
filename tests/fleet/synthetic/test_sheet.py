"""The sheet: places become nodes, streets become ways."""

from fleet.synthetic.sheet import Sheet
from fleet.synthetic.streets import Street, meet


def test_streets_that_meet_share_a_node() -> None:
    sheet = Sheet()
    ns = Street("ns", 10.0, 0.0, 500.0, "tertiary", "嵩山路")
    ew = Street("ew", 200.0, -300.0, 300.0, "secondary", "长江路", "Changjiang Road")
    meet(ns, ew)
    sheet.street(ns)
    sheet.street(ew)
    assert set(sheet.ways[0].nodes) & set(sheet.ways[1].nodes) == {sheet.node((10.0, 200.0))}
    assert sheet.ways[1].tags["name:en"] == "Changjiang Road"
    assert sheet.ways[0].tags["maxspeed"] == "40"


def test_a_bridge_is_a_way_of_its_own_between_its_ends() -> None:
    sheet = Sheet()
    sheet.street(Street("ns", 0.0, -400.0, 400.0, "primary", bridges=[(-50.0, 60.0)]))
    assert [way.tags.get("bridge") for way in sheet.ways] == [None, "yes", None]
    assert sheet.ways[0].nodes[-1] == sheet.ways[1].nodes[0] == sheet.node((0.0, -50.0))
    assert sheet.ways[1].nodes[-1] == sheet.ways[2].nodes[0] == sheet.node((0.0, 60.0))


def test_areas_are_closed_and_labels_stand_apart() -> None:
    sheet = Sheet()
    ring = sheet.wide_area([(0, 0), (300, 0), (300, 300), (0, 300)], leisure="park")
    sheet.label((150, 150), place="suburb", name="北城街道")
    assert sheet.ways[0].nodes[0] == sheet.ways[0].nodes[-1]
    assert len(ring) == len(set(sheet.ways[0].nodes)) == 16
    assert sheet.labels[0].tags["name"] == "北城街道"
