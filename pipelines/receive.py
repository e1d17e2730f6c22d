"""Taking in a webhook: verified, kept, answered. What it leads to happens afterwards, in a task."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from events.bus import emit
from events.doorbell import ring
from events.live import announce
from pipelines.forges import Forge, Incoming, identify
from pipelines.judging import Judgement, admit, judge
from pipelines.models import Delivery
from projects.models import Project
from vault.crypto import CannotOpen

log = structlog.get_logger()

REJECTED_KEPT = 100
"""Anyone can send what is rejected, so few are kept, and they push out only each other."""

SAME_BODY = timedelta(minutes=10)
"""Where a sender gives no id, the same body again within so long is the same delivery."""

MOST_HEADERS = 16 * 1024

_SECRET_HEADER = re.compile(r"signature|token|authorization|cookie|secret|password|api-?key", re.IGNORECASE)

Answer = tuple[int, dict[str, Any]]
"""An HTTP status and a JSON body: `delivery` (its id, or null), `verdict`, `detail`."""

Verdict = Delivery.Verdict


def receive(project: Project, incoming: Incoming) -> Answer:
    """Keep what was sent and say what becomes of it."""
    try:
        secret = project.webhook_secret
    except CannotOpen as error:
        log.error("webhook.secret_does_not_open", project=project.slug, error=str(error))
        detail = "The project's webhook secret cannot be opened. The server's log says why; try again once it can be."
        return 503, {"delivery": None, "verdict": "rejected", "detail": detail}
    forge = admit(incoming, secret)
    if isinstance(forge, Judgement):
        return _reject(project, incoming, forge, b"", len(incoming.body))
    judgement = judge(project, forge, incoming)
    body = _without(secret, incoming.body)
    if judgement.rejected:
        return _reject(project, incoming, judgement, body, len(incoming.body))
    with transaction.atomic():
        given = forge.delivery_id(incoming)
        identity = fit(given) if given else hashlib.sha256(incoming.body).hexdigest()
        earlier = Delivery.objects.select_for_update().filter(project=project, forge=forge.name, delivery_id=identity)
        if known := earlier.defer("body").first():
            if given or timezone.now() - known.received_at < SAME_BODY:
                return _again(known)
            identity = f"{identity[:180]}:{secrets.token_hex(8)}"
        try:
            with transaction.atomic():
                delivery = _kept(project, forge, incoming, judgement, identity, body)
        except IntegrityError:  # the same one, at the same moment
            return _again(earlier.defer("body").get())
        prune(project)
    return judgement.answer, {
        "delivery": delivery.pk,
        "verdict": "pong" if judgement.ping else delivery.verdict,
        "detail": delivery.detail or "Taken. What it leads to is on the project's page of deliveries.",
    }


def refuse_too_large(project: Project, headers: Mapping[str, str], size: int) -> Answer:
    """Keep note of a request whose body was not read. `size` is what is known of its length, in bytes."""
    incoming = Incoming(headers, b"")
    forge = identify(incoming)
    judgement = Judgement(
        413,
        f"The body is larger than {settings.WEBHOOK_MAX_BYTES:,} bytes, so it was not read. The operator can raise "
        "KEELWAY_WEBHOOK_MAX_BYTES.",
        event=forge.event(incoming) if forge else "",
        genuine=False,
    )
    return _reject(project, incoming, judgement, b"", size)


def _kept(
    project: Project, forge: Forge, incoming: Incoming, judgement: Judgement, identity: str, body: bytes
) -> Delivery:
    from pipelines.tasks import process_delivery

    now = timezone.now()
    delivery = Delivery.objects.create(
        project=project,
        forge=forge.name,
        delivery_id=identity,
        event=fit(judgement.event, 100),
        headers=shown(incoming.headers),
        body=body,
        body_bytes=len(incoming.body),
        verdict=Verdict.RECEIVED if judgement.pushes else Verdict.IGNORED,
        detail=judgement.detail,
        answer=judgement.answer,
        received_at=now,
        rung_at=now,
        processed_at=None if judgement.pushes else now,
    )
    tell(delivery)
    if judgement.pushes:
        ring(process_delivery, delivery.pk)
    return delivery


def _again(known: Delivery) -> Answer:
    """The same delivery once more. One that failed is worked on anew: that is why people send it again."""
    from pipelines.tasks import process_delivery

    now = timezone.now()
    same = Delivery.objects.filter(pk=known.pk)
    same.update(repeats=F("repeats") + 1)
    if same.filter(verdict=Verdict.FAILED).update(
        verdict=Verdict.RECEIVED, detail="", received_at=now, rung_at=now, processed_at=None
    ):
        known.verdict = Verdict.RECEIVED
        tell(known)
        ring(process_delivery, known.pk)
        return 202, {"delivery": known.pk, "verdict": "received", "detail": "It failed before, and is tried again."}
    transaction.on_commit(lambda: announce(*known.topics))
    detail = f"This delivery came before; what became of it: {Verdict(known.verdict).label.lower()}."
    return 200, {"delivery": known.pk, "verdict": "duplicate", "detail": detail}


def _reject(project: Project, incoming: Incoming, judgement: Judgement, body: bytes, size: int) -> Answer:
    """Keep note of it, bounded, and without an Event: whoever floods us must not fill the database."""
    forge = identify(incoming)
    given = forge.delivery_id(incoming) if forge else ""
    now = timezone.now()
    with transaction.atomic():
        delivery = Delivery.objects.create(
            project=project,
            forge=forge.name if forge else "unknown",
            # Never the id itself: a forged one must not take the place of the genuine one that comes later.
            delivery_id=f"{fit(given)[:150]}:rejected:{secrets.token_hex(8)}",
            event=fit(judgement.event, 100),
            headers=shown(incoming.headers),
            body=body if judgement.genuine else b"",
            body_bytes=min(size, 2**31 - 1),
            verdict=Verdict.REJECTED,
            detail=judgement.detail,
            answer=judgement.answer,
            received_at=now,
            processed_at=now,
        )
        _prune(Delivery.objects.filter(project=project, verdict=Verdict.REJECTED), REJECTED_KEPT)
        transaction.on_commit(lambda: announce(*delivery.topics))
    return judgement.answer, {"delivery": delivery.pk, "verdict": "rejected", "detail": judgement.detail}


def tell(delivery: Delivery, **data: Any) -> None:
    """The Event of a delivery's verdict, and a nudge to the pages that show it. In a transaction."""
    emit(
        f"pipelines.delivery.{delivery.verdict}",
        subject=f"delivery:{delivery.pk}",
        data={"project": delivery.project_id, "forge": delivery.forge, "event": delivery.event, **data},
        topics=[*delivery.topics, f"project:{delivery.project_id}"],
    )


