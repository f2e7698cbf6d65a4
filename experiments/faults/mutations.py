"""Mistakes in the files of a scenario: of values, keys, lines, cells, rows, encodings, and whole files."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import yaml

from experiments.faults.shipped import shipped

Files = dict[str, bytes]
"""Content of each file of a scenario, by name."""

NUMBERS = (
    *("0", "-1", "1", "2", "0.5", "1e-9", "1e-300", "-1e-300", "1e9", "1e15", "1e16", "1e308", "-1e308", "1e999"),
    *(".nan", ".inf", "9223372036854775808", "10000001", "1_000", "1,5", "1,000", "0x10", "007", "1.0000000001"),
)
WORDS = ("", "null", "true", "no", "shop", "goods", "Ω", "a/b", "'", '"', "[]", "{}", "[1, 2]", "{law: poisson}", "*a")
MARKS = ("\t", "\x00", "\x85", "\u2028", "\ufeff", ":", "- ", "#", '"', "'", "{", "]", "&a ", "!!int ", "---\n", "\r")
LAWS = (
    {"law": "poisson", "mean": 3},
    {"law": "uniform", "low": 0, "high": 0},
    {"law": "geometric", "probability": 0.01},
    {"law": "gamma", "mean": 1e-6, "sd": 1e6},
    {"law": "exponential", "mean": 1e-9},
    {"law": "constant", "value": 0},
    {"law": "normal", "mean": 0, "sd": 1e9},
    {"law": "discrete", "values": [0, 1e9], "probabilities": [0.5, 0.5]},
    {"law": "truncated_normal", "mean": 1e-5, "sd": 1e-9, "low": 0, "high": 1},
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig", "cp037", "utf-7", "gb2312", "big5")
XML_ENCODINGS = (b"gb2312", b"shift_jis", b"big5", b"euc-kr", b"utf-7", b"idna", b"rot13", b"klingon", b"utf-16", b"")


def mutated(files: Files, chance: random.Random) -> tuple[Files, str]:
    """The files with one to three mistakes, and the names of the mistakes."""
    files, made = dict(files), []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        name = chance.choice(sorted(files))
        kinds = KINDS["any"] + KINDS.get(name.rpartition(".")[2], ())
        kind = chance.choice(kinds)
        kind(files, name, chance)
        made.append(f"{kind.__name__.strip('_')} in {name}")
    return files, ", ".join(made)


def _text(files: Files, name: str) -> str:
    return files[name].decode(errors="replace")


def _value(chance: random.Random, text: str) -> str:
    """Something to write in place of a value: a number, a word, or a word of the file."""
    words = re.findall(r"[\w.-]+", text[:20_000]) or ["a"]
    return chance.choice((chance.choice(NUMBERS), chance.choice(WORDS), chance.choice(words)))


# Of any file.
def _cut_off(files: Files, name: str, chance: random.Random) -> None:
    files[name] = files[name][: chance.randrange(len(files[name]) + 1)]


def _damaged_bytes(files: Files, name: str, chance: random.Random) -> None:
    raw = bytearray(files[name])
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(raw) + 1)
        raw[start : start + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    files[name] = bytes(raw)


def _other_encoding(files: Files, name: str, chance: random.Random) -> None:
    files[name] = _text(files, name).encode(chance.choice(ENCODINGS), errors="replace")


def _file_missing(files: Files, name: str, chance: random.Random) -> None:
    if name != "scenario.yaml":
        del files[name]


def _swapped_files(files: Files, name: str, chance: random.Random) -> None:
    other = chance.choice(sorted(files))
    files[name], files[other] = files[other], files[name]


def _foreign_file(files: Files, name: str, chance: random.Random) -> None:
    donor = chance.choice(shipped()).files
    files[name] = donor.get(name, donor[chance.choice(sorted(donor))])


def _spliced_marks(files: Files, name: str, chance: random.Random) -> None:
    text = _text(files, name)
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text) + 1)
        text = text[:start] + chance.choice((*MARKS, *WORDS)) + text[start + chance.randint(0, 4) :]
    files[name] = text.encode(errors="replace")


# Of lines.
def _lines(change: Callable[[list[str], int, random.Random], None]) -> Callable[[Files, str, random.Random], None]:
    def kind(files: Files, name: str, chance: random.Random) -> None:
        lines = _text(files, name).split("\n")
        change(lines, chance.randrange(len(lines)), chance)
        files[name] = "\n".join(lines).encode(errors="replace")

    kind.__name__ = change.__name__
    return kind


@_lines
def _line_deleted(lines: list[str], at: int, chance: random.Random) -> None:
    del lines[at]


@_lines
def _line_twice(lines: list[str], at: int, chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines)), lines[at])


@_lines
def _indented(lines: list[str], at: int, chance: random.Random) -> None:
    lines[at] = chance.choice(("  ", " ", "\t", "- ")) + lines[at] if chance.random() < 0.5 else lines[at].lstrip()


@_lines
def _written_value(lines: list[str], at: int, chance: random.Random) -> None:
    places = [number for number, line in enumerate(lines) if ": " in line] or [at]
    at = chance.choice(places)
    found = list(re.finditer(r": +([^,{}\[\]]+)", lines[at]))
    if found:
        start, end = chance.choice(found).span(1)
        lines[at] = lines[at][:start] + _value(chance, "\n".join(lines)) + lines[at][end:]


# Of the values that a YAML file holds.
def _tree(change: Callable[[Any, Any, random.Random], None]) -> Callable[[Files, str, random.Random], None]:
    """A change of a mapping or list, found anywhere in the file; ``key`` is one of its keys or numbers."""

    def kind(files: Files, name: str, chance: random.Random) -> None:
        try:
            data = yaml.load(files[name], Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, ValueError):
            return
        groups = list(_groups(data))
        if not groups:
            return
        group = chance.choice(groups)
        change(group, chance.choice(list(group) if isinstance(group, dict) else range(len(group))), chance)
        files[name] = yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode(
            errors="replace"
        )

    kind.__name__ = change.__name__
    return kind


def _groups(data: Any) -> Any:
    if isinstance(data, (dict, list)) and data:
        yield data
        for value in data.values() if isinstance(data, dict) else data:
            yield from _groups(value)


@_tree
def _entry_deleted(group: Any, key: Any, chance: random.Random) -> None:
    del group[key]


@_tree
def _entry_twice(group: Any, key: Any, chance: random.Random) -> None:
    if isinstance(group, list):
        group.append(group[key])
    else:
        group[f"{key}_2"] = group[key]


@_tree
def _renamed(group: Any, key: Any, chance: random.Random) -> None:
    if isinstance(group, dict):
        group[chance.choice((f"{key}s", str(key)[1:], str(key).upper(), "law", "mean", "id"))] = group.pop(key)


@_tree
def _number_of_another_size(group: Any, key: Any, chance: random.Random) -> None:
    if isinstance(group[key], (int, float)):
        group[key] = chance.choice((-1.0, 0, 1e-9, 1e-3, 0.5, 2, 1e3, 1e9, 1e20)) * group[key]
    else:
        group[key] = yaml.safe_load(chance.choice(NUMBERS))


@_tree
def _law(group: Any, key: Any, chance: random.Random) -> None:
    group[key] = dict(chance.choice(LAWS))


@_tree
def _wrapped(group: Any, key: Any, chance: random.Random) -> None:
    group[key] = chance.choice(([group[key]], {"mean": group[key]}, str(group[key]), None, True, [], {}))


@_tree
def _swapped_values(group: Any, key: Any, chance: random.Random) -> None:
    other = chance.choice(list(group) if isinstance(group, dict) else range(len(group)))
    group[key], group[other] = group[other], group[key]


def _foreign_section(files: Files, name: str, chance: random.Random) -> None:
    """A section of another scenario."""
    try:
        data = yaml.load(files[name], Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return
    donor = yaml.load(chance.choice(shipped()).files["scenario.yaml"], Loader=yaml.CSafeLoader)
    if isinstance(data, dict):
        key = chance.choice(sorted(donor))
        data[key] = donor[key]
        files[name] = yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode()


# Of tables.
def _cells(change: Callable[[list[list[str]], random.Random], None]) -> Callable[[Files, str, random.Random], None]:
    def kind(files: Files, name: str, chance: random.Random) -> None:
        try:
            rows = list(csv.reader(io.StringIO(_text(files, name), newline="")))
        except csv.Error:
            return
        if rows and rows[0]:
            change(rows, chance)
            written = io.StringIO()
            csv.writer(written, delimiter=chance.choice(",,,,;\t|")).writerows(rows)
            files[name] = written.getvalue().encode(errors="replace")

    kind.__name__ = change.__name__
    return kind


@_cells
def _cell(rows: list[list[str]], chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 5))):
        row = chance.choice(rows)
        if row:
            row[chance.randrange(len(row))] = _value(chance, "\n".join(map(",".join, rows[:200])))


@_cells
def _column_deleted(rows: list[list[str]], chance: random.Random) -> None:
    at = chance.randrange(len(rows[0]))
    for row in rows:
        del row[at : at + 1]


@_cells
def _column_renamed(rows: list[list[str]], chance: random.Random) -> None:
    at = chance.randrange(len(rows[0]))
    rows[0][at] = chance.choice((rows[0][0], rows[0][at] + "s", "", "demand.law", "order.policy", "when", "product"))


@_cells
def _row_twice(rows: list[list[str]], chance: random.Random) -> None:
    rows.append(list(chance.choice(rows)))


@_cells
def _row_deleted(rows: list[list[str]], chance: random.Random) -> None:
    del rows[chance.randrange(len(rows))]


@_cells
def _title(rows: list[list[str]], chance: random.Random) -> None:
    rows.insert(0, chance.choice((["Our network"], ["Our network", *[""] * (len(rows[0]) - 1)], ["sep=,"], ["sep=;"])))


# Of workbooks.
def _workbook_part(files: Files, name: str, chance: random.Random) -> None:
    """A part of the archive in another encoding, or damaged, or with another value."""
    try:
        with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
            parts = {part: archive.read(part) for part in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error):
        return
    part = chance.choice(sorted(parts))
    how = chance.randrange(3)
    if how == 0:
        body = re.sub(rb"^<\?xml[^>]*>\s*", b"", parts[part])
        parts[part] = b'<?xml version="1.0" encoding="' + chance.choice(XML_ENCODINGS) + b'"?>' + body
    elif how == 1:
        _damaged_bytes(parts, part, chance)
    else:
        values = list(re.finditer(rb"<[vt]>([^<]*)<", parts[part]))
        if values:
            start, end = chance.choice(values).span(1)
            parts[part] = parts[part][:start] + chance.choice((*NUMBERS, "x")).encode() + parts[part][end:]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, raw in parts.items():
            archive.writestr(part, raw)
    files[name] = packed.getvalue()


KINDS: dict[str, tuple[Callable[[Files, str, random.Random], None], ...]] = {
    "any": (_cut_off, _damaged_bytes, _other_encoding, _file_missing, _swapped_files, _foreign_file, _spliced_marks),
    "yaml": (
        *(_line_deleted, _line_twice, _indented, *[_written_value] * 6, *[_entry_deleted] * 2, _entry_twice, _renamed),
        *(*[_number_of_another_size] * 6, *[_law] * 3, _wrapped, _swapped_values, _foreign_section, _foreign_section),
    ),
    "csv": (
        *(_line_deleted, _line_twice, *[_cell] * 8, _column_deleted, _column_renamed, _row_twice, _row_deleted, _title),
    ),
    "xlsx": (_workbook_part,) * 12,
}
"""Kinds of mistakes of a file by the ending of its name, and those of any file; the likelier ones several times."""
