"""Starting builds and looking at deliveries, for scripts."""

from typing import Any

from django.db.models import Prefetch
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import HEADER, idempotent
from accounts.rest import Input, asked, found, person, read, require
from builds.api.builds import build_for, listed
from builds.api.serializers import BuildFilter, BuildInListSerializer, BuildSerializer
from builds.models import Build
from pipelines import building
from pipelines.models import Delivery
from projects.api.projects import project_for


class NewBuild(Input):
    """Of what: one of the three; of the default branch when there is none."""

    branch = serializers.CharField(required=False, max_length=240)
    tag = serializers.CharField(required=False, max_length=240)
    commit = serializers.CharField(
        required=False, max_length=64, help_text="The id, or how it begins (7 digits or more)."
    )


class ProjectBuilds(ListAPIView[Build]):
    serializer_class = BuildInListSerializer
    queryset = Build.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        project = project_for(self.request, self.kwargs["slug"])
        return listed(Build.objects.filter(project=project), self.request)

    @extend_schema(operation_id="projects_builds_list", parameters=[BuildFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The project's builds, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="projects_builds_start", parameters=[HEADER], request=NewBuild, responses={201: BuildSerializer}
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Start a build. It is answered at once; its commit and its jobs follow when the repository was read."""
        project = project_for(request, slug, "build.start")
        wanted = read(NewBuild, request)
        build = building.request_build(project, by=person(request), **wanted)
        return Response(BuildSerializer(build_for(request, build.pk)).data, 201)


class DeliveredBuildSerializer(serializers.ModelSerializer[Build]):
    class Meta:
        model = Build
        fields = ["id", "number", "status"]
        read_only_fields = fields


class DeliveryInListSerializer(serializers.ModelSerializer[Delivery]):
    project = serializers.CharField(source="project.slug", read_only=True)
    replay_of = serializers.IntegerField(source="replay_of_id", read_only=True, allow_null=True)
    builds = DeliveredBuildSerializer(many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = [
            *("id", "project", "forge", "delivery_id", "event", "verdict", "detail", "answer", "repeats", "replay_of"),
            *("builds", "body_bytes", "received_at", "processed_at"),
        ]
        read_only_fields = fields


class DeliverySerializer(DeliveryInListSerializer):
    headers = serializers.DictField(child=serializers.CharField(allow_blank=True), read_only=True)
    body = serializers.SerializerMethodField()

    class Meta(DeliveryInListSerializer.Meta):
        fields = [*DeliveryInListSerializer.Meta.fields, "headers", "body"]
        read_only_fields = fields

    def get_body(self, delivery: Delivery) -> str | None:
        """As received, read as UTF-8; null where it was not kept."""
        kept = bytes(delivery.body)
        return kept.decode(errors="replace") if kept or not delivery.body_bytes else None


class DeliveryFilter(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(Delivery.Verdict.choices, required=False)


def with_builds(rows: Any) -> Any:
    builds = Build.objects.only("id", "number", "status").order_by("id")
    return rows.select_related("project__scope").prefetch_related(Prefetch("builds", builds))


class ProjectDeliveries(ListAPIView[Delivery]):
    serializer_class = DeliveryInListSerializer
    queryset = Delivery.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        project = project_for(self.request, self.kwargs["slug"], "delivery.view")
        rows = Delivery.objects.filter(project=project, **asked(DeliveryFilter, self.request))
        return with_builds(rows).defer("headers", "body")

    @extend_schema(operation_id="projects_deliveries_list", parameters=[DeliveryFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the forge has sent, newest first, with the verdict on each."""
        return super().get(request, *args, **kwargs)


def delivery_for(request: Request, id: int, permission: str = "delivery.view") -> Delivery:
    delivery: Delivery = found(with_builds(Delivery.objects.visible_to(person(request))), "delivery", pk=id)
    require(person(request), permission, delivery.project.scope)
    return delivery


class OneDelivery(APIView):
    @extend_schema(operation_id="deliveries_retrieve", responses=DeliverySerializer)
    def get(self, request: Request, id: int) -> Response:
        """One delivery with its headers and body, without signatures and tokens."""
        return Response(DeliverySerializer(delivery_for(request, id)).data)


class Replay(APIView):
    @extend_schema(
        operation_id="deliveries_replay", parameters=[HEADER], request=None, responses={201: DeliverySerializer}
    )
    @idempotent
    def post(self, request: Request, id: int) -> Response:
        """Handle it again as if it came now. The answer is the new delivery."""
        delivery = delivery_for(request, id, "delivery.replay")
        again = building.replay(delivery, by=person(request))
        return Response(DeliverySerializer(delivery_for(request, again.pk)).data, 201)


urlpatterns = [
    path("projects/<slug:slug>/builds", ProjectBuilds.as_view()),
    path("projects/<slug:slug>/deliveries", ProjectDeliveries.as_view()),
    path("deliveries/<int:id>", OneDelivery.as_view()),
    path("deliveries/<int:id>/replay", Replay.as_view()),
]
