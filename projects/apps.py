from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from events.live import watchable
        from projects.models import Project

        watchable("project", Project.objects.visible_to)
