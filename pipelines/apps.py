from django.apps import AppConfig


class PipelinesConfig(AppConfig):
    name = "pipelines"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from events.live import watchable
        from pipelines.models import Delivery
        from projects.models import Project

        watchable("delivery", Delivery.objects.visible_to)
        watchable("deliveries", Project.objects.visible_to)
