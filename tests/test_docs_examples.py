"""The examples in README and docs, executed page by page in a copy of the folders that they speak of.

In a block fenced as `console` every line that starts with `$ esc-sim` is run and must end with status 0; blocks fenced
as `python` share one namespace per page. What cannot be run (it needs make or the network, or never ends) is fenced as
`text`.
"""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.ready import Ready

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["scenarios", "experiments"]
FENCE = re.compile(r"^( *)(`{3,})([^`\n]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A fenced block that can be run, and the line of the page on which its text starts."""

    language: str
    text: str
    line: int


def examples(page: str) -> list[Example]:
    """The console and python blocks of a Markdown page, in order."""
    found = []
    for match in FENCE.finditer(page):
        language, text = match[3].strip(), match[4]
        if language in {"console", "python"}:
            found.append(Example(language, textwrap.dedent(text), page.count("\n", 0, match.start(4)) + 1))
    return found


def commands(example: Example) -> list[list[str]]:
    r"""The commands of a console block as lists of words; a `\` at the end of a line continues a command.

    Raises:
        ValueError: another command than esc-sim, or none at all; such a block is to be fenced as text.
    """
    lines = example.text.replace("\\\n", " ").splitlines()
    found = [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]
    if not found or any(words[0] != "esc-sim" for words in found):
        raise ValueError(f"line {example.line}: a console block holds esc-sim commands only; fence others as text")
    return found


def run_command(words: list[str], folder: Path, ready: Ready) -> None:
    done = ready.run(words[1:], folder)
    assert done.returncode == 0, f"{shlex.join(words)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"


def run_page(page: Path, folder: Path, ready: Ready) -> int:
    """Run all examples of a page in order, in the given folder; returns how many blocks there were."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    found = examples(page.read_text(encoding="utf-8"))
    for example in found:
        if example.language == "console":
            for words in commands(example):
                run_command(words, folder, ready)
        else:
            # Blank lines in front make a traceback point at the line of the page.
            exec(compile("\n" * (example.line - 1) + example.text, str(page), "exec"), namespace)
    return len(found)


def pages_with_examples() -> list[Path]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    own = [page for page in pages if not {"_build", "_generated"} & set(page.parts)]
    return [page for page in own if examples(page.read_text(encoding="utf-8"))]


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with_examples(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOLDERS:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    assert run_page(page, tmp_path, ready) > 0


def test_examples_are_found_with_their_lines() -> None:
    console = "# T\n\n```console\n$ esc-sim check a \\\n    --x 1\nfine\n```\n\n"
    page = console + "```text\n$ make\n```\n\n- a\n\n  ```python\n  b = 1\n  ```\n"
    shell, python = examples(page)
    assert (shell.language, shell.line) == ("console", 4)
    assert commands(shell) == [["esc-sim", "check", "a", "--x", "1"]]
    assert (python.language, python.text, python.line) == ("python", "b = 1\n", 16)


@pytest.mark.parametrize("text", ["$ make test\n", "just output\n", ""])
def test_a_console_block_holds_our_commands_only(text: str) -> None:
    with pytest.raises(ValueError, match="line 7"):
        commands(Example("console", text, 7))


def test_python_blocks_share_a_namespace_and_failures_name_the_line(tmp_path: Path, ready: Ready) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\na = 2\n```\ntext\n```python\nassert a == 2\n```\n", encoding="utf-8")
    assert run_page(page, tmp_path, ready) == 2
    page.write_text("```python\na = 2\n```\ntext\n```python\nassert a == 3\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError) as failure:
        run_page(page, tmp_path, ready)
    assert failure.traceback[-1].lineno == 5  # zero-based: line 6 of the page


def test_a_command_that_fails_is_reported(tmp_path: Path, ready: Ready) -> None:
    with pytest.raises(AssertionError, match="no-such-command ended with"):
        run_command(["esc-sim", "no-such-command"], tmp_path, ready)
