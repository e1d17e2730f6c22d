"""The scalars of a pipeline file: what each accepts, what it becomes, and how the JSON Schema says so.

Text is whatever a person wrote: `3.10` is "3.10" and `yes` is "yes", quoted or not. So wherever text is expected, the
schema, which editors apply to already interpreted YAML, also lets numbers and truth values pass.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from pipelines.language.nodes import Scalar, found
from pipelines.language.problems import quote

MAX_TEXT = 100_000
"""Characters of a script or of a variable's value. Linux takes at most 128 kB as one argument or variable."""

MAX_NAME = 60
MAX_TIMEOUT = 7 * 24 * 3600
MIN_MEMORY = 6 * 1024**2  # Docker refuses less.
MAX_MEMORY = 16 * 1024**4
MAX_CPUS = 1024.0

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,58}[A-Za-z0-9._-])?"
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]{0,254}"
DURATION = r"(?:[0-9]{1,9}d)?(?:[0-9]{1,9}h)?(?:[0-9]{1,9}m)?(?:[0-9]{1,9}s)?"
MEMORY = r"([0-9]{1,15}(?:\.[0-9]{1,3})?) ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?"
CPUS = r"(?:[0-9]{1,4}(?:\.[0-9]{0,3})?|\.[0-9]{1,3})"

# The grammar of github.com/distribution/reference: [domain[:port]/]path[:tag][@digest].
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
IMAGE = (
    rf"(?:(?:{_HOST}(?:\.{_HOST})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,128})?"
)
MAX_IMAGE = 400

_UNITS = {"B": 1, "": 1} | {
    f"{letter}{suffix}": base**power
    for suffix, base in (("B", 1000), ("iB", 1024))
    for power, letter in enumerate(("k" if base == 1000 else "K", "M", "G", "T"), start=1)
}


