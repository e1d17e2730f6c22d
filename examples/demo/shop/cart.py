"""A cart: how many of what, and what that costs."""

from dataclasses import dataclass, field

from shop.catalogue import find

BULK = 10
"""From so many of one product on, that line is cheaper."""
BULK_DISCOUNT_PERCENT = 15
FREE_SHIPPING_FROM = 5000
SHIPPING = 495


@dataclass
class Cart:
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, id: str, count: int = 1) -> None:
        if count < 1:
            raise ValueError("count must be at least 1")
        find(id)
        self.counts[id] = self.counts.get(id, 0) + count

    def line(self, id: str) -> int:
        """What one line costs, in cents, rounded half up."""
        count = self.counts.get(id, 0)
        full = find(id).cents * count
        if count < BULK:
            return full
        return (full * (100 - BULK_DISCOUNT_PERCENT) + 50) // 100

    @property
    def goods(self) -> int:
        return sum(self.line(id) for id in self.counts)

    @property
    def shipping(self) -> int:
        return 0 if not self.counts or self.goods >= FREE_SHIPPING_FROM else SHIPPING

    @property
    def total(self) -> int:
        return self.goods + self.shipping
