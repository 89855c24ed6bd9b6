"""Registries as files: TOML and JSON hold all of it, CSV one line for each prefix.

CSV has the columns ``id``, ``use`` (live or dark) and ``prefix``, and may have the fields
of `kaname.telescope.organisations.definition` that hold one value; a field may stand in any
of the lines of its organisation. Suppressions are in TOML and JSON only.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from kaname.knowledge.organisation_records import Organisation
from kaname.model.errors import InputError, UsageError
from kaname.telescope.organisations.definition import define, described

__all__ = ["FORMATS", "read", "write"]

FORMATS = ("toml", "json", "csv")
_SINGLE = ("name_en", "name_ja", "language", "tlp", "mail", "webhook", "valid_from", "valid_until")
_COLUMNS = ("id", "use", "prefix", *_SINGLE)


def read(text: str, form: str) -> list[Organisation]:
    """The organisations in ``text``, in their order.

    Raises:
        InputError: it is not of that form.
        UsageError: an organisation in it is not one, or stands in it twice.
    """
    found = [define(one) for one in _READERS[form](text)]
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            raise UsageError("telescope.error.organisation_twice", id=one.id)
        seen.add(one.id)
    return found


def write(organisations: Iterable[Organisation], form: str, *, secrets: bool = False) -> str:
    """``organisations`` as text that `read` makes them of; secrets only when asked for."""
    return _WRITERS[form]([described(one, secrets=secrets) for one in organisations])


def _read_toml(text: str) -> list[Mapping[str, Any]]:
    try:
        return _listed(tomllib.loads(text), "toml")
    except tomllib.TOMLDecodeError as error:
        raise _unreadable("TOML", error) from None


def _read_json(text: str) -> list[Mapping[str, Any]]:
    try:
        return _listed(json.loads(text), "json")
    except (ValueError, RecursionError) as error:
        raise _unreadable("JSON", error) from None


def _listed(document: Any, form: str) -> list[Mapping[str, Any]]:
    """A list of organisations, or a table or object with one under ``organisations``."""
    found = document.get("organisations") if isinstance(document, Mapping) else document
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise _unreadable(form.upper(), "organisations = [...]")
    return found


def _unreadable(form: str, reason: object) -> InputError:
    return InputError("telescope.error.organisation_file", form=form, reason=reason)


def _read_csv(text: str) -> list[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise _unreadable("CSV", error) from None
    missing = {"id", "use", "prefix"} - set(reader.fieldnames or ())
    unknown = set(reader.fieldnames or ()) - set(_COLUMNS)
    if missing or unknown or any(None in row for row in rows):
        raise _unreadable("CSV", ", ".join(sorted(missing or map(str, unknown)) or _COLUMNS))
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, 2):
        _line(found, row, number)
    return list(found.values())


def _line(found: dict[str, dict[str, Any]], row: Mapping[str, Any], number: int) -> None:
    values = {name: (value or "").strip() for name, value in row.items()}
    if values["use"] not in {"live", "dark"}:
        raise _unreadable("CSV", f"{number}: use = {values['use'][:40] or '–'} (live | dark)")
    one = found.setdefault(values["id"], {"id": values["id"], "live": [], "dark": []})
    one[values["use"]].append(values["prefix"])
    one |= {name: values[name] for name in _SINGLE if values.get(name)}


def _write_toml(documents: list[dict[str, Any]]) -> str:
    lines: list[str] = []
    for one in documents:
        lines += ["[[organisations]]", *_toml_lines(one)]
        for each in one.get("suppressions", ()):
            lines += ["", "[[organisations.suppressions]]", *_toml_lines(each)]
        lines.append("")
    return "\n".join(lines)


def _toml_lines(table: Mapping[str, Any]) -> list[str]:
    # A JSON string, number or list of strings is TOML as it stands (TOML 1.0, escapes).
    return [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in table.items()
        if name != "suppressions"
    ]


def _write_json(documents: list[dict[str, Any]]) -> str:
    return json.dumps({"organisations": documents}, ensure_ascii=False, indent=2) + "\n"


def _write_csv(documents: list[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in documents:
        single = {name: one.get(name, "") for name in _SINGLE}
        single["mail"] = " ".join(one.get("mail", ()))
        for use in ("live", "dark"):
            for prefix in one.get(use, ()):
                writer.writerow({"id": one["id"], "use": use, "prefix": prefix, **single})
    return out.getvalue()


_READERS = {"toml": _read_toml, "json": _read_json, "csv": _read_csv}
_WRITERS = {"toml": _write_toml, "json": _write_json, "csv": _write_csv}
