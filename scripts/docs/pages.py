"""``python -m scripts.docs.pages``: all generated pages of one language, as JSON.

The language is that of the environment (KANAME_LANG): the command line settles on one
when it is loaded, so every language needs a process of its own.
"""

from __future__ import annotations

import json
import sys

from scripts.docs.analyses import analyses_page
from scripts.docs.api import api_page
from scripts.docs.commands import commands_page
from scripts.docs.decisions import decisions_page
from scripts.docs.errors import errors_page
from scripts.docs.formats import readers_page, writers_page
from scripts.docs.settings import settings_page
from scripts.docs.tables import tables_page

PAGES = {
    "analyses": analyses_page,
    "api": api_page,
    "commands": commands_page,
    "decisions": decisions_page,
    "errors": errors_page,
    "readers": readers_page,
    "settings": settings_page,
    "tables": tables_page,
    "writers": writers_page,
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(PAGES)
    made = {name: PAGES[name]().rstrip() + "\n" for name in wanted}
    sys.stdout.write(json.dumps(made, ensure_ascii=False))
