"""The manual: pages generated from what the program says of itself, and the site."""
