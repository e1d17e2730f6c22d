from celery import shared_task

from builds.models import Build
from pipelines import building, processing
from pipelines.models import Delivery
from projects import reach


@shared_task
def process_delivery(delivery_id: int) -> None:
    # Forgotten meanwhile when there is none: there are more deliveries than are kept.
    for delivery in Delivery.objects.select_related("project__scope").filter(pk=delivery_id):
        processing.process(delivery)


@shared_task
def prepare_build(build_id: int) -> None:
    building.prepare(Build.objects.select_related("project__scope").get(pk=build_id))


@shared_task
def sweep_deliveries() -> None:
    processing.sweep()
    building.sweep()
    reach.sweep()
