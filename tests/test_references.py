"""Every page and every heading that the project speaks of is there: in docs, schemas, messages, docstrings, ledgers."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MADE = {"_build", "_generated", "build"}
PAGE = re.compile(r"\bdocs/(?:guides|background|reference)/[\w./-]*\w(?:#[\w-]+)?")
LINK = re.compile(r"\]\(([^)\s]*)\)")
FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2 *$", re.MULTILINE | re.DOTALL)


def own(folder: str, *endings: str) -> list[Path]:
    """Files of a folder with one of the endings, but those that are made."""
    found = (path for ending in endings for path in (ROOT / folder).rglob(f"*.{ending}"))
    return sorted(path for path in found if not MADE & set(path.relative_to(ROOT).parts))


def pages() -> list[Path]:
    """Everything that people read as a page."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *(p for f in ("docs", "experiments", "scenarios")
                                                        for p in own(f, "md"))]  # fmt: skip


def speaking() -> list[Path]:
    """Everything that may name a page: programs with their schemas and messages, scenarios, pages."""
    programs = [p for f in ("esc_sim", "experiments", "scenarios", "docs") for p in own(f, "py", "yaml", "json", "js")]
    return [*pages(), *programs]


@cache
def anchors(page: Path) -> frozenset[str]:
    """Names by which a page's headings are linked to, as MyST makes them, and names put before them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found: set[str] = set(re.findall(r"^\(([\w-]+)\)=$", text, flags=re.MULTILINE))
    for title in re.findall(r"^#{1,6} +(.+?) *$", text, flags=re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", title).strip().lower()).replace(" ", "-")
        count = sum(name == slug or re.fullmatch(re.escape(slug) + r"-\d+", name) is not None for name in found)
        found.add(f"{slug}-{count}" if count else slug)
    return frozenset(found)


@cache
def labels() -> frozenset[str]:
    """Names put before headings, which a link reaches from any page; those of pages that programs write, too."""
    texts = (path.read_text(encoding="utf-8") for path in own("docs", "md", "py"))
    return frozenset(name for text in texts for name in re.findall(r'^(?:.*""")?\(([\w-]+)\)=$', text, re.MULTILINE))


def problem(target: str, page: Path | None) -> str:
    """What is wrong with a page and a heading on it, or nothing."""
    _, _, anchor = target.partition("#")
    if page is None or not page.exists():
        return f"there is no {target}"
    return f"no heading for {target}" if anchor and page.suffix == ".md" and anchor not in anchors(page) else ""


def named(target: str) -> Path:
    """The page that a text such as docs/guides/design or docs/guides/design.md#x names."""
    path = ROOT / target.partition("#")[0]
    return path if path.suffix or path.is_dir() else path.with_suffix(".md")


def test_pages_that_programs_and_texts_name_exist() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {wrong}"
        for path in speaking()
        for target in PAGE.findall(path.read_text(encoding="utf-8"))
        if (wrong := problem(target, named(target)))
    ]
    assert found == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_a_heading(page: Path) -> None:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    prose = re.sub(r"`[^`\n]*`", "", prose)
    found = []
    for target in LINK.findall(prose):
        if not re.match(r"[a-z]+:", target) and "_generated" not in target:
            file, _, label = target.partition("#")
            if file or label not in labels():
                found += [wrong] if (wrong := problem(target, page.parent / file if file else page)) else []
    assert found == []


def test_a_page_and_a_heading_that_are_missing_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Two words, and `code`\n\n(own-name)=\n## Again\n\n## Again\n\n```text\n# none\n```\n")
    assert anchors(page) == {"two-words-and-code", "own-name", "again", "again-1"}
    assert problem("page.md#again", page) == ""
    assert problem("page.md#none", page) == "no heading for page.md#none"
    assert problem("other.md", tmp_path / "other.md") == "there is no other.md"
    assert not named("docs/background/transactions").exists()
    assert named("docs/guides/scenarios#x") == ROOT / "docs/guides/scenarios.md"
