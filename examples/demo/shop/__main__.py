import argparse
from wsgiref.simple_server import make_server

from shop import __version__
from shop.web import Shop


def main() -> None:
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--version", action="version", version=f"shop {__version__}")
    options = parser.parse_args()
    with make_server("127.0.0.1", options.port, Shop()) as server:
        print(f"Shop {__version__} on http://127.0.0.1:{options.port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
