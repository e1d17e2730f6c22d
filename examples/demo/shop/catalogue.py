"""What can be bought, and for how much. Prices are in cents: binary fractions cannot hold ten cents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    cents: int


PRODUCTS = {
    product.id: product
    for product in (
        Product("mug", "Mug, blue", 1250),
        Product("tea", "Green tea, 100 g", 890),
        Product("kettle", "Kettle, 1.7 l", 4990),
    )
}


class Unknown(Exception):
    """There is no such product."""


def find(id: str) -> Product:
    try:
        return PRODUCTS[id]
    except KeyError:
        raise Unknown(f"there is no product {id!r}") from None
