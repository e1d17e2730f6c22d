"""People and their tokens, for scripts."""

from datetime import timedelta
from typing import Any, cast

from django.urls import path, register_converter
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import people
from accounts.models import ApiToken, User
from accounts.rest import Input, found, person, read, require_administrator


class UsernameConverter:
    regex = r"[\w.@+-]{1,150}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(UsernameConverter, "username")

USERNAME = OpenApiParameter("username", {"type": "string", "pattern": r"^[\w.@+-]{1,150}$"}, OpenApiParameter.PATH)


class UserSerializer(serializers.ModelSerializer[User]):
    email = serializers.CharField(read_only=True, help_text="Empty where it is not known.")
    administrator = serializers.BooleanField(source="is_superuser", read_only=True)
    active = serializers.BooleanField(source="is_active", read_only=True)
    created_at = serializers.DateTimeField(source="date_joined", read_only=True)

    class Meta:
        model = User
        fields = ["username", "email", "administrator", "active", "created_at"]
        read_only_fields = fields


class InvitedSerializer(UserSerializer):
    sign_in_link = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "sign_in_link"]
        read_only_fields = fields

    def get_sign_in_link(self, user: User) -> str:
        """Signs this person in once, within 24 hours. It is shown this once."""
        return str(self.context["sign_in_link"])


class NewUser(Input):
    username = serializers.RegexField(r"^[\w.@+-]{1,150}\Z")
    email = serializers.EmailField(required=False, default="")
    administrator = serializers.BooleanField(required=False, default=False)


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ["id", "name", "hint", "access", "created_at", "expires_at", "used_at"]
        read_only_fields = fields


class IssuedTokenSerializer(TokenSerializer):
    key = serializers.SerializerMethodField()

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "key"]
        read_only_fields = fields

    def get_key(self, token: ApiToken) -> str:
        """What goes after `Authorization: Bearer`. It is shown this once."""
        return str(self.context["key"])


class NewToken(Input):
    name = serializers.CharField(max_length=100)
    access = serializers.ChoiceField(ApiToken.Access.choices, required=False, default=ApiToken.Access.WRITE)
    expires_in = serializers.IntegerField(
        min_value=60, max_value=10 * 365 * 86400, required=False, help_text="Seconds. Without it, it does not expire."
    )


class Me(APIView):
    @extend_schema(operation_id="me", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        """Who you are."""
        return Response(UserSerializer(person(request)).data)


class Tokens(ListAPIView[ApiToken]):
    serializer_class = TokenSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return ApiToken.objects.none()
        return ApiToken.objects.filter(user=person(self.request))

    @extend_schema(operation_id="tokens_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your tokens; never their keys."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="tokens_issue", request=NewToken, responses={201: IssuedTokenSerializer})
    def post(self, request: Request) -> Response:
        """Issue a token. A token cannot issue one that may do or last longer than itself."""
        wanted = read(NewToken, request)
        seconds = wanted.get("expires_in")
        lasts = timedelta(seconds=seconds) if seconds else None
        token, key = people.issue_token(
            person(request), cast("ApiToken | None", request.auth), wanted["name"], wanted["access"], lasts
        )
        return Response(IssuedTokenSerializer(token, context={"key": key}).data, 201)


class OneToken(APIView):
    @extend_schema(operation_id="tokens_revoke", responses={204: None})
    def delete(self, request: Request, id: int) -> Response:
        """Revoke one of your tokens, at once."""
        found(ApiToken.objects.filter(user=person(request)), "token of yours", pk=id).delete()
        return Response(status=204)


class Users(ListAPIView[User]):
    serializer_class = UserSerializer
    queryset = User.objects.all()

    @extend_schema(operation_id="users_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everyone with an account. The administrator's."""
        require_administrator(person(request))
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="users_invite", request=NewUser, responses={201: InvitedSerializer})
    def post(self, request: Request) -> Response:
        """Make an account, and a link that signs its owner in once. The administrator's."""
        require_administrator(person(request))
        user, link = people.invite(**read(NewUser, request))
        return Response(InvitedSerializer(user, context={"sign_in_link": link}).data, 201)


class OneUser(APIView):
    @extend_schema(operation_id="users_retrieve", parameters=[USERNAME], responses=UserSerializer)
    def get(self, request: Request, username: str) -> Response:
        """One person. The administrator's."""
        require_administrator(person(request))
        return Response(UserSerializer(found(User.objects.all(), "person", username=username)).data)


class Deactivate(APIView):
    @extend_schema(operation_id="users_deactivate", parameters=[USERNAME], request=None, responses=UserSerializer)
    def post(self, request: Request, username: str) -> Response:
        """Lock a person out at once: sessions and tokens stop working, what they did stays. The administrator's."""
        require_administrator(person(request))
        user = found(User.objects.all(), "person", username=username)
        people.deactivate(user, by=person(request))
        return Response(UserSerializer(user).data)


class Activate(APIView):
    @extend_schema(operation_id="users_activate", parameters=[USERNAME], request=None, responses=InvitedSerializer)
    def post(self, request: Request, username: str) -> Response:
        """Let a person in (again), with a new link that signs them in once. The administrator's."""
        require_administrator(person(request))
        user = found(User.objects.all(), "person", username=username)
        people.activate(user)
        return Response(InvitedSerializer(user, context={"sign_in_link": people.sign_in_link(user)}).data)


urlpatterns = [
    path("me", Me.as_view()),
    path("tokens", Tokens.as_view()),
    path("tokens/<int:id>", OneToken.as_view()),
    path("users", Users.as_view()),
    path("users/<username:username>", OneUser.as_view()),
    path("users/<username:username>/deactivate", Deactivate.as_view()),
    path("users/<username:username>/activate", Activate.as_view()),
]
