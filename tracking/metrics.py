"""What one application counts of its own work, for Prometheus. The only module that knows prometheus_client.

Nothing here names a van, a terminal, a person or a place. The registry is the application's own, so that
several applications of one process do not count into each other.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Final, Literal, TypeAlias

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from tracking.batch import Batch
from tracking.parcel import Parcel
from tracking.reason import known, reason_of

MEDIA_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
Standing: TypeAlias = Literal["welcomed", "waiting"]
"""What a socket is: past its hello, or not yet."""
_COMMIT_S: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60)
_LATENCY_S: Final = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.5, 1, 2, 5, 15, 60, 300)
_BATCH: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


# When each number began to be counted is of no use to anybody and doubles what is sent.
_leave_out_created: Callable[[], None] = disable_created_metrics
_leave_out_created()


class _Spread(Collector):
    """A histogram filled value by value on the hot path, at a tenth of what `Histogram.observe` costs."""

    def __init__(self, name: str, documentation: str, bounds: Sequence[float]) -> None:
        self._name = name
        self._documentation = documentation
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def collect(self) -> Iterable[Metric]:
        """The state as Prometheus takes it: buckets count all that is no longer."""
        edges = [*map(str, map(float, self.bounds)), "+Inf"]
        buckets = list(zip(edges, map(float, accumulate(self.counts)), strict=True))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=buckets, sum_value=self.total)


class _Read(Collector):
    """A counter that its owner keeps as a plain number."""

    def __init__(self, name: str, documentation: str, read: Callable[[], int]) -> None:
        self._name = name
        self._documentation = documentation
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """The number as it stands."""
        yield CounterMetricFamily(self._name, self._documentation, value=self._read())


class Metrics:
    """The numbers of one application.

    Gauges are read when Prometheus asks: whoever knows the value gives a function, by
    ``metrics.queue.set_function(...)`` or by `watch_sockets`.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

        def counter(name: str, documentation: str, *labels: str) -> Counter:
            return Counter(f"carevan_{name}", documentation, labels, registry=registry)

        def gauge(name: str, documentation: str, *labels: str) -> Gauge:
            return Gauge(f"carevan_{name}", documentation, labels, registry=registry)

        self._fixes = counter(
            "fixes",
            "Fixes stored, repeats included, and refused, with messages that hold no fix",
            "protocol",
            "outcome",
        )
        self._rechecked = counter("fixes_rechecked", "Fixes stored in the lane that looks for repeats first")
        self._events = counter("events", "Committed taps, readings and calls", "protocol")
        self._messages = counter("messages", "Messages that were acknowledged", "protocol")
        self._refusals = counter("refusals", "What was refused, and why", "protocol", "reason")
        self._commit = Histogram(
            "carevan_commit_seconds", "One group commit, retries included", buckets=_COMMIT_S,
            registry=registry,
        )  # fmt: skip
        self._batch = Histogram(
            "carevan_batch_fixes", "Fixes in one group commit", buckets=_BATCH, registry=registry
        )
        self._ack = _Spread("carevan_ack_seconds", "From a message's arrival to its commit", _LATENCY_S)
        registry.register(self._ack)
        self._sockets = gauge("sockets", "Open sockets of terminals", "protocol", "standing")
        self.queue = gauge("queue_fixes", "Fixes and messages in memory that are not committed yet")
        """Each parcel weighs its fixes and one more."""
        self.trouble = gauge("ingest_trouble", "1 while nothing can be stored")
        self.doubt = gauge("promise_doubted", "1 while a power cut can lose what was acknowledged")
        self.stalled = gauge(
            "commit_running_seconds", "How long the commit under way has lasted; 0 when none"
        )
        self.feed_lag = gauge(
            "feed_lag_seconds", "From the receipt of the oldest fix last read to its sending"
        )
        self.viewers = gauge("feed_viewers", "Screens that watch the live feed")
        self.unconfirmed = gauge("outbox_unconfirmed", "Messages to connected vans that are not drawn yet")

    def committed(self, batch: Batch) -> None:
        """Count one commit. On the hot path: one pass over plain numbers, the registry once a batch."""
        now = time.monotonic()
        bounds, counts = self._ack.bounds, self._ack.counts
        fixes: dict[str, int] = {}
        messages: dict[str, int] = {}
        waited_s, rechecked = 0.0, 0
        rest: list[Parcel] = []
        for parcel in batch.parcels:
            protocol, count = parcel.source.protocol, len(parcel.fixes)
            if protocol in fixes:
                fixes[protocol] += count
                messages[protocol] += 1
            else:
                fixes[protocol], messages[protocol] = count, 1
            if parcel.repeats:
                rechecked += count
            if parcel.arrived_s:
                waited = now - parcel.arrived_s
                waited_s += waited
                counts[bisect_left(bounds, waited)] += 1
            if not count or parcel.refused:
                rest.append(parcel)
        self._ack.total += waited_s
        for parcel in rest:
            # A greeting is no message: it has no number and is not acknowledged.
            if not parcel.n:
                messages[parcel.source.protocol] -= 1
            self._count_rest(parcel)
        self._count(fixes, messages)
        self._rechecked.inc(rechecked)
        self._commit.observe(batch.commit_s)
        self._batch.observe(sum(fixes.values()))

    def _count(self, fixes: dict[str, int], messages: dict[str, int]) -> None:
        for protocol, count in fixes.items():
            self._fixes.labels(protocol, "stored").inc(count)
            self._messages.labels(protocol).inc(messages[protocol])

    def _count_rest(self, parcel: Parcel) -> None:
        protocol = parcel.source.protocol
        if parcel.event is not None:
            self._events.labels(protocol).inc()
        if parcel.refused:
            self._fixes.labels(protocol, "refused").inc(len(parcel.refused))
            for each in parcel.refused:
                self._refusals.labels(protocol, reason_of(each.why)).inc()

    def refused(self, protocol: str, reason: str, count: int = 1) -> None:
        """Count what was turned away before it became part of any batch; `reason` is one of `REASONS`."""
        self._refusals.labels(protocol, known(reason)).inc(count)

    def watch_sockets(self, protocol: str, standing: Standing, read: Callable[[], float]) -> None:
        """Say how many sockets of a protocol are open, whenever somebody asks."""
        self._sockets.labels(protocol, standing).set_function(read)

    def watch_failures(self, read: Callable[[], int]) -> None:
        """Say how many attempts to commit have failed so far, whenever somebody asks."""
        self._registry.register(
            _Read("carevan_commit_failures", "Attempts to commit that the database refused", read)
        )

    def text(self) -> bytes:
        """Everything, in Prometheus' own text form."""
        return generate_latest(self._registry)
