"""What becomes of a webhook, decided on its text alone: no database, no Git, no pipeline file."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.forges import Forge, Incoming, Malformed, Push, Signature, identify
from projects.models import Project

ACCEPTED, BAD, UNSIGNED, MISDIRECTED = 202, 400, 401, 422


@dataclass(frozen=True)
class Judgement:
    """`answer` is the HTTP status, `detail` a sentence or more for whoever reads the answer or the delivery.

    With `pushes`, there is something to build. `genuine`: its sender knows the project's secret.
    """

    answer: int
    detail: str
    event: str = ""
    pushes: tuple[Push, ...] = ()
    notes: tuple[str, ...] = ()
    genuine: bool = True
    ping: bool = False

    @property
    def rejected(self) -> bool:
        return self.answer >= 400


def admit(incoming: Incoming, secret: str) -> Forge | Judgement:
    """Who sent it, or why it is refused: its signature is not good."""
    forge = identify(incoming)
    if forge is None:
        return Judgement(
            UNSIGNED,
            "This request bears no signature and no mark of a forge that Keelway knows (GitHub, GitLab, Gitea, "
            "Forgejo, Bitbucket). Send the project's secret as “Authorization: Bearer …”, or sign the body with "
            "X-Keelway-Signature.",
            genuine=False,
        )
    signature = forge.verify(incoming, secret)
    if signature == Signature.GOOD:
        return forge
    if signature == Signature.MISSING:
        detail = f"The request is not signed. Put the project's webhook secret into {forge.secret_field}."
    else:
        detail = (
            f"The signature is not made with this project's webhook secret. Copy the secret from the project's "
            f"settings into {forge.secret_field} again; something between the forge and Keelway may also have "
            "changed the body."
        )
    return Judgement(UNSIGNED, detail, event=forge.event(incoming), genuine=False)


def judge(project: Project, forge: Forge, incoming: Incoming, event: str = "") -> Judgement:
    """What a genuine request asks of `project`. `event` is given where the headers are no longer there."""
    event = event or forge.event(incoming)
    try:
        said = forge.read(event, forge.payload(incoming))
    except Malformed as error:
        return Judgement(BAD, str(error), event=event)
    if said.repositories and not is_of(project, said.repositories):
        return Judgement(
            MISDIRECTED,
            f"This webhook is for another project: the forge sent it for {_shown(said.repositories[0])}, but "
            f"“{project.name}” builds {_shown(project.git_url)}. Give each repository the webhook URL and secret of "
            "its own project, or correct the project's Git URL.",
            event=event,
        )
    if said.ping:
        return Judgement(200, "pong: the webhook works.", event=event, ping=True)
    detail = "" if said.pushes else " ".join(said.notes) or "It names no branch, no tag and no pull request."
    return Judgement(ACCEPTED, detail, event=event, pushes=said.pushes, notes=said.notes)


def is_of(project: Project, repositories: tuple[str, ...]) -> bool:
    """Whether one of the URLs by which the forge knows its repository is the project's.

    Only the paths are held against each other: the same forge may be known by other names inside a network, by ssh,
    or behind a proxy that adds a folder, and who sent it knows this project's secret.
    """
    if project.git_url.startswith(("/", "file:")):
        return True  # a copy on this server's disk, which no forge can name
    ours = path_of(project.git_url)
    return any(_alike(ours, path_of(url)) for url in repositories)


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or ("/" in short and long.endswith("/" + short))


def path_of(url: str) -> str:
    """`team/shop` of any form of Git URL, in lower case."""
    if "://" in url:
        try:
            path = urlsplit(url).path
        except ValueError:
            path = ""
    else:
        path = url.partition(":")[2] or url
    return path.strip("/").lower().removesuffix(".git")


def _shown(url: str) -> str:
    """`url` short enough, and without anything before its host."""
    scheme, _, rest = url[:300].rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest
