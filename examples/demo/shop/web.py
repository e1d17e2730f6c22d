"""The HTTP side, as a WSGI application."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from shop.cart import Cart
from shop.catalogue import PRODUCTS, Unknown

Answer = tuple[HTTPStatus, Any]


class Shop:
    def __init__(self) -> None:
        self.carts: defaultdict[str, Cart] = defaultdict(Cart)

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        try:
            status, content = self.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], _body(environ))
        except Unknown as error:
            status, content = HTTPStatus.NOT_FOUND, {"error": str(error)}
        except ValueError as error:
            status, content = HTTPStatus.BAD_REQUEST, {"error": str(error)}
        start(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [json.dumps(content).encode()]

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        match method, path.strip("/").split("/"):
            case "GET", ["healthz"]:
                return HTTPStatus.OK, {"status": "ok"}
            case "GET", ["products"]:
                return HTTPStatus.OK, [vars(product) for product in PRODUCTS.values()]
            case "GET", ["carts", number]:
                return HTTPStatus.OK, _shown(self.carts[number])
            case "POST", ["carts", number]:
                self.carts[number].add(str(body.get("product")), int(body.get("count", 1)))
                return HTTPStatus.CREATED, _shown(self.carts[number])
        return HTTPStatus.NOT_FOUND, {"error": f"{method} {path} leads nowhere"}


def _shown(cart: Cart) -> dict[str, Any]:
    return {"items": cart.counts, "goods": cart.goods, "shipping": cart.shipping, "total": cart.total}


def _body(environ: dict[str, Any]) -> dict[str, Any]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    content = json.loads(environ["wsgi.input"].read(length) or b"{}")
    if not isinstance(content, dict):
        raise ValueError("expected a JSON object")
    return content