def prune(project: Project) -> None:
    """Forget the oldest deliveries beyond KEELWAY_DELIVERIES_KEPT; those that still wait stay."""
    ended = Delivery.objects.filter(project=project).exclude(verdict__in=[Verdict.RECEIVED, Verdict.REJECTED])
    _prune(ended, settings.DELIVERIES_KEPT)


def _prune(rows: Any, kept: int) -> None:
    for last in rows.order_by("-id").values_list("pk", flat=True)[kept : kept + 1]:
        rows.filter(pk__lte=last).delete()


def shown(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that people may see: without anything that signs in or signs, and bounded."""
    kept: dict[str, str] = {}
    size = 0
    for name, value in headers.items():
        size += len(name) + len(value)
        if size <= MOST_HEADERS and not _SECRET_HEADER.search(name):
            kept[name] = value.replace("\x00", "")
    return kept


def fit(given: str, most: int = 200) -> str:
    """What a forge sent as an id or name, made safe to keep: too long a one is told apart by its hash."""
    clean = "".join(char for char in given if char.isprintable())
    if len(clean) <= most:
        return clean
    return f"{clean[: most - 33]}:{hashlib.sha256(given.encode()).hexdigest()[:32]}"


def _without(secret: str, body: bytes) -> bytes:
    """Old versions of Gitea send the secret itself in the body; it is not kept in clear."""
    return body.replace(secret.encode(), b"***") if secret else body
