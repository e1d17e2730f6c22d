"""Git itself: a `post-receive` hook, a script, or a person with curl. docs/webhooks.md shows both."""

from typing import Any

from pipelines.forges.forge import (
    Forge,
    Incoming,
    Malformed,
    Reading,
    Signature,
    items,
    moved,
    reading,
    same,
    signed,
    text,
    unknown,
    urls,
)

MOST_REFS = 1000


class PlainGit(Forge):
    name = "git"
    title = "Plain Git"
    secret_field = "the variable “secret” of the hook"  # noqa: S105
    steps = (
        "Save the script below as hooks/post-receive in the bare repository, and make it executable.",
        "Any other sender: POST the JSON object with “ref”, “before” and “after” to the webhook URL, with the secret "
        "as a bearer token or the body's HMAC-SHA256 in X-Keelway-Signature.",
    )

    def claims(self, incoming: Incoming) -> bool:
        ours = ("x-keelway-signature", "x-keelway-event", "x-keelway-delivery", "authorization")
        return any(incoming.header(name) for name in ours)

    def verify(self, incoming: Incoming, secret: str) -> Signature:
        signature = incoming.header("x-keelway-signature")
        if signature:
            return signed(signature, incoming.body, secret, prefix="sha256=")
        scheme, _, token = incoming.header("authorization").partition(" ")
        return same(token.strip() if scheme.lower() == "bearer" else "", secret)

    def event(self, incoming: Incoming) -> str:
        return incoming.header("x-keelway-event") or "push"

    def delivery_id(self, incoming: Incoming) -> str:
        return incoming.header("x-keelway-delivery")

    def payload(self, incoming: Incoming) -> dict[str, Any]:
        """JSON, or the lines that Git gives a `post-receive` hook: `old new ref`."""
        if incoming.body.lstrip()[:1] == b"{" or incoming.header("content-type").lower().startswith("application/"):
            return super().payload(incoming)
        lines = [line for line in incoming.body.decode(errors="replace").splitlines() if line.strip()]
        changes = [line.split(" ", 2) for line in lines[: MOST_REFS + 1]]
        if not changes or len(changes) > MOST_REFS or any(len(change) != 3 for change in changes):
            raise Malformed(
                "The body should be JSON with “ref”, “before” and “after”, or lines of “old new ref” as Git gives "
                f"them to a post-receive hook, at most {MOST_REFS:,}."
            )
        return {"changes": [{"before": old, "after": new, "ref": ref.strip()} for old, new, ref in changes]}

    def read(self, event: str, payload: dict[str, Any]) -> Reading:
        where = urls(payload, "repository")
        if event == "ping":
            return Reading(ping=True, repositories=where)
        if event != "push":
            return unknown(event, where)
        changes = items(payload, "changes") if "changes" in payload else [payload]
        moves = [moved(text(change, "ref"), text(change, "before"), text(change, "after")) for change in changes]
        return reading(moves, where)


def post_receive(url: str, secret: str) -> str:
    """The hook that tells Keelway of every push to a bare repository. `secret` is in it, so it is for its owner only.

    What curl is given stands in no argument, which everyone on that machine could read.
    """
    return f"""\
#!/bin/sh
# Tells Keelway of every push. Its answer is shown to whoever pushes; a push never fails because of it.
url={_quoted(url)}
secret={_quoted(secret)}

refs=$(mktemp) || exit 0
trap 'rm -f "$refs"' EXIT
cat > "$refs"
curl --config - <<END || true
url = "$url"
header = "Authorization: Bearer $secret"
header = "Content-Type: text/plain"
header = "X-Keelway-Delivery: $(date +%s)-$$"
data-binary = "@$refs"
silent
show-error
max-time = 10
retry = 2
write-out = "\\n"
END
"""


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
