import unittest

from shop.cart import FREE_SHIPPING_FROM, SHIPPING, Cart
from shop.catalogue import Unknown


class CartTest(unittest.TestCase):
    def test_an_empty_cart_costs_nothing(self) -> None:
        self.assertEqual(Cart().total, 0)

    def test_lines_add_up_and_shipping_comes_on_top(self) -> None:
        cart = Cart()

        cart.add("mug", 2)
        cart.add("tea")

        self.assertEqual(cart.goods, 2 * 1250 + 890)
        self.assertEqual(cart.total, cart.goods + SHIPPING)

    def test_shipping_is_free_for_large_orders(self) -> None:
        cart = Cart()

        cart.add("kettle")
        self.assertEqual(cart.shipping, SHIPPING)
        cart.add("mug")

        self.assertGreaterEqual(cart.goods, FREE_SHIPPING_FROM)
        self.assertEqual(cart.shipping, 0)

    def test_ten_of_a_kind_are_cheaper(self) -> None:
        cart = Cart()

        cart.add("tea", 9)
        self.assertEqual(cart.line("tea"), 9 * 890)
        cart.add("tea")

        self.assertEqual(cart.line("tea"), 7565)

    def test_it_refuses_what_is_not_sold(self) -> None:
        with self.assertRaises(Unknown):
            Cart().add("boat")

    def test_it_refuses_to_take_things_out_by_adding(self) -> None:
        with self.assertRaises(ValueError):
            Cart().add("mug", -1)


if __name__ == "__main__":
    unittest.main()
