import json
import unittest
from io import BytesIO
from typing import Any

from shop.web import Shop


class WebTest(unittest.TestCase):
    def setUp(self) -> None:
        self.shop = Shop()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[str, Any]:
        """The status line, and the decoded answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": len(raw), "wsgi.input": BytesIO(raw)}
        statuses: list[str] = []
        answer = b"".join(self.shop(environ, lambda status, headers: statuses.append(status)))
        return statuses[0], json.loads(answer)

    def test_it_says_that_it_is_well(self) -> None:
        self.assertEqual(self.ask("GET", "/healthz"), ("200 OK", {"status": "ok"}))

    def test_it_lists_what_it_sells(self) -> None:
        _, products = self.ask("GET", "/products")

        self.assertIn({"id": "mug", "name": "Mug, blue", "cents": 1250}, products)

    def test_carts_are_kept_apart(self) -> None:
        self.ask("POST", "/carts/1", {"product": "mug"})

        self.assertEqual(self.ask("GET", "/carts/2")[1]["items"], {})

    def test_an_unknown_product_is_not_found(self) -> None:
        status, answer = self.ask("POST", "/carts/1", {"product": "boat"})

        self.assertEqual(status, "404 Not Found")
        self.assertIn("boat", answer["error"])

    def test_a_bad_count_is_a_bad_request(self) -> None:
        self.assertEqual(self.ask("POST", "/carts/1", {"product": "mug", "count": 0})[0], "400 Bad Request")


if __name__ == "__main__":
    unittest.main()
