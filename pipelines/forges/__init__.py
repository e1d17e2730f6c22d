"""Who sends webhooks: one module per forge. To add one, copy one and name it here."""

from pipelines.forges.bitbucket import Bitbucket
from pipelines.forges.forge import Forge, Incoming, Kind, Malformed, Push, Reading, Signature
from pipelines.forges.gitea import Gitea
from pipelines.forges.github import GitHub
from pipelines.forges.gitlab import GitLab
from pipelines.forges.plain import PlainGit, post_receive

__all__ = [
    "FORGES",
    "Forge",
    "Incoming",
    "Kind",
    "Malformed",
    "Push",
    "Reading",
    "Signature",
    "by_name",
    "post_receive",
]

# Gitea's family also sends GitHub's headers, so it is asked first; plain Git takes what nobody else claims.
FORGES: tuple[Forge, ...] = (Gitea(), GitHub(), GitLab(), Bitbucket(), PlainGit())


def identify(incoming: Incoming) -> Forge | None:
    """Who sent it; None when it bears no mark of any forge, nor a secret."""
    return next((forge for forge in FORGES if forge.claims(incoming)), None)


def by_name(name: str) -> Forge:
    """The forge that a delivery was kept with. KeyError for `unknown`."""
    return {forge.name: forge for forge in FORGES}[name]
