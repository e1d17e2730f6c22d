"""`POST /hooks/<slug>`: the one address that forges call. No Git and no pipeline file are looked at here."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from pipelines import receive
from pipelines.forges import Incoming
from projects.models import Project


@csrf_exempt  # who may call is decided by the signature
def webhook(request: HttpRequest, slug: str) -> JsonResponse:
    if request.method != "POST":
        detail = "This address takes webhooks by POST. Paste it into the forge's webhook settings."
        response = _answer(405, {"delivery": None, "verdict": "rejected", "detail": detail})
        response["Allow"] = "POST"
        return response
    project = Project.objects.select_related("scope").filter(slug=slug).first()
    if project is None:
        detail = f"There is no project “{slug}” here. Copy the webhook URL from the project's settings again."
        return _answer(404, {"delivery": None, "verdict": "rejected", "detail": detail})
    if project.archived_at:
        detail = f"The project “{slug}” is archived and takes no webhooks. Unarchive it, or remove this webhook."
        return _answer(410, {"delivery": None, "verdict": "rejected", "detail": detail})
    headers = {name.lower(): value for name, value in request.headers.items()}
    announced = int(length) if (length := headers.get("content-length", "")).isdecimal() else 0
    if announced > settings.WEBHOOK_MAX_BYTES:
        return _answer(*receive.refuse_too_large(project, headers, announced))
    try:
        body = request.read(settings.WEBHOOK_MAX_BYTES + 1)
    except (OSError, UnreadablePostError):
        return _answer(400, {"delivery": None, "verdict": "rejected", "detail": "The body did not arrive whole."})
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        return _answer(*receive.refuse_too_large(project, headers, len(body)))
    return _answer(*receive.receive(project, Incoming(headers, body)))


def _answer(status: int, body: dict[str, object]) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
