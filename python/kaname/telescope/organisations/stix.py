"""Alerts as a STIX 2.1 bundle: what was observed, of which host, and a note that explains.

It has no indicators: the host belongs to who reads it, and is to be mended, not blocked.
Where the packets went is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaname.knowledge.organisation_records import Alert, Notice
from kaname.model.ids import stix_id
from kaname.model.instant import format_us
from kaname.model.messages import text
from kaname.model.records import Artifact, ArtifactKind
from kaname.telescope.organisations.wording import reason, word
from kaname.writers.stix_artifact import observable
from kaname.writers.stix_marking import marking, marking_id
from kaname.writers.stix_objects import IDENTITY, identity

__all__ = ["bundle"]

_MOST = 999_999_999  # of number_observed (STIX 2.1, 4.14)


def bundle(notice: Notice) -> dict[str, Any]:
    """The bundle of a notice; the same whenever it is made."""
    markings = sorted({alert.tlp for alert in notice.alerts}, key=lambda tlp: tlp.rank)
    objects = [identity(), *map(marking, markings)]
    known: set[str] = set()
    for alert in notice.alerts:
        for one in _objects(alert, notice):
            if one["id"] not in known:
                known.add(one["id"])
                objects.append(one)
    return {"type": "bundle", "id": stix_id("bundle", notice.key), "objects": objects}


def _objects(alert: Alert, notice: Notice) -> Iterator[dict[str, Any]]:
    host = observable(Artifact(ArtifactKind.IP, alert.host))
    if host is None:
        return
    yield host
    data = stix_id("observed-data", alert.id, alert.episode)
    yield {
        **_common("observed-data", data, alert, notice),
        "first_observed": format_us(alert.opened),
        "last_observed": format_us(max(alert.opened, alert.last)),
        "number_observed": max(1, min(_MOST, alert.packets)),
        "object_refs": [host["id"]],
    }
    language = notice.organisation.language
    values = {
        "organisation": notice.organisation.name(language),
        "host": alert.host,
        "packets": alert.packets,
        "destinations": alert.destinations,
        "services": ", ".join(alert.services),
        "label": word(alert.label, language),
    }
    message = f"telescope.organisation.{alert.kind.value}"
    reasons = [f"- {reason(key, given, language)}" for key, given in alert.reasons]
    yield {
        **_common("note", stix_id("note", alert.id, alert.episode, language), alert, notice),
        "lang": language,
        "labels": [alert.kind.value, alert.label],
        "abstract": text(f"{message}.title", language, **values),
        "content": "\n".join([text(f"{message}.text", language, **values), *reasons]),
        "object_refs": [data],
    }


def _common(kind: str, key: str, alert: Alert, notice: Notice) -> dict[str, Any]:
    created = min(alert.noticed, notice.created)
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": key,
        "created_by_ref": IDENTITY,
        "created": _millis(created),
        "modified": _millis(max(created, notice.created)),
        "object_marking_refs": [marking_id(alert.tlp)],
    }


def _millis(instant: int) -> str:
    return format_us(instant)[:-4] + "Z"
