"""What objects of STIX have to have: a table of types, and records made of it.

Properties and their types are those of STIX 2.1 (sections 3 to 7) and of STIX 2.0 (parts
2 to 4). Vocabularies are open, so no value of one is checked. Of 2.0, which is only ever
taken in, neither what is optional is checked nor that there are labels: real playbooks
have lists where texts belong, and losing an identity for that would break what refers to it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kaname.intelligence.stix.times import TIMESTAMP

__all__ = ["COMMON", "Shape", "is_observable", "shape_of"]

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_TYPE = r"^[a-z0-9][a-z0-9-]*[a-z0-9]"

_Time = Annotated[str, Meta(pattern=TIMESTAMP)]
_Ref = Annotated[str, Meta(pattern=rf"{_TYPE}--{_UUID}")]
_IdentityRef = Annotated[str, Meta(pattern=rf"^identity--{_UUID}")]
_MarkingRef = Annotated[str, Meta(pattern=rf"^marking-definition--{_UUID}")]
_Refs = Annotated[list[_Ref], Meta(min_length=1)]
_Texts = Annotated[list[str], Meta(min_length=1)]
_Integer = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]


class _Hashes(msgspec.Struct, rename={"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}):
    """Digests; those whose length is fixed are checked."""

    md5: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{32}$")] | UnsetType = UNSET
    sha1: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{40}$")] | UnsetType = UNSET
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{64}$")] | UnsetType = UNSET


class _Reference(msgspec.Struct):
    source_name: str
    description: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    hashes: _Hashes | UnsetType = UNSET


class _Phase(msgspec.Struct):
    kill_chain_name: str
    phase_name: str


class _Granular(msgspec.Struct):
    selectors: _Texts
    marking_ref: _MarkingRef | UnsetType = UNSET
    lang: str | UnsetType = UNSET


class _Extension(msgspec.Struct):
    extension_type: (
        Literal[
            "new-sdo",
            "new-sco",
            "new-sro",
            "property-extension",
            "toplevel-property-extension",
        ]
        | UnsetType
    ) = UNSET


_References = Annotated[list[_Reference], Meta(min_length=1)]
_Phases = Annotated[list[_Phase], Meta(min_length=1)]
_Granulars = Annotated[list[_Granular], Meta(min_length=1)]
_Extensions = Annotated[dict[str, _Extension], Meta(min_length=1)]
_Percent = Annotated[int, Meta(ge=0, le=100)]


class Shape(msgspec.Struct):
    """What every object may have; `shape_of` gives one of its subclasses."""

    type: str
    id: _Ref
    spec_version: Literal["2.0", "2.1"] | UnsetType = UNSET
    created: Any = UNSET
    modified: Any = UNSET
    object_marking_refs: Annotated[list[_MarkingRef], Meta(min_length=1)] | UnsetType = UNSET
    granular_markings: _Granulars | UnsetType = UNSET
    extensions: _Extensions | UnsetType = UNSET


COMMON: dict[str, Any] = {
    "created_by_ref": _IdentityRef,
    "revoked": bool,
    "labels": _Texts,
    "confidence": _Percent,
    "lang": str,
    "external_references": _References,
}
_NAMED: dict[str, Any] = {"description": str}
_SEEN: dict[str, Any] = {"first_seen": _Time, "last_seen": _Time}
_ACTOR: dict[str, Any] = {
    "aliases": _Texts,
    "goals": _Texts,
    "resource_level": str,
    "primary_motivation": str,
    "secondary_motivations": _Texts,
}
# type: (required, optional); "dated" objects also have ``created`` and ``modified``
_DATED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "attack-pattern": ({"name": str}, _NAMED | {"aliases": _Texts, "kill_chain_phases": _Phases}),
    "campaign": ({"name": str}, _NAMED | _SEEN | {"aliases": _Texts, "objective": str}),
    "course-of-action": ({"name": str}, _NAMED),
    "extension-definition": (
        {"name": str, "schema": str, "version": str, "extension_types": _Texts},
        _NAMED | {"extension_properties": _Texts},
    ),
    "grouping": ({"context": str, "object_refs": _Refs}, _NAMED | {"name": str}),
    "identity": (
        {"name": str},
        _NAMED
        | {"roles": _Texts, "identity_class": str, "sectors": _Texts, "contact_information": str},
    ),
    "incident": ({"name": str}, _NAMED),
    "indicator": (
        {"pattern": str, "valid_from": _Time},
        _NAMED
        | {
            "name": str,
            "indicator_types": _Texts,
            "pattern_version": str,
            "valid_until": _Time,
            "kill_chain_phases": _Phases,
        },
    ),
    "infrastructure": (
        {"name": str},
        _NAMED
        | _SEEN
        | {"infrastructure_types": _Texts, "aliases": _Texts, "kill_chain_phases": _Phases},
    ),
    "intrusion-set": ({"name": str}, _NAMED | _SEEN | _ACTOR),
    "language-content": (
        {"object_ref": _Ref, "contents": dict[str, dict[str, Any]]},
        {"object_modified": _Time},
    ),
    "location": (
        {},
        _NAMED
        | {
            "name": str,
            "latitude": float,
            "longitude": float,
            "precision": float,
            "region": str,
            "country": str,
        },
    ),
    "malware": (
        {},
        _NAMED
        | _SEEN
        | {
            "name": str,
            "malware_types": _Texts,
            "aliases": _Texts,
            "kill_chain_phases": _Phases,
            "operating_system_refs": _Refs,
            "sample_refs": _Refs,
            "capabilities": _Texts,
        },
    ),
    "malware-analysis": (
        {"product": str},
        {"version": str, "submitted": _Time, "analysis_started": _Time, "analysis_ended": _Time},
    ),
    "note": (
        {"content": str, "object_refs": _Refs},
        {"abstract": str, "authors": _Texts},
    ),
    "observed-data": (
        {"first_observed": _Time, "last_observed": _Time, "number_observed": _Integer},
        {"object_refs": _Refs, "objects": Annotated[dict[str, Any], Meta(min_length=1)]},
    ),
    "opinion": (
        {"opinion": str, "object_refs": _Refs},
        {"explanation": str, "authors": _Texts},
    ),
    "relationship": (
        {"relationship_type": str, "source_ref": _Ref, "target_ref": _Ref},
        _NAMED | {"start_time": _Time, "stop_time": _Time},
    ),
    "report": (
        {"name": str, "published": _Time, "object_refs": _Refs},
        _NAMED | {"report_types": _Texts},
    ),
    "sighting": (
        {"sighting_of_ref": _Ref},
        _NAMED
        | _SEEN
        | {
            "count": Annotated[int, Meta(ge=0, le=999_999_999)],
            "observed_data_refs": _Refs,
            "where_sighted_refs": _Refs,
            "summary": bool,
        },
    ),
    "threat-actor": (
        {"name": str},
        _NAMED | _SEEN | _ACTOR | {"threat_actor_types": _Texts, "roles": _Texts},
    ),
    "tool": (
        {"name": str},
        _NAMED
        | {
            "tool_types": _Texts,
            "aliases": _Texts,
            "kill_chain_phases": _Phases,
            "tool_version": str,
        },
    ),
    "vulnerability": ({"name": str}, _NAMED),
}
# What 2.1 asks for beyond 2.0.
_ONLY_21: dict[str, dict[str, Any]] = {
    "indicator": {"pattern_type": str},
    "malware": {"is_family": bool},
}
_OBSERVABLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "artifact": ({}, {"mime_type": str, "payload_bin": str, "url": str, "hashes": _Hashes}),
    "autonomous-system": ({"number": _Integer}, {"name": str, "rir": str}),
    "directory": ({"path": str}, {"ctime": _Time, "mtime": _Time, "atime": _Time}),
    "domain-name": ({"value": str}, {"resolves_to_refs": _Refs}),
    "email-addr": ({"value": str}, {"display_name": str, "belongs_to_ref": _Ref}),
    "email-message": (
        {"is_multipart": bool},
        {"date": _Time, "subject": str, "from_ref": _Ref, "sender_ref": _Ref, "to_refs": _Refs},
    ),
    "file": (
        {},
        {
            "hashes": _Hashes,
            "size": _Integer,
            "name": str,
            "ctime": _Time,
            "mtime": _Time,
            "atime": _Time,
            "parent_directory_ref": _Ref,
            "contains_refs": _Refs,
            "content_ref": _Ref,
        },
    ),
    "ipv4-addr": ({"value": str}, {"resolves_to_refs": _Refs, "belongs_to_refs": _Refs}),
    "ipv6-addr": ({"value": str}, {"resolves_to_refs": _Refs, "belongs_to_refs": _Refs}),
    "mac-addr": ({"value": str}, {}),
    "mutex": ({"name": str}, {}),
    "network-traffic": (
        {"protocols": _Texts},
        {
            "start": _Time,
            "end": _Time,
            "src_ref": _Ref,
            "dst_ref": _Ref,
            "src_port": Annotated[int, Meta(ge=0, le=65535)],
            "dst_port": Annotated[int, Meta(ge=0, le=65535)],
        },
    ),
    "process": ({}, {"pid": _Integer, "created_time": _Time, "command_line": str, "cwd": str}),
    "software": ({"name": str}, {"cpe": str, "swid": str, "vendor": str, "version": str}),
    "url": ({"value": str}, {}),
    "user-account": ({}, {"user_id": str, "account_login": str, "account_type": str}),
    "windows-registry-key": ({}, {"key": str, "values": Annotated[list[Any], Meta(min_length=1)]}),
    "x509-certificate": ({}, {"hashes": _Hashes, "serial_number": str, "issuer": str}),
}
_MARKING = (
    {"created": _Time},
    {
        "created_by_ref": _IdentityRef,
        "external_references": _References,
        "definition_type": str,
        "definition": dict[str, Any],
        "name": str,
    },
)


def is_observable(kind: str) -> bool:
    """Whether ``kind`` is a cyber-observable of STIX 2.1."""
    return kind in _OBSERVABLES


def shape_of(kind: str, spec: str, *, dated: bool) -> type[Shape]:
    """What an object of ``kind`` has to be like; of one's own kinds, if they are ``dated``."""
    key = (kind if _known(kind) else "", spec, dated)
    found = _shapes.get(key)
    if found is None:
        found = _shapes[key] = _shape(*key)
    return found


