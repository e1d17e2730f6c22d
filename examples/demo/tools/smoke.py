"""Buys something from a running shop, over HTTP."""

import json
import sys
import time
import urllib.error
import urllib.request


def get(url: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=5) as answer:
        return json.load(answer)


def wait_until_up(url: str) -> None:
    for _ in range(50):
        try:
            get(f"{url}/healthz")
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    sys.exit("the shop did not come up within 5 seconds")


def main(url: str) -> None:
    wait_until_up(url)
    for product in get(f"{url}/products"):
        print(f"  {product['name']:<20} {product['cents'] / 100:>7.2f}")
        cart = get(f"{url}/carts/1", {"product": product["id"]})
    print(f"  {'Total':<20} {cart['total'] / 100:>7.2f}")
    if cart["total"] != 7130:
        sys.exit(f"expected 7130 cents, not {cart['total']}")


if __name__ == "__main__":
    main(sys.argv[1])
