"""The routes of the API, one subject a module; each module lists its own in ``ROUTES``."""
