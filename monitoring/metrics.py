"""Metrics of the server in Prometheus' text format. Each figure is one query that an index or a bound keeps cheap."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from django.db.models import Count, Min, Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import ApiToken
from builds.models import Build, Job, Worker
from builds.models.workers import ALIVE_FOR
from builds.states import ENDED, State
from pipelines.models import Delivery
from projects.models import Project

NEWEST = 1000
"""How many deliveries the figure by verdict looks back on."""


class Installation(Collector):
    """What the database knows, read at each scrape, so that any web process gives the same answer."""

    def collect(self) -> Iterable[Metric]:
        yield from self._builds()
        yield from self._jobs()
        yield from self._workers()
        yield from self._deliveries()

    def _builds(self) -> Iterator[Metric]:
        under_way = GaugeMetricFamily("keelway_builds", "Builds that have not ended, by status.", labels=["status"])
        found = dict(Build.objects.unended().order_by().values_list("status").annotate(Count("pk")))
        for status in State:
            if status not in ENDED:
                under_way.add_metric([status], found.get(status, 0))
        yield under_way
        total = Project.objects.aggregate(total=Sum("builds_made"))["total"] or 0
        yield CounterMetricFamily("keelway_builds_created", "Builds made since the installation began.", value=total)

    def _jobs(self) -> Iterator[Metric]:
        pending = Job.objects.filter(status=State.PENDING, superseded=False, ready_at__isnull=False)
        waiting = pending.aggregate(number=Count("pk"), oldest=Min("ready_at"))
        running = Job.objects.filter(status=State.RUNNING).aggregate(
            number=Count("pk"), lost=Count("pk", Q(lease_until__lt=timezone.now()))
        )
        age = (timezone.now() - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
        yield GaugeMetricFamily("keelway_jobs_waiting", "Jobs that only wait for a slot.", value=waiting["number"])
        yield GaugeMetricFamily(
            "keelway_jobs_waiting_oldest_seconds", "How long the first of them has waited.", value=max(0.0, age)
        )
        yield GaugeMetricFamily("keelway_jobs_running", "Jobs that run.", value=running["number"])
        yield GaugeMetricFamily("keelway_jobs_lost", "Jobs that run without a live worker.", value=running["lost"])

    def _workers(self) -> Iterator[Metric]:
        alive = Worker.objects.filter(seen_at__gt=timezone.now() - ALIVE_FOR).aggregate(
            number=Count("pk"), slots=Sum("slots")
        )
        yield GaugeMetricFamily("keelway_workers", "Workers heard of in the last 30 s.", value=alive["number"])
        yield GaugeMetricFamily("keelway_slots", "Jobs that they can run at once.", value=alive["slots"] or 0)

    def _deliveries(self) -> Iterator[Metric]:
        recent = GaugeMetricFamily(
            "keelway_deliveries_recent", f"The newest {NEWEST} deliveries, by verdict.", labels=["verdict"]
        )
        newest = Delivery.objects.order_by("-id").values("pk")[:NEWEST]
        found = dict(Delivery.objects.filter(pk__in=newest).order_by().values_list("verdict").annotate(Count("pk")))
        for verdict in Delivery.Verdict:
            recent.add_metric([verdict], found.get(verdict, 0))
        yield recent
        open_ones = Delivery.objects.filter(verdict=Delivery.Verdict.RECEIVED).count()
        yield GaugeMetricFamily("keelway_deliveries_waiting", "Deliveries accepted, not yet handled.", value=open_ones)


registry = CollectorRegistry(auto_describe=False)
registry.register(Installation())
ProcessCollector(registry=registry)


def may_read(request: HttpRequest) -> bool:
    """A scraper on the same machine needs nothing; any other an administrator's token.

    What came through a proxy is not of the same machine, whatever address the proxy has.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = ApiToken.by_key(key.strip())
        return token is not None and token.user.is_superuser
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    return not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        detail = "From other machines, /metrics wants “Authorization: Bearer kw_…” with an administrator's token."
        body = {"type": "urn:keelway:problem:not-authenticated", "title": "Unauthorized", "status": 401}
        return JsonResponse(
            {**body, "detail": detail, "instance": "/metrics"},
            status=401,
            content_type="application/problem+json",
            headers={"WWW-Authenticate": 'Bearer realm="keelway"'},
        )
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
