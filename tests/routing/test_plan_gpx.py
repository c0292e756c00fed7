from __future__ import annotations

import gpxpy

from routing import plan_gpx
from tests.routing.test_sheaf import sheaf


def test_a_navigation_device_reads_stops_in_order_and_the_driven_line() -> None:
    what = sheaf()
    told = gpxpy.parse(b"".join(plan_gpx.write(what)).decode())
    assert [route.name for route in told.routes] == ["三号车", "四/号车?"]
    points = [point for route in told.routes for point in route.points]
    assert [(p.longitude, p.latitude, p.time) for p in points] == [
        (s.lon, s.lat, s.begins) for s in what.stops
    ]
    assert points[2].name == "2 定点发放 =1+1 <广场>"
    assert points[1].description == "09:31–09:51; 无糖; 爬楼机; 理发; 午休 09:00–10:00，敲门前先打电话"
    track = told.tracks[0].segments[0].points
    assert [(p.longitude, p.latitude) for p in track] == list(what.routes[0].line)
