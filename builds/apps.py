from django.apps import AppConfig


class BuildsConfig(AppConfig):
    name = "builds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from builds import worker  # noqa: F401  (it listens to Celery's signals)
        from builds.models import Build, Job
        from events.live import watchable

        watchable("build", Build.objects.visible_to)
        watchable("job", Job.objects.visible_to)
        watchable("log", Job.objects.visible_to)
