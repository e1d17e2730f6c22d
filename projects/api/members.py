from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import USERNAME
from accounts.models import Membership, User
from accounts.rest import found, person, read
from accounts.roles import Role
from projects import editing
from projects.api.projects import project_for
from projects.api.serializers import MemberSerializer, NewRole


class Members(ListAPIView[Membership]):
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        project = project_for(self.request, self.kwargs["slug"], "project.members")
        return Membership.objects.filter(scope=project.scope).select_related("user")

    @extend_schema(operation_id="members_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who has a role on the project itself. The administrator has every right without one."""
        return super().get(request, *args, **kwargs)


class Member(APIView):
    @extend_schema(operation_id="members_set", parameters=[USERNAME], request=NewRole, responses=MemberSerializer)
    def put(self, request: Request, slug: str, username: str) -> Response:
        """Make a person a member, or change the role."""
        project = project_for(request, slug, "project.members")
        newcomer = found(User.objects.filter(is_active=True), "person", username=username)
        role = Role(read(NewRole, request)["role"])
        return Response(MemberSerializer(editing.set_role(project, newcomer, role, by=person(request))).data)

    @extend_schema(operation_id="members_remove", parameters=[USERNAME], responses={204: None})
    def delete(self, request: Request, slug: str, username: str) -> Response:
        """Take a person's role on the project away."""
        project = project_for(request, slug, "project.members")
        member = found(User.objects.filter(memberships__scope=project.scope), "member", username=username)
        editing.remove_member(project, member, by=person(request))
        return Response(status=204)
