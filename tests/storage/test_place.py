"""Places for results: claimed, filled, replaced, kept elsewhere, and what killed processes leave."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.storage.exchange import in_steps, put_back
from esc_sim.storage.files import UnwritableError, new_file, write_text
from esc_sim.storage.lines import Lines
from esc_sim.storage.names import aside_of, checkpoint_beside, partial_of
from esc_sim.storage.place import claimed
from esc_sim.storage.unfinished import Unfinished
from tests.helpers.command import ENVIRONMENT

Content = dict[str, Any]


def filled(text: str) -> Callable[[Path], Content]:
    """Writes one file with this text."""

    def fill(folder: Path) -> Content:
        write_text(folder / "table.csv", text)
        return {"format": "x"}

    return fill


def saved(out: Path, text: str, *, force: bool = False) -> None:
    with claimed(out, kind="x", force=force) as place:
        place.save(filled(text))


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_claim_without_results_leaves_nothing(tmp_path: Path) -> None:
    with claimed(tmp_path / "a" / "b" / "out", kind="x"):
        assert names(tmp_path / "a" / "b") == [".out.partial"]
    assert names(tmp_path) == []


def test_nobody_else_gets_a_claimed_place(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = f"""
from pathlib import Path
from esc_sim.storage.place import claimed
with claimed(Path({str(out)!r}), kind="x"):
    print("claimed")
"""

    def other() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True)

    with claimed(out, kind="x") as place:
        assert "another esc-sim is at work on it" in other().stderr
        with pytest.raises(InputError, match="another esc-sim is at work"), claimed(out, kind="x"):
            pass
        place.save(filled("1"))
    assert "holds results already" in other().stderr
    assert names(tmp_path) == ["out"]


def test_the_last_rename_refuses_what_has_come_in_the_meantime(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def overtaken(folder: Path) -> Content:
        out.mkdir()
        (out / "mine").write_text("1")
        return filled("late")(folder)

    with pytest.raises(InputError, match=r"is not empty.*; the results are in .*out\.2"), claimed(out, kind="x") as p:
        p.save(overtaken)
    assert (out / "mine").read_text() == "1"
    assert (tmp_path / "out.2" / "table.csv").read_text() == "late"
    assert names(tmp_path) == ["out", "out.2"]


def test_what_cannot_be_written_is_kept_with_the_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    out = tmp_path / "out"
    saved(out, "old")

    def too_long_here(folder: Path) -> Content:
        if folder.parent == tmp_path:
            write_text(folder / ("x" * 300), "")
        return filled("new")(folder)

    said = "File name too long; the results are kept in"
    with pytest.raises(UnwritableError, match=said) as caught, claimed(out, kind="x", force=True) as place:
        place.save(too_long_here)
    (kept,) = (tmp_path / "temporary").iterdir()
    assert str(kept) in str(caught.value)
    assert (kept / "table.csv").read_text() == "new"
    assert (out / "table.csv").read_text() == "old"
    assert names(tmp_path) == ["out", "temporary"]


def test_names_that_cannot_be_are_refused_before_the_work(tmp_path: Path) -> None:
    for name in ("x" * 256, "é" * 200):
        with pytest.raises(InputError, match="File name too long"), claimed(tmp_path / name / "out", kind="x"):
            raise AssertionError
        with pytest.raises(InputError, match="File name too long"), claimed(tmp_path / name, kind="x"):
            raise AssertionError
    saved(tmp_path / ("x" * 255), "1")
    saved(tmp_path / ("x" * 255), "2", force=True)
    assert names(tmp_path) == ["x" * 255]


def test_links_are_followed_and_those_in_a_circle_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    write_text(tmp_path / "link", "1")
    write_text(tmp_path / "link", "2")
    assert (tmp_path / "link").readlink() == Path("file")
    assert (tmp_path / "file").read_text() == "2"
    (tmp_path / "circle").symlink_to("circle")
    for out in (tmp_path / "circle", tmp_path / "circle" / "out"):
        with pytest.raises(InputError), claimed(out, kind="x"):
            raise AssertionError
    assert names(tmp_path) == ["circle", "file", "link"]


def test_what_is_no_file_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    write_text(Path(f"/dev/fd/{writing}"), "through the pipe")
    os.close(writing)
    with os.fdopen(reading) as stream:
        assert stream.read() == "through the pipe"
    os.mkfifo(tmp_path / "pipe")
    with os.fdopen(os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)) as stream:
        write_text(tmp_path / "pipe", "1")
        assert stream.read() == "1"
    assert (tmp_path / "pipe").is_fifo()
    with pytest.raises(UnwritableError, match="No space left on device"):
        write_text(Path("/dev/full"), "1")
    assert Path("/dev/full").is_char_device()


def test_what_killed_processes_left_is_cleared_away(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for folder in (partial_of(out), partial_of(checkpoint_beside(out))):
        (folder / "half").mkdir(parents=True)
        (folder / "half" / "table").write_text("1,2")
    partial_of(tmp_path / "file").write_text("half, and longer than what comes")
    saved(out, "new")
    write_text(tmp_path / "file", "whole")
    assert names(tmp_path) == ["file", "out"]
    assert (tmp_path / "file").read_text() == "whole"


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "old")
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "file") as stream:
        stream.write(b"%d" % (1 // (stream.write(b"new") - 3)))
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_folders_are_exchanged_in_steps_where_the_system_cannot(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    saved(old, "old")
    saved(new, "new")
    in_steps(new, old)
    assert ((old / "table.csv").read_text(), (new / "table.csv").read_text()) == ("new", "old")
    assert names(tmp_path) == ["new", "old"]
    # Killed after its first rename, after its second:
    old.rename(aside_of(old))
    put_back(old)
    assert (old / "table.csv").read_text() == "new"
    new.rename(aside_of(old))
    put_back(old)
    assert (old / "table.csv").read_text() == "new"
    assert names(tmp_path) == ["old"]


def test_a_failing_exchange_in_steps_is_taken_back(tmp_path: Path) -> None:
    saved(tmp_path / "old", "old")
    with pytest.raises(FileNotFoundError):
        in_steps(tmp_path / "missing", tmp_path / "old")
    assert (tmp_path / "old" / "table.csv").read_text() == "old"
    assert names(tmp_path) == ["old"]


def test_a_row_that_is_no_json_is_not_kept(tmp_path: Path) -> None:
    work = Unfinished("work", "work.json", ("rows.jsonl",), dict)
    lines = Lines(work, tmp_path / "out", {"a": 1}, resume=False, force=False, is_row=bool, most=None)
    lines.add({"value": 1.0})
    with pytest.raises(ValueError, match="JSON"):
        lines.add({"value": math.nan})
    again = Lines(work, tmp_path / "out", {"a": 1}, resume=True, force=False, is_row=bool, most=None)
    assert again.rows == [{"value": 1.0}]
