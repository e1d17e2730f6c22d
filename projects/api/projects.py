from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.rest import asked, found, person, read, require, require_administrator
from projects import credentials, editing
from projects.api.filters import ProjectFilter
from projects.api.serializers import (
    CredentialSerializer,
    NewCredential,
    NewProject,
    ProjectChanges,
    ProjectSerializer,
    shown,
)
from projects.models import Project
from projects.reach import request_reach_check


def project_for(request: Request, slug: str, permission: str = "project.view") -> Project:
    """The project as far as the person may see it and has `permission` on it; 404 and 403 otherwise."""
    project = found(Project.objects.visible_to(person(request)).select_related("scope"), "project", slug=slug)
    require(person(request), permission, project.scope)
    return project


def answer(project: Project, request: Request, status: int = 200) -> Response:
    return Response(shown([project], person(request))[0], status)


class Projects(ListAPIView[Project]):
    serializer_class = ProjectSerializer
    queryset = Project.objects.all()

    @extend_schema(operation_id="projects_list", parameters=[ProjectFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The projects that you may see, newest first."""
        rows = Project.objects.visible_to(person(request)).select_related("scope")
        archived = asked(ProjectFilter, request)["archived"]
        page = self.paginate_queryset(rows.filter(archived_at__isnull=not archived))
        return self.get_paginated_response(shown(list(page or []), person(request)))

    @extend_schema(operation_id="projects_create", request=NewProject, responses={201: ProjectSerializer})
    def post(self, request: Request) -> Response:
        """Create a project and check whether its repository can be reached. The administrator's."""
        require_administrator(person(request))
        wanted = read(NewProject, request)
        with transaction.atomic():
            project = Project.create(by=person(request), **{"name": wanted["slug"], **wanted})
            request_reach_check(project)
        return answer(project, request, 201)


class OneProject(APIView):
    @extend_schema(operation_id="projects_retrieve", responses=ProjectSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """One project."""
        return answer(project_for(request, slug), request)

    @extend_schema(operation_id="projects_edit", request=ProjectChanges, responses=ProjectSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Change some fields. A Git URL on another host drops the credential, which was given for the first one."""
        project = project_for(request, slug, "project.edit")
        editing.edit(project, by=person(request), **read(ProjectChanges, request))
        return answer(project, request)


class Archive(APIView):
    @extend_schema(operation_id="projects_archive", request=None, responses=ProjectSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Stop accepting pushes and leave the lists. Builds and logs stay."""
        project = project_for(request, slug, "project.archive")
        project.archive(by=person(request))
        return answer(project, request)


class Unarchive(APIView):
    @extend_schema(operation_id="projects_unarchive", request=None, responses=ProjectSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Take it back from the archive."""
        project = project_for(request, slug, "project.archive")
        project.unarchive(by=person(request))
        return answer(project, request)


class Check(APIView):
    @extend_schema(operation_id="projects_check", request=None, responses={202: ProjectSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Look again whether the repository can be reached. `reach` is `checking` until that is known."""
        project = project_for(request, slug, "project.edit")
        request_reach_check(project)
        project.refresh_from_db(fields=["reach", "reach_detail", "reach_checked_at"])
        return answer(project, request, 202)


class WebhookSecret(APIView):
    @extend_schema(operation_id="projects_rotate_webhook_secret", request=None, responses=ProjectSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Make a new webhook secret. The forge's deliveries are refused until it has the new one too."""
        project = project_for(request, slug, "project.webhook")
        project.rotate_webhook_secret(by=person(request))
        return answer(project, request)


class ProjectCredential(APIView):
    @extend_schema(operation_id="projects_credential", responses=CredentialSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """How the project signs in, without what is secret of it."""
        project = project_for(request, slug, "project.edit")
        return Response(CredentialSerializer(credentials.credential_of(project)).data)

    @extend_schema(operation_id="projects_set_credential", request=NewCredential, responses=CredentialSerializer)
    def put(self, request: Request, slug: str) -> Response:
        """Put another credential in force and check the repository with it."""
        project = project_for(request, slug, "project.edit")
        made = credentials.set_credential(project, by=person(request), **read(NewCredential, request))
        return Response(CredentialSerializer(made).data)

    @extend_schema(operation_id="projects_remove_credential", responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Sign in with nothing from now on. Safe to repeat."""
        project = project_for(request, slug, "project.edit")
        credentials.set_credential(project, kind="none", by=person(request))
        return Response(status=204)
