from celery import shared_task

from projects import reach
from projects.models import Project


@shared_task
def check_reach(project_id: int) -> None:
    reach.check(Project.objects.select_related("scope").get(pk=project_id))
