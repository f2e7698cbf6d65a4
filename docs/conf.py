"""Sphinx configuration; it also writes the reference pages, from the package and from the command line."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PACKAGE = ROOT / "esc_sim"
GENERATED = DOCS / "reference" / "_generated"
sys.path[:0] = [str(ROOT), str(DOCS)]

from esc_sim import __version__  # noqa: E402

project = "esc_sim"
author = "The esc_sim developers"
project_copyright = "2026, The esc_sim developers"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# Attributes of one name in two classes are no fault.
suppress_warnings = ["ref.python"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"esc_sim {release}"
html_search_scorer = str(DOCS / "search_scorer.js")
html_static_path = ["static"]
html_css_files = ["keys.css"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Re-exports are documented where they are defined, so a module's __all__ plays no part.
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "ignore-module-all": True,
    "exclude-members": "model_config",
}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def public_modules() -> list[str]:
    """Names of all modules of the package but private ones and the command line, which has a page of its own."""
    names = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ["esc_sim", *path.relative_to(PACKAGE).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
        if parts[:2] != ["esc_sim", "cli"] and not any(part.startswith("_") for part in parts):
            names.append(".".join(parts))
    return names


def write_if_changed(path: Path, text: str) -> None:
    """Leave an unchanged page untouched, so that Sphinx need not read it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def write_api_pages() -> None:
    """One page per package, with its modules, and an index of them; a page per module would fill the sidebar."""
    pages: dict[str, list[str]] = {}
    for name in public_modules():
        package = name if (PACKAGE.parent / name.replace(".", "/")).is_dir() else name.rpartition(".")[0]
        pages.setdefault(package, []).append(name)
    wanted = {GENERATED / "api" / f"{package}.rst" for package in pages}
    for stale in set((GENERATED / "api").glob("*.rst")) - wanted:
        stale.unlink()
    for package, modules in pages.items():
        parts = [_heading(package, "=")]
        for name in modules:
            parts += [] if name == package else [_heading(name.removeprefix("esc_sim."), "-")]
            parts += [f".. automodule:: {name}\n"]
        write_if_changed(GENERATED / "api" / f"{package}.rst", "\n".join(parts))
    entries = "\n".join(f"   api/{package}" for package in pages)
    write_if_changed(GENERATED / "api.rst", f"Python\n======\n\n.. toctree::\n   :maxdepth: 1\n\n{entries}\n")


def _heading(title: str, line: str) -> str:
    title = title.replace("_", r"\_")
    return f"{title}\n{line * len(title)}\n"


def write_cli_page() -> None:
    """The commands with their options, as typer itself writes them down."""
    if not (PACKAGE / "cli").exists():
        return
    from typer.cli import get_docs_for_click
    from typer.main import get_command

    from esc_sim.cli.entry import build_app

    group = get_command(build_app())
    with group.make_context("esc-sim", [], resilient_parsing=True) as context:
        text = get_docs_for_click(obj=group, ctx=context, name="esc-sim")
    write_if_changed(GENERATED / "cli.md", text)


def write_key_page() -> None:
    """Every key of a scenario, from the schema."""
    import scenario_keys

    write_if_changed(GENERATED / "keys.md", scenario_keys.page())


def write_quantities_page() -> None:
    """Every quantity of items, nodes, arcs and results, from the rows that declare it."""
    import quantities

    write_if_changed(GENERATED / "quantities.md", quantities.page())


def write_names_page() -> None:
    """The usual names of sheets and columns, from the list that an import reads."""
    import usual_names

    write_if_changed(GENERATED / "names.md", usual_names.page())


def write_ledger_pages() -> None:
    """The ledgers of experiments, which stand beside the experiments' tables, as pages that search finds."""
    experiments = ROOT / "experiments"
    for path in (experiments / "README.md", *sorted(experiments.glob("*/LEDGER.md"))):
        text = re.sub(r"\]\((\w+)/LEDGER\.md\)", r"](\1.md)", path.read_text(encoding="utf-8"))
        text = text.replace("](../docs/", "](../../../").replace("](../README.md", "](papers.md")
        name = "papers" if path.parent == experiments else path.parent.name
        write_if_changed(GENERATED / "ledger" / f"{name}.md", text)


def escape_mathematics(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep |x| and x_ in docstrings what they are in plain text, instead of substitutions and link targets.

    Text between backticks, examples, and docstrings with literal blocks are left alone.
    """
    if any(line.endswith("::") for line in lines):
        return
    for place, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...", "| ")):
            parts = re.split(r"(`+[^`]*`+)", line)
            parts[::2] = [re.sub(r"\||(?<=\w)_(?!\w)", r"\\\g<0>", part) for part in parts[::2]]
            lines[place] = "".join(parts)


def setup(app: Any) -> None:
    """Called by Sphinx. The escaping comes before napoleon, whose priority is 500."""
    app.connect("autodoc-process-docstring", escape_mathematics, priority=400)


write_api_pages()
write_cli_page()
write_key_page()
write_names_page()
write_quantities_page()
write_ledger_pages()
