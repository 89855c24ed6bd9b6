"""The history of the store's shape. `HEAD` is the revision that this program works with."""

HEAD = "0004"
