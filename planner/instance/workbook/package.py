"""Opens a workbook's package: its sheets, shared texts and number formats, within limits.

A workbook is a zip of XML parts (ECMA-376). It is read here and not by openpyxl, whose streaming reader
gives the same ``None`` for an empty cell and for a formula that was never computed, does not tell of merged
cells, turns numbers into floats and dates before it is known what their column holds, and does not
give back escaped signs (``_x000D_``) as they were.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO
from xml.etree import ElementTree

from planner.base.opening import FileSort, opened
from planner.instance.workbook.formats import Format, formats_of

__all__ = ["LARGEST_BYTES", "LARGEST_RATIO", "Package", "PackageError", "Sheet", "local_name", "text_of"]

LARGEST_BYTES = 256 * 2**20  # of all parts, unpacked
LARGEST_RATIO = 400  # unpacked to packed, of a part of more than `RATIO_FROM_BYTES`
RATIO_FROM_BYTES = 8 * 2**20
MOST_PARTS = 5_000
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and any workbook with a password
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


class PackageError(Exception):
    """A file that is no workbook, or must not be unpacked; carries the code of its fault."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: the name on its tab, and its part in the package."""

    name: str
    part: str


class Package:
    """A workbook that is open for reading; to be used in ``with``.

    Parameters
    ----------
    path
        File of the workbook.

    Raises
    ------
    PackageError
        If the file is no workbook, is protected by a password, or unpacks beyond the limits.
    OSError
        If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = opened(path, FileSort.BOOK)
        try:
            self._archive = _archive(self._file)
            self._open()
        except BaseException:
            self._file.close()
            raise

    def _open(self) -> None:
        names = {info.filename.lower(): info.filename for info in self._archive.infolist()}
        self._names = names
        book = self._book_part()
        folder = book.rpartition("/")[0]
        relations = self._relations(book)
        root = self.tree(book)
        self.is_1904 = False
        self.is_uncalculated = False
        sheets: list[Sheet] = []
        for node in root.iter():
            match local_name(node.tag):
                case "workbookPr":
                    self.is_1904 = node.get("date1904", "0").lower() in ("1", "true")
                case "calcPr":  # whoever wrote it computed no formula and asks the next program to
                    self.is_uncalculated = node.get("fullCalcOnLoad", "0").lower() in ("1", "true")
                case "sheet":
                    link = next((value for key, value in node.items() if local_name(key) == "id"), "")
                    kind, target = relations.get(link, ("", ""))
                    if kind.endswith("/worksheet"):
                        sheets.append(Sheet(node.get("name", ""), _joined(folder, target)))
        self.sheets: Sequence[Sheet] = tuple(sheets)
        parts = {kind.rpartition("/")[2]: _joined(folder, target) for kind, target in relations.values()}
        self.strings = self._strings(parts.get("sharedStrings"))
        self.formats: Sequence[Format] = self._formats(parts.get("styles"))

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()
        self._file.close()

    def _book_part(self) -> str:
        for kind, target in self._relations("").values():
            if kind.endswith("/officeDocument"):
                return _joined("", target)
        raise PackageError("X301")

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and target of what a part refers to, by id; without what lies outside of the file."""
        folder, _, name = part.rpartition("/")
        path = f"{folder}/_rels/{name}.rels".lstrip("/")
        if path.lower() not in self._names:
            return {}
        return {
            node.get("Id", ""): (node.get("Type", ""), node.get("Target", ""))
            for node in self.tree(path)
            if node.get("TargetMode") != "External"
        }

    def _strings(self, part: str | None) -> list[str]:
        if part is None or part.lower() not in self._names:
            return []
        found = []
        for node in self.elements(part, "si"):
            found.append(text_of(node))
            node.clear()
        return found

    def _formats(self, part: str | None) -> tuple[Format, ...]:
        if part is None or part.lower() not in self._names:
            return ()
        return formats_of(self.tree(part))

    def _read(self, part: str) -> IO[bytes]:
        try:
            return self._archive.open(self._names[part.lower()])
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise PackageError("X301") from error

    def tree(self, part: str) -> ElementTree.Element:
        """A small part as a whole."""
        try:
            with self._read(part) as file:
                content = file.read()
        except _DAMAGE as error:
            raise PackageError("X301") from error
        _refuse_declarations(content)
        try:
            return ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise PackageError("X301") from error

    def elements(self, part: str, *names: str) -> Iterator[ElementTree.Element]:
        """The elements of these names in a large part, one after the other, as soon as each has ended.

        What has been given may be cleared; what comes before it in its parent is thrown away.
        """
        open_elements: list[ElementTree.Element] = []
        try:
            with self._read(part) as file:
                for event, node in ElementTree.iterparse(_Guarded(file), ("start", "end")):
                    if event == "start":
                        open_elements.append(node)
                        continue
                    open_elements.pop()
                    if local_name(node.tag) in names:
                        yield node
                        if open_elements:
                            open_elements[-1].clear()
        except (*_DAMAGE, ElementTree.ParseError) as error:
            raise PackageError("X301") from error


_DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


class _Guarded:
    """A part whose declarations are refused before they are parsed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._file.read(size)
        _refuse_declarations(self._tail + block)
        self._tail = block[-16:]
        return block


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    """The zip, if what it says it unpacks to is within the limits; zipfile unpacks no more than that."""
    if file.read(len(_OLD)) == _OLD:
        raise PackageError("X302")
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise PackageError("X301") from error
    parts = archive.infolist()
    total = sum(one.file_size for one in parts)
    worst = max(
        (one.file_size / max(one.compress_size, 1) for one in parts if one.file_size > RATIO_FROM_BYTES),
        default=0.0,
    )
    if total > LARGEST_BYTES or worst > LARGEST_RATIO or len(parts) > MOST_PARTS:
        raise PackageError("X303", size=-(-total // 2**20), limit=LARGEST_BYTES // 2**20)
    return archive


def _refuse_declarations(content: bytes) -> None:
    """No spreadsheet program writes declarations; entities could grow without bound, or read other files."""
    if b"\0" in content or _DECLARATION.search(content):
        raise PackageError("X304")


def _joined(folder: str, target: str) -> str:
    """A target's path in the package: absolute, or from the folder of what refers to it."""
    if target.startswith("/"):
        return target.lstrip("/")
    parts = [one for one in folder.split("/") if one]
    for one in target.split("/"):
        if one == ".." and parts:
            parts.pop()
        elif one not in ("", ".", ".."):
            parts.append(one)
    return "/".join(parts)


def local_name(tag: str) -> str:
    """Name of an element or attribute without its namespace, of which the format has two editions."""
    return tag.rpartition("}")[2]


def text_of(node: ElementTree.Element) -> str:
    """Text of a string item, of rich text all runs; what helps to pronounce it is left out."""
    parts: list[str] = []
    for child in node:
        name = local_name(child.tag)
        if name == "t":
            parts.append(unescaped(child.text or ""))
        elif name == "r":
            parts += [unescaped(one.text or "") for one in child if local_name(one.tag) == "t"]
    return "".join(parts)


def unescaped(text: str) -> str:
    """Signs that XML cannot hold stand there as ``_x000D_``."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
