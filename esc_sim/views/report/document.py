"""A report as one HTML file: every text escaped, pictures inside, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import re
from html import escape
from typing import Final

from esc_sim import __version__
from esc_sim.views.report.parts import Command, Grid, Part, Picture, Report, Section, Words

# Even if a text were to get through unescaped, a browser would run and fetch nothing.
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

_WORD: Final = 24
"""Letters up to which words in a table of numbers stay on one line."""

_NAME: Final = 20
"""Letters up to which a name stays on one line."""
_LONG: Final = 30
"""Letters of a part between marks beyond which it is broken anywhere."""
_MARKS: Final = re.compile(r"([/,](?=[^\s;]))")
"""Marks after which longer names are broken, as those of arcs."""

_TALL: Final = 1.1
"""Height over width from which a figure has a page for itself in print."""
_MANY: Final = 6
"""Columns up to which a number and its interval stay on one line; more of them would not fit a page."""
_SHORT: Final = 8
"""Rows up to which a table stays on one page."""

_STYLE: Final = """
:root { --ink: #1c2430; --muted: #5b6675; --line: #dfe3e8; --accent: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 900px; padding: 28px 24px 48px; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { border-bottom: 2px solid var(--accent); padding-bottom: 12px; margin-bottom: 18px; }
.kind { color: var(--accent); font-weight: 700; font-size: 13px; letter-spacing: .04em; text-transform: uppercase; }
h1 { font-size: 26px; line-height: 1.2; margin: 2px 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 30px 0 8px; }
p { margin: 6px 0; overflow-wrap: anywhere; }
.badge { border: 1px solid var(--muted); border-radius: 9px; padding: 1px 8px; font-weight: 600; font-size: 13px; }
.muted, figcaption, .note { color: var(--muted); font-size: 13px; }
.lead { background: #f2f7fb; border-left: 4px solid var(--accent); margin: 14px 0 18px; padding: 8px 16px; }
.answer { font-size: 18px; font-weight: 600; line-height: 1.4; }
.notices { background: #fff7e0; border-left: 4px solid #e69f00; margin: 14px 0; padding: 6px 14px; list-style: none; }
/* Shadows at the edges behind which a table goes on; they are covered where it ends. */
.wide { overflow-x: auto; background: linear-gradient(to right, #fff 40%, #fff0) left / 48px 100%,
  linear-gradient(to left, #fff 40%, #fff0) right / 48px 100%,
  linear-gradient(to right, #1c243055, #1c243000) left / 14px 100%,
  linear-gradient(to left, #1c243055, #1c243000) right / 14px 100%; background-repeat: no-repeat;
  background-attachment: local, local, scroll, scroll; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; border-bottom: 1.5px solid var(--muted); }
tbody th { font-weight: 500; min-width: 9em; max-width: 26em; overflow-wrap: break-word; }
td { overflow-wrap: break-word; }
td.long { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.word { white-space: nowrap; padding-left: 12px; }
thead .number { white-space: normal; }
.many .number { white-space: normal; }
.many th, .many td { padding-right: 6px; }
.many tbody th { min-width: 6em; }
.inner { padding-left: 18px; color: var(--muted); }
pre { background: #f4f6f8; border-radius: 6px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere;
  font-size: 13px; }
figure { margin: 14px 0 22px; }
img { max-width: 100%; height: auto; display: block; }
footer { border-top: 1px solid var(--line); margin-top: 36px; padding-top: 8px; }
@page { size: A4; margin: 18mm 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h1, h2 { break-after: avoid; }
  figure, pre, tr, .short, .lead, .notices { break-inside: avoid; }
  figcaption, .note { break-before: avoid; }
  .wide { overflow: visible; background: none; }
  thead { display: table-header-group; }
  table { font-size: 8.5pt; }
  /* Two figures fill a page. */
  figure { margin: 2mm 0 3mm; }
  img { max-height: 115mm; width: auto; margin: 0 auto; }
  .tall img { max-height: 225mm; }
}
"""


def html_page(report: Report) -> str:
    """The whole file."""
    status = f'<span class="badge">{escape(report.data)} data</span> ' if report.data else ""
    notices = "".join(f"<li>{escape(notice)}</li>" for notice in report.notices)
    body = "\n".join(_section(section) for section in report.sections if section.parts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(report.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<div class="kind">{escape(report.kind)}</div>
<h1>{escape(report.title)}</h1>
<p class="muted">{status}{escape(report.data_note)}</p>
</header>
{_lead(report)}
{f'<ul class="notices">{notices}</ul>' if notices else ""}
<main>
{body}
</main>
<footer class="muted">Written by esc_sim {escape(__version__)}.</footer>
</body>
</html>
"""


def _lead(report: Report) -> str:
    """What was asked, and the answer."""
    texts = {"question": report.question, "answer": report.answer}
    kept = {name: escape(text).replace(" %", "&nbsp;%") for name, text in texts.items() if text}
    found = "".join(f'<p class="{name}">{text}</p>' for name, text in kept.items())
    return f'<div class="lead">{found}</div>' if found else ""


def _section(section: Section) -> str:
    parts = "\n".join(_part(part) for part in section.parts)
    return f"<section>\n<h2>{escape(section.title)}</h2>\n{parts}\n</section>"


def _part(part: Part) -> str:
    if isinstance(part, Words):
        return f"<p>{escape(part.text)}</p>"
    if isinstance(part, Command):
        return f"<pre>{escape(part.text)}</pre>"
    if isinstance(part, Picture):
        data = base64.b64encode(part.png).decode("ascii")
        caption = escape(part.caption)
        width, height = (int.from_bytes(part.png[at : at + 4], "big") for at in (16, 20))
        tall = ' class="tall"' if height > _TALL * width else ""
        return (
            f'<figure{tall}><img src="data:image/png;base64,{data}" alt="{caption}">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    return _grid(part)


def _grid(grid: Grid) -> str:
    styles = [_style(grid, place) for place in range(len(grid.head))]
    head = "".join(f"<th{style}>{_broken(name)}</th>" for name, style in zip(grid.head, styles, strict=True))
    rows = []
    for row in grid.rows:
        inner = ' class="inner"' if row[0].startswith("  ") else ""
        cells = [f'<th scope="row"{inner}>{_broken(row[0].strip())}</th>']
        cells += [
            f"<td{style or _long(cell)}>{_broken(cell)}</td>" for cell, style in zip(row[1:], styles[1:], strict=True)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    note = f'<p class="note">{escape(grid.note)}</p>' if grid.note else ""
    top = f"<thead><tr>{head}</tr></thead>" if any(grid.head) else ""
    table = f"<table>{top}<tbody>\n{chr(10).join(rows)}\n</tbody></table>"
    short = " short" if len(rows) <= _SHORT else ""
    many = " many" if len(grid.head) > _MANY else ""
    return f'<div class="wide{short}{many}">{table}</div>{note}'


def _broken(cell: str) -> str:
    """A cell in which long names are broken after a mark within them, if at all; see also :func:`_long`."""
    words = " ".join(
        escape(word) if len(word) <= _NAME else _MARKS.sub(r"\1<wbr>", escape(word)) for word in cell.split(" ")
    )
    return words.replace(" %", "&nbsp;%").replace("± ", "±&nbsp;")


def _long(cell: str) -> str:
    """Class of a cell with a word that no column could hold, which is broken anywhere."""
    return ' class="long"' if any(len(part) > _LONG for part in _MARKS.split(cell.replace(" ", "/"))) else ""


def _style(grid: Grid, place: int) -> str:
    """Class of a column's cells: numbers to the right; short words beside them to the left, on one line."""
    unit = place == len(grid.head) - 1 and grid.head[place] == "unit"
    if not grid.numbers or place == 0 or unit:
        return ""
    cells = [row[place].lstrip("+-\N{MINUS SIGN} ") for row in grid.rows]
    if not any(cells) or any(cell[:1].isdigit() for cell in cells):
        return ' class="number"'
    return ' class="word"' if max(map(len, cells)) <= _WORD else ""
