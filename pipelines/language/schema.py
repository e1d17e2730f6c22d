"""The shape of `.keelway.yml`, key by key. Errors, the published JSON Schema and the documentation follow from here.

The models take what `nodes.untangle` makes of a tree: dicts, lists, and scalars still as written.
"""

from typing import Annotated, Any, ClassVar

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from builds.plan import DEFAULT_TIMEOUT, Resources
from pipelines.language.nodes import Scalar
from pipelines.language.values import (
    Cpus,
    Image,
    Memory,
    Name,
    NameKey,
    Script,
    Timeout,
    Title,
    Truth,
    Value,
    VariableKey,
)

MAX_JOBS = 1000
MAX_STEPS = 500
MAX_VARIABLES = 1000
DEFAULT_STAGE = "test"
HOLDERS = (".", "x-")
"""A top-level key that begins so is Keelway's to ignore: a place for anchors."""


class Table(BaseModel):
    """A mapping with fixed keys. `later` are keys that the language will have and this version does not: they are
    refused by name, never passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: ClassVar[str]
    later: ClassVar[frozenset[str]] = frozenset()


Env = Annotated[dict[VariableKey, Value], MaxLen(MAX_VARIABLES)]


class Step(Table):
    title = "a step"
    later = frozenset({"if"})

    run: Script = Field(
        description="The script, given to `/bin/sh -e`. The job fails at the first command that fails.",
        examples=["pytest", "npm ci\nnpm test\n"],
    )
    name: Title | None = Field(
        None, description="What people see for this step. Default: the first line of `run`.", examples=["Unit tests"]
    )
    env: Env = Field({}, description="Environment variables of this step alone.", examples=[{"VERBOSE": "1"}])


def _command_alone(value: Any) -> Any:
    return {"run": value} if isinstance(value, Scalar) else value


class _OrCommandAlone:
    """In JSON Schema: a step is an object, or only its script."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": ["string", "number", "boolean"], "minLength": 1}, handler(core)]}


AnyStep = Annotated[Step, BeforeValidator(_command_alone), _OrCommandAlone()]


class Limits(Table):
    title = "resources"

    cpus: Cpus | None = Field(
        None, description=f"Processor cores, in fractions too. Default: {Resources().cpus:g}.", examples=[2, 0.5]
    )
    memory: Memory | None = Field(
        None,
        description=f"Memory, with a unit or in bytes. Default: {Resources().memory // 1024**3}GiB.",
        examples=["512MiB", "1GiB"],
    )


# Keelway's own kinds of work: a job that has one of these needs no image and no steps.
LATER_WORK = frozenset({"build", "deploy", "approval"})
_LATER_DEFAULTS = frozenset({"services", "secrets", "cache", "artifacts", "retry"})


class Defaults(Table):
    title = "defaults"
    later = _LATER_DEFAULTS

    image: Image | None = Field(
        None, description="The image of every job that names none.", examples=["python:3.12-slim"]
    )
    timeout: Timeout | None = Field(
        None, description="How long a job may run when it does not say.", examples=["30m", "1h30m", 90]
    )
    env: Env = Field({}, description="Environment variables of every job.", examples=[{"CI": "true"}])
    allow_failure: Truth | None = Field(None, description="Whether jobs may fail when they do not say.")
    resources: Limits = Field(Limits(), description="Limits of every job; a job replaces them one by one.")


class Job(Table):
    title = "a job"
    later = _LATER_DEFAULTS | LATER_WORK | {"if", "matrix", "concurrency"}

    steps: Annotated[list[AnyStep], MinLen(1), MaxLen(MAX_STEPS)] = Field(
        description="What the job does: scripts, run one after the other in one container.",
        examples=[["pip install -r requirements.txt", {"name": "Tests", "run": "pytest"}]],
    )
    image: Image | None = Field(
        None, description="The container image to run in. Default: that of `defaults`.", examples=["python:3.12-slim"]
    )
    stage: Name | None = Field(
        None, description=f"The stage that the job belongs to. Default: `{DEFAULT_STAGE}`.", examples=["lint"]
    )
    needs: Annotated[list[Name], MaxLen(MAX_JOBS)] | None = Field(
        None,
        description="The jobs that must have ended well before this one starts; `[]` to start at once. "
        "Default: all jobs of earlier stages.",
        examples=[["lint", "test"], []],
    )
    env: Env = Field({}, description="Environment variables of this job.", examples=[{"DJANGO_DEBUG": "false"}])
    timeout: Timeout | None = Field(
        None,
        description=f"How long the job may run, up to 7 days. Default: {DEFAULT_TIMEOUT // 3600}h.",
        examples=["30m", "1h30m", 90],
    )
    allow_failure: Truth | None = Field(
        None, description="When true, a failure of this job does not fail the build. Default: false."
    )
    resources: Limits = Field(
        Limits(), description="Limits of the job's container.", examples=[{"cpus": 2, "memory": "1GiB"}]
    )


class Pipeline(Table):
    title = "the file"
    later = frozenset({"on", "concurrency", "services"})

    jobs: Annotated[dict[NameKey, Job], MinLen(1), MaxLen(MAX_JOBS)] = Field(
        description="The jobs by name. Each runs in a container of its own.",
        examples=[{"test": {"image": "python:3.12-slim", "steps": ["pytest"]}}],
    )
    stages: Annotated[list[Name], MinLen(1), MaxLen(MAX_JOBS)] | None = Field(
        None,
        description="The stages in their order: jobs wait for all jobs of earlier stages unless they say `needs`. "
        "Default: the stages that jobs name, in order of appearance.",
        examples=[["lint", "test", "build"]],
    )
    defaults: Defaults = Field(Defaults(), description="What holds for every job that does not say otherwise.")
    env: Env = Field({}, description="Environment variables of every job.", examples=[{"TZ": "UTC"}])
