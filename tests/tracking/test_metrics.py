"""The numbers are true after real traffic, and are what Prometheus reads."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.typing import Origin

from fleet.session import COOKIE
from tests.tracking.platform import Platform, context_on, dialled, fix, log_in, register, running, until
from tests.tracking.storing import Deaf, batch_of
from tracking.fix import Fix
from tracking.metrics import Metrics
from tracking.parcel import Parcel
from tracking.protocol import Rejected
from tracking.source import Protocol, Source

NOW = 1_784_692_800_000
Samples: TypeAlias = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(metrics: Metrics) -> Samples:
    """Every sample, by name and labels, as Prometheus' own parser reads it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((f"carevan_{name}", frozenset(labels.items())), 0.0)


def parcel(
    fixes: int, *, refused: int = 0, protocol: Protocol = "carevan.v1", waited_s: float = 0.0
) -> Parcel:
    source = Source(1, 1, 1, protocol=protocol)
    good = [(k, Fix(NOW + k, 116.0, 36.0)) for k in range(fixes)]
    wrong = [Rejected(1, k, "lat 99 is not within -90 to 90", b"{}") for k in range(refused)]
    return Parcel(Deaf(), source, 1, NOW, good, refused=wrong, arrived_s=time.monotonic() - waited_s)


def test_names_follow_prometheus_and_say_nothing_of_anybody() -> None:
    metrics = Metrics()
    metrics.committed(batch_of([parcel(2)]))
    metrics.watch_failures(lambda: 3)
    for family in text_string_to_metric_families(metrics.text().decode()):
        assert family.documentation
        if not family.name.startswith(("process_", "python_gc_")):
            assert family.name.startswith("carevan_")
        for sample in family.samples:
            assert set(sample.labels) <= {"protocol", "outcome", "reason", "standing", "le", "generation"}
    assert value(scraped(metrics), "commit_failures_total") == 3


@given(
    st.lists(
        st.lists(
            st.builds(
                parcel, st.integers(0, 3), refused=st.integers(0, 2),
                protocol=st.sampled_from(["carevan.v1", "jt808", "osmand"]),
                waited_s=st.sampled_from([0.0, 0.03, 3.0, 900.0]),
            ),
            min_size=1, max_size=6,
        ),
        max_size=6,
    )
)  # fmt: skip
def test_counts_are_those_of_the_batches(batches: list[list[Parcel]]) -> None:
    metrics = Metrics()
    for batch in batches:
        metrics.committed(batch_of(batch))
    samples, every = scraped(metrics), [each for batch in batches for each in batch]
    for protocol in ("carevan.v1", "jt808", "osmand"):
        own = [each for each in every if each.source.protocol == protocol]
        stored = value(samples, "fixes_total", protocol=protocol, outcome="stored")
        assert stored == sum(len(each.fixes) for each in own)
        refused = sum(len(each.refused) for each in own)
        assert value(samples, "fixes_total", protocol=protocol, outcome="refused") == refused
        assert value(samples, "refusals_total", protocol=protocol, reason="place") == refused
        assert value(samples, "messages_total", protocol=protocol) == len(own)
    assert value(samples, "commit_seconds_count") == len(batches)
    assert value(samples, "batch_fixes_sum") == sum(len(each.fixes) for each in every)
    assert value(samples, "ack_seconds_count") == len(every)
    buckets = [
        (float(dict(labels)["le"]), count)
        for (name, labels), count in samples.items()
        if name == "carevan_ack_seconds_bucket"
    ]
    assert [count for _, count in sorted(buckets)] == sorted(count for _, count in buckets)
    assert sorted(buckets)[-1] == (float("inf"), len(every))


def test_strange_reasons_are_others() -> None:
    metrics = Metrics()
    metrics.refused("jt808", "checksum")
    metrics.refused("jt808", "杜撰的理由")
    samples = scraped(metrics)
    assert value(samples, "refusals_total", protocol="jt808", reason="checksum") == 1
    assert value(samples, "refusals_total", protocol="jt808", reason="other") == 1


def test_two_applications_do_not_count_into_each_other() -> None:
    one, other = Metrics(), Metrics()
    one.committed(batch_of([parcel(1)]))
    assert value(scraped(one), "fixes_total", protocol="carevan.v1", outcome="stored") == 1
    assert value(scraped(other), "fixes_total", protocol="carevan.v1", outcome="stored") == 0


def test_numbers_are_true_after_real_traffic(database: str, tmp_path: Path) -> None:
    def now(platform: Platform) -> Samples:
        return scraped(platform.tracking.metrics)

    async def scene() -> None:
        async with running(context) as platform:
            async with (
                dialled(platform, fleet.tokens[0]) as ws,
                dialled(platform, None) as silent,
                connect(
                    f"ws://{platform.address}/ws/live",
                    origin=Origin(f"http://{platform.address}"),
                    additional_headers={"Cookie": f"{COOKIE}={cookie}"},
                    proxy=None,
                ) as viewer,
            ):
                await viewer.recv()
                good, bad = fix(0), fix(1, lat=99)
                await ws.send(json.dumps({"n": 1, "fix": good}))
                await ws.send(json.dumps({"n": 2, "fixes": [fix(2), bad, fix(3)]}))
                await ws.send("garbage")
                event = {"id": "01981f6e-5c5a-7d4e-9c3b-2f1de2a4a001", "t": good["t"], "kind": "departed"}
                await ws.send(json.dumps({"n": 4, "event": event}))
                await until(ws, lambda told: told.get("ack") == 4)
                await silent.send('{"hello": {"token": "unknown"}}')
                await silent.wait_closed()
                async with dialled(platform, None):
                    while value(now(platform), "sockets", protocol="carevan.v1", standing="waiting") != 1:
                        await asyncio.sleep(0.01)
                samples = now(platform)
                assert value(samples, "fixes_total", protocol="carevan.v1", outcome="stored") == 3
                assert value(samples, "fixes_total", protocol="carevan.v1", outcome="refused") == 2
                assert value(samples, "refusals_total", protocol="carevan.v1", reason="place") == 1
                assert value(samples, "refusals_total", protocol="carevan.v1", reason="unreadable") == 1
                assert value(samples, "refusals_total", protocol="carevan.v1", reason="unknown_token") == 1
                assert value(samples, "messages_total", protocol="carevan.v1") == 4
                assert value(samples, "events_total", protocol="carevan.v1") == 1
                assert value(samples, "ack_seconds_count") == 4
                assert value(samples, "sockets", protocol="carevan.v1", standing="welcomed") == 1
                assert value(samples, "feed_viewers") == 1
                while not json.loads(await viewer.recv())["vans"]:
                    pass
                assert 0 < value(now(platform), "feed_lag_seconds") < 20
                assert value(samples, "ingest_trouble") == value(samples, "queue_fixes") == 0
            async with asyncio.timeout(20):
                while value(now(platform), "feed_viewers") or value(
                    now(platform), "sockets", protocol="carevan.v1", standing="welcomed"
                ):
                    await asyncio.sleep(0.01)

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    cookie, _ = log_in(context.engine, fleet.district_id)
    asyncio.run(scene())
