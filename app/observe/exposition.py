"""What was measured, in the text format of Prometheus (or OpenMetrics, for who asks for it)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from app.observe.counters import BOUNDS, Numbers
from app.observe.metrics import TABLE, Kind, Measured, Metric

_Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
_LE = (*(str(bound) for bound in BOUNDS), "+Inf")


def exposition(measured: Measured, accept: str) -> tuple[bytes, str]:
    """The text and its media type, chosen by an Accept header."""
    encode, media_type = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(measured))
    return encode(registry), media_type


class _Collected(Collector):
    """Numbers that were collected before: those of other processes had to be waited for."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Family]:
        for metric in TABLE:
            if series := self._measured.get(metric.name):
                family = _family(metric)
                for labels, numbers in sorted(series.items()):
                    _add(family, labels, numbers)
                yield family


def _family(metric: Metric) -> _Family:
    match metric.kind:
        case Kind.COUNTER:
            return CounterMetricFamily(metric.exposed, metric.help, labels=metric.labels)
        case Kind.GAUGE:
            return GaugeMetricFamily(metric.exposed, metric.help, labels=metric.labels)
        case Kind.HISTOGRAM:
            return HistogramMetricFamily(metric.exposed, metric.help, labels=metric.labels)


def _add(family: _Family, labels: tuple[str, ...], numbers: Numbers) -> None:
    if isinstance(family, HistogramMetricFamily):
        *within, seconds = numbers
        # Its buckets hold what took up to their bound, and so those before them as well.
        family.add_metric(labels, list(zip(_LE, accumulate(within), strict=True)), seconds)
    else:
        (value,) = numbers
        family.add_metric(labels, value)
