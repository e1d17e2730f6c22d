"""What an editor hands to a JSON Schema: the tree with scalars interpreted by YAML 1.2."""

from typing import Any

from pipelines.language.document import read_document
from pipelines.language.nodes import Mapping, Node, Scalar, Sequence
from pipelines.language.problems import Findings


def interpreted(text: str) -> Any:
    root = read_document(text, Findings(text, "x"))
    assert root is not None
    return _value(root)


def _value(node: Node) -> Any:
    match node:
        case Mapping():
            return {key: _value(entry.value) for key, entry in node.entries.items()}
        case Sequence():
            return [_value(item) for item in node.items]
        case Scalar(kind="null"):
            return None
        case Scalar(kind="bool"):
            return node.text.lower() == "true"
        case Scalar(kind="int") if len(node.text) < 300:
            return int(node.text) if node.text.lstrip("+-").isdigit() else int(node.text, 0)
        case Scalar(kind="int" | "float"):
            return float(node.text.replace(".inf", "inf").replace(".nan", "nan"))
        case Scalar():
            return node.text
    raise AssertionError(node)
