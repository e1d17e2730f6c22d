from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import HEADER, idempotent
from accounts.rest import asked, found, person, require
from builds.api.download import download
from builds.api.serializers import JobSerializer, LogRange, LogSerializer, TextLog
from builds.log import read_lines
from builds.models import Job


def job_for(request: Request, id: int, permission: str = "build.view") -> Job:
    rows = Job.objects.visible_to(person(request)).select_related("build__project__scope")
    job = found(rows, "job", pk=id)
    require(person(request), permission, job.build.project.scope)
    return job


class OneJob(APIView):
    @extend_schema(operation_id="jobs_retrieve", responses=JobSerializer)
    def get(self, request: Request, id: int) -> Response:
        """One attempt at a job, with its steps."""
        return Response(JobSerializer(job_for(request, id)).data)


class Cancel(APIView):
    @extend_schema(operation_id="jobs_cancel", request=None, responses={202: JobSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Stop it. A running job is `cancelled` once its container is gone."""
        job_for(request, id, "build.cancel").cancel(by=person(request))
        return Response(JobSerializer(job_for(request, id)).data, 202)


class Retry(APIView):
    @extend_schema(operation_id="jobs_retry", parameters=[HEADER], request=None, responses={201: JobSerializer})
    @idempotent
    def post(self, request: Request, id: int) -> Response:
        """A new attempt at it, and at the jobs that did not run because of it. The answer is the new attempt."""
        attempt = job_for(request, id, "build.retry").retry(by=person(request))
        return Response(JobSerializer(job_for(request, attempt.pk)).data, 201)


class Log(APIView):
    @extend_schema(operation_id="jobs_log", parameters=[LogRange], responses=LogSerializer)
    def get(self, request: Request, id: int) -> Response:
        """Lines of the log by number. Read on from `next` until `complete`."""
        job = job_for(request, id)
        wanted = asked(LogRange, request)
        return Response(read_lines(job, wanted["from"], wanted["limit"]).as_dict())


class AnyAccept(BaseContentNegotiation):
    """A download is what it is, whatever the client says that it would like."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class TextDownload(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="jobs_log_text",
        parameters=[TextLog],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request, id: int) -> HttpResponseBase:
        """The whole log so far as plain text, with the ANSI sequences that were printed."""
        job = job_for(request, id)
        return download(job, timestamps=asked(TextLog, request)["timestamps"])
