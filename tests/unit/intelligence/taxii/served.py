"""A TAXII server over a real store, without the rest of the nexus."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.di import Provide

from kaname.api.throttle import Throttle
from kaname.intelligence.routes.taxii import OUTSIDE
from kaname.intelligence.stix.checking import Checked, check
from kaname.intelligence.stix.times import instant
from kaname.intelligence.taxii.server import Root, Server
from kaname.knowledge import Account, AccountRole, Knowledge
from kaname.knowledge.stix_objects import Collection, StixObjects, Version
from kaname.model.marking import Tlp

DATA = Path(__file__).parents[5] / "shared" / "data" / "fusion"
ROOT = "trustgroup1"
OTHERS = ("somebody-else",)


def application(knowledge: Knowledge, link_keys: Any = None, **parts: Any) -> Litestar:
    """The routes of TAXII and nothing else; ``parts`` are what else runs."""
    services = SimpleNamespace(
        knowledge=knowledge, throttle=Throttle(), parts=parts, part=parts.__getitem__,
        link_keys=link_keys,
    )  # fmt: skip
    provided = Provide(lambda: services, sync_to_thread=False, use_cache=True)
    return Litestar(list(OUTSIDE), dependencies={"services": provided}, logging_config=None)


@contextmanager
def listening(knowledge: Knowledge, link_keys: Any = None) -> Iterator[str]:
    """The same on a port of the loopback; gives its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            application(knowledge, link_keys), log_level="error", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        try:
            while not server.started:
                threading.Event().wait(0.01)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def account(
    knowledge: Knowledge, name: str, role: str = "analyst", clearance: Tlp = Tlp.RED
) -> tuple[str, str]:
    """A new account, as (name, token)."""
    knowledge.bootstrap()  # somebody has to administer
    knowledge.put_account(Account(name, AccountRole(role), clearance))
    return name, knowledge.create_token(name, "test")[1]


def version(body: bytes, tlp: Tlp = Tlp.CLEAR) -> Version:
    """A row for the store."""
    found = check(body)
    assert isinstance(found, Checked), found
    return Version(found.id, found.version, found.type, found.spec, tlp.rank, body)


def seed_oasis(knowledge: Knowledge) -> None:
    """The collections with which the reference server was recorded."""
    initial = json.loads((DATA / "oracles" / "taxii21_initial_data.json").read_bytes())[ROOT]
    said: dict[str, Any] = initial["information"]
    Server(knowledge, Throttle()).put_root(
        ROOT, Root(title=said["title"], description=said["description"])
    )
    store = knowledge.part(StixObjects)
    for one in initial["collections"]:
        store.put_collection(
            Collection(
                id=one["id"],
                title=one["title"],
                description=one.get("description", ""),
                root=ROOT,
                media_types=tuple(one["media_types"]),
                readers=None if one["can_read"] else OTHERS,
                writers=None if one["can_write"] else OTHERS,
            )
        )
        pairs = zip(one["manifest"], _ordered(one), strict=True)
        for record, thing in pairs:
            body = json.dumps(thing).encode()
            store.add(one["id"], [version(body)], at=instant(record["date_added"]))


def _ordered(collection: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects in the order of the manifest."""
    by_key = {(o["id"], o.get("modified", o["created"])): o for o in collection["objects"]}
    return [by_key[record["id"], record["version"]] for record in collection["manifest"]]
