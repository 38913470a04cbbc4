"""Forms of objects of JSON, written shortly, and what is made of them: a JSON schema and tables of a page.

A text names a type and, after a colon, its meaning (`"int: regions in all"`); `?` after the type: or null.
A mapping is an object of exactly these keys, those with `?` at their end are not always there; `{"*": form}`
is an object with any keys. A list is an array of its one form. `OneOf` is one of its values.
`told(meaning, form)` gives a meaning to a form that is no text; `or_null(form)` may be null; `Shape("fault")`
is a form that has this name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["OneOf", "Shape", "Told", "or_null", "schema_of", "table_of", "told"]


@dataclass(frozen=True)
class Shape:
    """A form by its name in `SHAPES`."""

    name: str


@dataclass(frozen=True)
class Told:
    """A form with its meaning, which may be null."""

    form: Any
    meaning: str = ""
    nullable: bool = False


@dataclass(frozen=True)
class OneOf:
    """One of some values."""

    values: tuple[str, ...]


def told(meaning: str, form: Any) -> Told:
    """A form with its meaning."""
    return replace(form, meaning=meaning) if isinstance(form, Told) else Told(form, meaning)


def or_null(form: Any) -> Told:
    """A form, or null."""
    return replace(form, nullable=True) if isinstance(form, Told) else Told(form, nullable=True)


TYPES: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer"},
    "text or int": {"type": ["string", "integer"]},
    "number": {"type": "number"},
    "text": {"type": "string"},
    "yes/no": {"type": "boolean"},
    "instant": {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?[+-]\d{2}:\d{2}$",
    },
    "day": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    "head": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}


def schema_of(form: Any) -> dict[str, Any]:
    """The JSON schema of a form."""
    match form:
        case Told():
            found = schema_of(form.form)
            if form.nullable:
                found = {"anyOf": [found, {"type": "null"}]}
            if form.meaning and "$ref" not in found:
                found["description"] = form.meaning
        case Shape():
            found = {"$ref": f"#/definitions/{form.name}"}
        case OneOf():
            found = {"enum": [str(one) for one in form.values]}
        case list():
            found = {"type": "array", "items": schema_of(form[0])}
        case Mapping():
            found = _of_object(form)
        case _:
            found = _of_text(form)
    return found


def _of_object(form: Mapping[str, Any]) -> dict[str, Any]:
    if "*" in form:
        return {"type": "object", "additionalProperties": schema_of(form["*"])}
    return {
        "type": "object",
        "properties": {name.removesuffix("?"): schema_of(one) for name, one in form.items()},
        "required": [name for name in form if not name.endswith("?")],
        "additionalProperties": False,
    }


def _of_text(form: str) -> dict[str, Any]:
    kind, _, meaning = form.partition(": ")
    found = dict(TYPES[kind.removesuffix("?")])
    if kind.endswith("?"):
        found["type"] = [found["type"], "null"]
    return found | {"description": meaning} if meaning else found


def table_of(form: Mapping[str, Any]) -> str:
    """A table of Markdown with all keys of an object and of what is inside."""
    rows = [f"| `{key}` | {kind} | {meaning} |" for key, kind, meaning in _rows(form, "")]
    return "\n".join(["| key | type | meaning |", "|---|---|---|", *rows]) + "\n"


def _rows(form: Mapping[str, Any], before: str) -> Iterator[tuple[str, str, str]]:
    for name, one in form.items():
        inner, kind, meaning = _described(one)
        key = before + ("…" if name == "*" else name.removesuffix("?"))
        yield key, kind + (" (may be absent)" if name.endswith("?") else ""), meaning
        if isinstance(inner, Mapping):
            yield from _rows(inner, f"{key}{'[]' if kind.startswith('list') else ''}.")


def _described(form: Any) -> tuple[Any, str, str]:
    """What is inside, the type in words, the meaning."""
    inner, meaning = None, ""
    match form:
        case Told():
            inner, kind, meaning = _described(form.form)
            kind, meaning = kind + (" or null" if form.nullable else ""), form.meaning or meaning
        case Shape():
            kind = f"[{form.name}](#{form.name})"
        case OneOf():
            kind = ", ".join(f"`{one}`" for one in form.values)
        case list():
            inner, kind, meaning = _described(form[0])
            kind = f"list of {kind}"
        case Mapping() if set(form) == {"*"} and not isinstance(form["*"], Mapping):
            _, kind, meaning = _described(form["*"])
            kind = f"{kind} by name"
        case Mapping():
            inner, kind = form, "object"
        case _:
            kind, _, meaning = form.partition(": ")
            kind = kind.removesuffix("?") + (" or null" if kind.endswith("?") else "")
    return inner, kind, meaning
