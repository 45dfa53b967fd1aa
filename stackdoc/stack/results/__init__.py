"""The most telling result of each layer, and the cards that show a few of them."""
