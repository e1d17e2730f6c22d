from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import HEADER, idempotent
from accounts.rest import asked, found, person, read, require
from builds.api.serializers import BuildFilter, BuildInListSerializer, BuildSerializer, RetryBuild
from builds.models import Build, Job


def build_for(request: Request, id: int, permission: str = "build.view") -> Build:
    rows = Build.objects.visible_to(person(request)).select_related("project__scope")
    build = found(rows, "build", pk=id)
    require(person(request), permission, build.project.scope)
    return build


def listed(rows: QuerySet[Build], request: Request) -> QuerySet[Build]:
    """`rows` narrowed as the query string asks, each with its project and the newest attempts of its jobs."""
    wanted = asked(BuildFilter, request)
    if commit := wanted.pop("commit", ""):
        # A range, which an index can answer; "g" follows every hexadecimal digit.
        wanted |= {"commit__gte": commit, "commit__lt": f"{commit}g"}
    jobs = Prefetch("jobs", Job.objects.current().order_by("position"), to_attr="newest_jobs")
    return rows.filter(**wanted).select_related("project").defer("plan_data", "problems").prefetch_related(jobs)


class Builds(ListAPIView[Build]):
    serializer_class = BuildInListSerializer
    queryset = Build.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return listed(Build.objects.visible_to(person(self.request)), self.request)

    @extend_schema(operation_id="builds_list", parameters=[BuildFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The builds of all projects that you may see, newest first."""
        return super().get(request, *args, **kwargs)


class OneBuild(APIView):
    @extend_schema(operation_id="builds_retrieve", responses=BuildSerializer)
    def get(self, request: Request, id: int) -> Response:
        """A build with its jobs; `problems` says what is wrong with its pipeline file."""
        return Response(BuildSerializer(build_for(request, id)).data)


class Cancel(APIView):
    @extend_schema(operation_id="builds_cancel", request=None, responses={202: BuildSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Stop everything of it that has not ended. A running job is `cancelled` once its container is gone."""
        build = build_for(request, id, "build.cancel")
        build.cancel(by=person(request))
        return Response(BuildSerializer(build_for(request, id)).data, 202)


class Retry(APIView):
    @extend_schema(
        operation_id="builds_retry", parameters=[HEADER], request=RetryBuild, responses={202: BuildSerializer}
    )
    @idempotent
    def post(self, request: Request, id: int) -> Response:
        """Run its jobs again, as new attempts. The earlier ones keep their logs."""
        build = build_for(request, id, "build.retry")
        build.retry(by=person(request), failed_only=read(RetryBuild, request)["failed_only"])
        return Response(BuildSerializer(build_for(request, id)).data, 202)