_shapes: dict[tuple[str, str, bool], type[Shape]] = {}


def _known(kind: str) -> bool:
    return kind in _DATED or kind in _OBSERVABLES or kind == "marking-definition"


def _shape(kind: str, spec: str, dated: bool) -> type[Shape]:
    required, optional = _properties(kind, spec, dated)
    fields: list[Any] = [(name, form) for name, form in required.items()]
    fields += [(name, form | UnsetType, UNSET) for name, form in optional.items()]
    name = "".join(part.title() for part in (kind or "custom").split("-"))
    made = msgspec.defstruct(name, fields, bases=(Shape,), kw_only=True)
    return cast("type[Shape]", made)


def _properties(kind: str, spec: str, dated: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    if kind == "marking-definition":
        return _MARKING
    if kind in _OBSERVABLES:
        return _OBSERVABLES[kind]
    if not kind and not dated:
        return {}, {}  # an observable of somebody's own
    required, optional = _DATED.get(kind, ({}, {}))
    more = {} if spec == "2.0" else _ONLY_21
    times = {"created": str, "modified": str}  # their form is checked with their order
    needed = times | required | more.get(kind, {})
    if spec == "2.0":
        return needed, {}
    return needed, {k: v for k, v in (COMMON | optional).items() if k not in needed}
