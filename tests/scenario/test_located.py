"""YAML with places: what scalars mean, where values and mistakes stand, and the limits, each at its edge."""

from __future__ import annotations

import math
from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.located import MAX_DEPTH, MAX_VALUES, Located, read_yaml, scalar_of


def read(text: str) -> Located:
    root, problems = read_yaml(text, "a.yaml")
    assert problems == []
    assert root is not None
    return root


def refused(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_yaml(text, "a.yaml")
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
        *[(text, text) for text in ("nUll", "no", "yes", "on", "1:30", "0x10", "1_000", "1e", ".", "+", "e3", "tRue")],
        *[
            ("007", 7),
            ("-3", -3),
            ("+12", 12),
            ("1.50", 1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("-1E-2", -0.01),
        ],
        *[(".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf), ("1.5.2", "1.5.2"), (".nan5", ".nan5")],
        ("9" * 30, 10**30 - 1),
        ("9" * 31, 1e31),
    ],
)
def test_what_a_scalar_means(text: str, expected: Any) -> None:
    found = scalar_of(text)
    assert found == expected
    assert type(found) is type(expected)


def test_not_a_number() -> None:
    assert all(math.isnan(scalar_of(text)) for text in (".nan", ".NaN", ".NAN"))


def test_values_keys_and_their_places() -> None:
    root = read("a: 1\nb:\n  - x\n  - {c: 'no', d: 007}\n")
    assert root.plain() == {"a": 1, "b": ["x", {"c": "no", "d": 7}]}
    found = {path: root.at(path) for path in [("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "c"), ("b", 1, "d")]}
    places = {path: (value.line, value.column, value.key) for path, value in found.items() if value is not None}
    assert places == {
        ("a",): (1, 4, (1, 1)),
        ("b",): (3, 3, (2, 1)),
        ("b", 0): (3, 5, None),
        ("b", 1): (4, 5, None),
        ("b", 1, "c"): (4, 9, (4, 6)),
        ("b", 1, "d"): (4, 18, (4, 15)),
    }
    assert (root.line, root.column, root.key) == (1, 1, None)
    assert root.at(()) is root
    for path in [("c",), ("a", "b"), ("b", 2), ("b", "0"), ("b", 0, 0), ("a", 0)]:
        assert root.at(path) is None
    assert root.plain() is not root.plain()


def test_what_is_written_is_kept_where_it_is_no_text() -> None:
    root = read("[007, 1e3, true, x, '007', ~]")
    assert [value.text for value in root.content] == ["007", "1e3", "true", None, None, "~"]


def test_sizes_count_aliases_as_what_they_stand_for() -> None:
    root = read("a: &one [1, 2]\nb: *one\nc: [*one, *one]\n")
    assert root.plain() == {"a": [1, 2], "b": [1, 2], "c": [[1, 2], [1, 2]]}
    assert [root.content[name].size for name in "abc"] == [3, 3, 7]
    assert root.size == 14
    alias = root.at(("b",))
    assert alias is not None
    assert (alias.line, alias.column) == (2, 4)
    number = read("a: &n 007\nb: *n\n").at(("b",))
    assert number is not None
    assert (number.content, number.text, number.size) == (7, "007", 1)


def test_nothing_and_empty_documents() -> None:
    assert read_yaml("", "a.yaml") == (None, [])
    assert read_yaml("# only words\n", "a.yaml") == (None, [])
    assert read("---\na: 1\n").plain() == {"a": 1}


def test_depth_at_its_limit() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(deepest).content
    assert refused(f"[{deepest}]") == [f"a.yaml:1:{MAX_DEPTH + 1}: nested more than 40 deep"]
    assert MAX_DEPTH == 40


def test_number_of_values_at_its_limit() -> None:
    """Ten lists of aliases multiply; the list of all counts itself."""
    lists = ["- &a0 [1]"] + [f"- &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 6)]
    sizes = [2]
    for _ in range(5):
        sizes.append(1 + 10 * sizes[-1])
    whole = read("\n".join(lists))
    assert [value.size for value in whole.content] == sizes
    assert MAX_VALUES == 1_000_000
    rest = MAX_VALUES - whole.size
    full = "\n".join([*lists, "- *a5", "- *a5", "- *a5"])
    used = whole.size + 3 * sizes[5]
    assert used < MAX_VALUES < whole.size + 4 * sizes[5]
    fitting = f"{full}\n- [{', '.join(['1'] * (MAX_VALUES - used - 1))}]"
    assert rest > 0
    assert read(fitting).size == MAX_VALUES
    (problem,) = refused(f"{fitting}\n- 1")
    assert "more than 1,000,000 values (aliases counted as what they stand for); use tables" in problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1: a second YAML document begins here; one file holds one scenario"),
        ("a: *b\n", "a.yaml:1:4: alias *b has no anchor &b before it"),
        ("a: &b [1, *b]\n", "a.yaml:1:11: alias *b stands within what it names: a cycle"),
        ("a: 1\n<<: {b: 2}\n", "a.yaml:2:1: merge keys ('<<') are not read: write the keys out"),
        ("? [1]\n: 2\n", "a.yaml:1:3: a key must be a name, not a list or a mapping"),
        ("a: &n x\n? *n\n: 2\n", "a.yaml:2:3: a key must be a name, not an alias"),
        ("a: !!int 3\n", "a.yaml:1:4: YAML tags are not read (found 'tag:yaml.org,2002:int'): write the plain value"),
        ("a: !x [1]\n", "a.yaml:1:4: YAML tags are not read (found '!x'): write the plain value"),
        ("a: 1\nb: \x07\n", "a.yaml:2:4: control character U+0007 is not text"),
        ("\x00", "a.yaml:1:1: control character U+0000 is not text"),
        ("a:\n\tb: 1\n", "a.yaml:2:1: a tab cannot indent YAML: use spaces"),
        ("a: b: c\n", "a.yaml:1:5: not valid YAML: ':' is not expected here"),
    ],
)
def test_what_is_refused_and_where(text: str, expected: str) -> None:
    problems = refused(text)
    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_a_quoted_merge_key_is_a_name() -> None:
    assert read("'<<': 1\n").plain() == {"<<": 1}


def test_a_list_that_does_not_end_says_where_it_begins() -> None:
    (problem,) = refused("a: 1\nb: [1,\n  2\nc: 3\n")
    assert problem.startswith("a.yaml:")
    assert "not valid YAML" in problem
    assert "begun in line 2" in problem


def test_keys_that_stand_twice_are_all_told() -> None:
    root, problems = read_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n", "a.yaml")
    assert problems == [
        "a.yaml:2:11: key 'c' stands here twice (first in line 2)",
        "a.yaml:3:1: key 'a' stands here twice (first in line 1)",
        "a.yaml:4:1: key 'a' stands here twice (first in line 1)",
    ]
    assert root is not None
    assert root.plain() == {"a": 4, "b": {"c": 2}}
    # They stand before what stops the reading, too.
    assert refused("a: 1\na: 2\nb: *c\n") == [
        "a.yaml:2:1: key 'a' stands here twice (first in line 1)",
        "a.yaml:3:4: alias *c has no anchor &c before it",
    ]
    assert refused("a: 1\na: 2\nb: [\n")[0] == "a.yaml:2:1: key 'a' stands here twice (first in line 1)"


def test_text_before_a_tab_is_no_indentation() -> None:
    (problem,) = refused("a: b:\tc\n")
    assert "tab" not in problem