def refused(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("keelway", "{message}", {"message": message, "hint": hint})


def written(value: object, expected: str, hint: str = "") -> str:
    """The text of a scalar as it stands in the file; refuses lists, mappings and nothing at all."""
    if not isinstance(value, Scalar) or value.kind == "null":
        raise refused(f"found {found(value)}; expected {expected}", hint)
    if "${{" in value.text:
        raise refused("found an expression, ${{ … }}, which this version of Keelway does not support yet")
    return value.text


def _name(value: object) -> str:
    return name(written(value, "a name"))


def name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        hint = ""
        if text.startswith("."):
            hint = "put templates at the top level of the file, under a key that begins with a dot"
        raise refused(
            f"{quote(text)} is not a name; expected a letter or digit, then letters, digits, spaces, "
            f'"-", "_" or ".", at most {MAX_NAME} characters',
            hint,
        )
    return text


def variable(text: str) -> str:
    if not re.fullmatch(VARIABLE, text):
        raise refused(
            f"{quote(text)} is not the name of a variable; expected letters, digits and underscores, no digit first"
        )
    return text


def _value(value: object) -> str:
    return _bounded(written(value, "text, a number, true or false", 'write "" for an empty value'))


def _script(value: object) -> str:
    text = _bounded(written(value, "a command"))
    if not text.strip():
        raise refused("found an empty script; expected a command")
    return text


def _bounded(text: str) -> str:
    if len(text.encode()) > MAX_TEXT:
        raise refused(f"found {len(text.encode()):,} bytes; expected at most {MAX_TEXT:,}", "move it to a file")
    return text


def _title(value: object) -> str:
    text = written(value, "a title")
    if not text.strip() or len(text) > 100 or not text.isprintable():
        raise refused(f"found {found(value)}; expected one line of 1 to 100 characters")
    return text


def _image(value: object) -> str:
    text = written(value, "the name of an image")
    if len(text) <= MAX_IMAGE and re.fullmatch(IMAGE, text):
        return text
    hint = ""
    if len(text) <= MAX_IMAGE and (lower := re.sub(r"^[^:@]+", lambda name: name[0].lower(), text)) != text:
        hint = f"did you mean {quote(lower)}?" if re.fullmatch(IMAGE, lower) else ""
    raise refused(f"{quote(text)} is not the name of an image; expected one like python:3.12-slim", hint)


def _timeout(value: object) -> int:
    text = written(value, "a duration")
    if re.fullmatch(r"[0-9]{1,9}", text):
        seconds = int(text)
    elif text and re.fullmatch(DURATION, text):
        units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
        seconds = sum(int(count) * units[unit] for count, unit in re.findall(r"([0-9]+)([dhms])", text))
    else:
        raise refused(f"found {found(value)}; expected a duration such as 30m, 1h30m, 90s, or whole seconds")
    if not 1 <= seconds <= MAX_TIMEOUT:
        raise refused(f"found a duration of {seconds} seconds; expected 1 second to 7 days")
    return seconds


def _memory(value: object) -> int:
    text = written(value, "an amount of memory")
    match = re.fullmatch(MEMORY, text)
    if not match:
        loose = re.fullmatch(r"([0-9.]{1,15}) ?([kmgt])(?:i?b)?", text, re.IGNORECASE)
        hint = f"did you mean {quote(f'{loose[1]}{loose[2].upper()}iB')}?" if loose else ""
        raise refused(f"found {found(value)}; expected an amount such as 512MiB or 2GiB, or whole bytes", hint)
    size = round(float(match[1]) * _UNITS[match[2] or ""])
    if not MIN_MEMORY <= size <= MAX_MEMORY:
        raise refused(f"found {size:,} bytes; expected 6MiB to 16TiB", "a number without a unit counts bytes")
    return size


def _cpus(value: object) -> float:
    text = written(value, "a number of cores")
    if not re.fullmatch(CPUS, text) or not 0.01 <= float(text) <= MAX_CPUS:
        raise refused(f"found {found(value)}; expected a number of cores from 0.01 to {MAX_CPUS:.0f}, such as 1.5")
    return float(text)


def _truth(value: object) -> bool:
    if isinstance(value, Scalar) and value.kind == "bool":
        return value.text.lower() == "true"
    word = value.text.lower() if isinstance(value, Scalar) else ""
    hint = {"true": "remove the quotes", "yes": "write true", "on": "write true"}.get(word, "")
    hint = hint or {"false": "remove the quotes", "no": "write false", "off": "write false"}.get(word, "")
    raise refused(f"found {found(value)}; expected true or false", hint)


_TEXT = {"type": ["string", "number", "boolean"]}


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _text(**more: Any) -> WithJsonSchema:
    return WithJsonSchema(_TEXT | more)


Name = Annotated[str, BeforeValidator(_name), _text(pattern=_whole(NAME))]
NameKey = Annotated[str, AfterValidator(name), WithJsonSchema({"type": "string", "pattern": _whole(NAME)})]
VariableKey = Annotated[str, AfterValidator(variable), WithJsonSchema({"type": "string", "pattern": _whole(VARIABLE)})]
Value = Annotated[str, BeforeValidator(_value), _text(maxLength=MAX_TEXT)]
Script = Annotated[str, BeforeValidator(_script), _text(minLength=1, maxLength=MAX_TEXT)]
Title = Annotated[str, BeforeValidator(_title), _text(minLength=1, maxLength=100)]
Image = Annotated[str, BeforeValidator(_image), _text(pattern=_whole(IMAGE), maxLength=MAX_IMAGE)]
Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"type": "boolean"})]
Timeout = Annotated[
    int,
    BeforeValidator(_timeout),
    WithJsonSchema(
        {
            "type": ["string", "integer"],
            "pattern": _whole(rf"(?=.){DURATION}|[0-9]{{1,9}}"),
            "minimum": 1,
            "maximum": MAX_TIMEOUT,
        }
    ),
]
Memory = Annotated[
    int,
    BeforeValidator(_memory),
    WithJsonSchema(
        {"type": ["string", "number"], "pattern": _whole(MEMORY), "minimum": MIN_MEMORY, "maximum": MAX_MEMORY}
    ),
]
Cpus = Annotated[
    float,
    BeforeValidator(_cpus),
    WithJsonSchema({"type": ["number", "string"], "pattern": _whole(CPUS), "minimum": 0.01, "maximum": MAX_CPUS}),
]
