from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from events.models import Event

KEPT = timedelta(days=30)


@shared_task
def prune() -> None:
    Event.objects.filter(time__lt=timezone.now() - KEPT).delete()
