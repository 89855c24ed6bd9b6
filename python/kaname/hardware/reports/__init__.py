"""Reports on a design and on a device, for people who decide what becomes of them."""
