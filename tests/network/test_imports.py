"""Edge lists, GraphML and GEXF: round trips, bad input, unsafe XML."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from esc_sim.errors import InputError
from esc_sim.network.imports import read_network

NODES = "id,role\ns1,supplier\nm1,manufacturer\nr1,retailer\n"
ARCS = "supplier,buyer\ns1,m1\nm1,r1\n"
BOMB = """<?xml version="1.0"?>
<!DOCTYPE graphml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<graphml><graph edgedefault="directed"><node id="&b;"/></graph></graphml>
"""


def write(folder: Path, **files: str) -> dict[str, Path]:
    paths = {}
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        paths[name] = folder / f"{stem}.{ending}"
        paths[name].write_text(text, encoding="utf-8")
    return paths


@pytest.mark.parametrize("ending", ["graphml", "gexf"])
def test_xml_written_by_networkx_comes_back(tmp_path: Path, ending: str) -> None:
    graph = nx.DiGraph([("s1", "m1"), ("m1", "r1"), ("s1", "r1")])
    for node, role in (("s1", "supplier"), ("m1", "manufacturer"), ("r1", "retailer")):
        graph.nodes[node]["role"] = role
    path = tmp_path / f"net.{ending}"
    (nx.write_gexf if ending == "gexf" else nx.write_graphml)(graph, path)
    network = read_network(path)
    assert dict(zip(network.ids, network.roles, strict=True)) == {
        "s1": "supplier",
        "m1": "manufacturer",
        "r1": "retailer",
    }
    assert set(network.arcs) == set(graph.edges)


@pytest.mark.parametrize("header", ["supplier,buyer", "source,target", " From , TO ", "supplier,customer,price"])
def test_edge_list(tmp_path: Path, header: str) -> None:
    files = write(tmp_path, nodes_csv=NODES, arcs_csv=ARCS.replace("supplier,buyer", header))
    network = read_network(files["arcs_csv"], files["nodes_csv"])
    assert network.ids == ("s1", "m1", "r1")
    assert network.arcs == (("s1", "m1"), ("m1", "r1"))


def test_edge_list_lists_every_problem_with_its_line(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        nodes_csv=NODES + "m1,wholesaler\nr2,\n",
        arcs_csv=ARCS + "s1,s1\ns1,x9\n",
    )
    with pytest.raises(InputError) as caught:
        read_network(files["arcs_csv"], files["nodes_csv"])
    assert caught.value.problems == [
        "nodes.csv:5: node 'm1' is given twice",
        "nodes.csv:6: node 'r2' has no role",
        "arcs.csv:4: arc from 's1' to itself; take the loop out",
        "arcs.csv:5: arc 's1' -> 'x9': no node 'x9'",
    ]


def test_edge_list_needs_roles_and_columns(tmp_path: Path) -> None:
    files = write(tmp_path, nodes_csv=NODES, arcs_csv=ARCS, odd_csv="a,b\n1,2\n", empty_csv="")
    with pytest.raises(InputError, match=r"empty.csv: no rows"):
        read_network(files["empty_csv"])
    with pytest.raises(InputError, match=r"odd.csv:1: no column 'source' or 'from' or 'supplier'"):
        read_network(files["odd_csv"], files["nodes_csv"])
    with pytest.raises(InputError, match=r"empty.csv: no rows"):
        read_network(files["arcs_csv"], files["empty_csv"])
    with pytest.raises(InputError, match=r"none.csv: cannot be read"):
        read_network(tmp_path / "none.csv", files["nodes_csv"])
    with pytest.raises(InputError, match=r"cannot import '\.xls' files"):
        read_network(tmp_path / "net.xls")


def graphml(nodes: str, edges: str, direction: str = "directed") -> str:
    return (
        '<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="d0" for="node" attr.name="role" attr.type="string"/>'
        f'<graph edgedefault="{direction}">{nodes}{edges}</graph></graphml>'
    )


def node(name: str, role: str | None = "supplier") -> str:
    return f'<node id="{name}">' + (f'<data key="d0">{role}</data>' if role else "") + "</node>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "unsafe XML refused"),
        ('<!DOCTYPE graphml SYSTEM "http://example.org/x.dtd"><graphml/>', "unsafe XML refused"),
        ("<graphml><graph>", "not well-formed XML"),
        ("<svg/>", "not a graphml network"),
        (graphml(node("a") + node("b"), '<edge source="a" target="b"/>', "undirected"), "undirected"),
        (graphml(node("a") + node("b", None), '<edge source="a" target="b"/>'), "node 'b' has no attribute 'role'"),
        (graphml(node("a"), '<edge source="a" target="a"/>'), "arc from 'a' to itself"),
        (graphml(node("a"), '<edge source="a" target="z"/>'), "target 'z' is no node"),
        (graphml(node("a") + node("a"), ""), "node 'a' is given twice"),
    ],
)
def test_bad_xml_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "net.graphml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_network(path)


def test_gexf_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.gexf"
    path.write_text(BOMB.replace("graphml", "gexf"), encoding="utf-8")
    with pytest.raises(InputError, match="unsafe XML refused"):
        read_network(path)


@pytest.mark.parametrize(
    ("ending", "separator"), [("csv", ";"), ("csv", "\t"), ("tsv", "\t"), ("txt", ";"), ("csv", ",")]
)
@pytest.mark.parametrize("first", ["", "sep={}\n", '"sep={}"\r\n'])
def test_edge_lists_are_separated_as_tables_are(tmp_path: Path, ending: str, separator: str, first: str) -> None:
    nodes, arcs = tmp_path / f"nodes.{ending}", tmp_path / f"arcs.{ending}"
    nodes.write_text(first.format(separator) + NODES.replace(",", separator), encoding="utf-8")
    arcs.write_text(first.format(separator) + ARCS.replace(",", separator), encoding="utf-8")
    network = read_network(arcs, nodes)
    assert network.roles == ("supplier", "manufacturer", "retailer")
    assert network.arcs == (("s1", "m1"), ("m1", "r1"))


def test_a_line_below_sep_keeps_its_number(tmp_path: Path) -> None:
    files = write(tmp_path, nodes_csv="sep=;\n" + NODES.replace(",", ";") + "m1;x\n", arcs_csv=ARCS)
    with pytest.raises(InputError, match=r"^nodes.csv:6: node 'm1' is given twice$"):
        read_network(files["arcs_csv"], files["nodes_csv"])


def test_a_title_above_an_edge_list_is_one_message(tmp_path: Path) -> None:
    files = write(tmp_path, nodes_csv=NODES, arcs_csv="Our network\n\n" + ARCS.replace(",", ";"))
    with pytest.raises(InputError) as caught:
        read_network(files["arcs_csv"], files["nodes_csv"])
    assert caught.value.problems == [
        "arcs.csv:1: 'Our network' stands above the row that names the columns, which is line 3: delete what stands "
        "above it"
    ]


DEFAULT = '<key id="d0" for="node" attr.name="role" attr.type="string"><default>retailer</default></key>'
NO_DEFAULT = '<key id="d0" for="node" attr.name="role" attr.type="string"/>'


def roles_of(path: Path, text: str) -> dict[str, str]:
    path.write_text(text, encoding="utf-8")
    network = read_network(path)
    return dict(zip(network.ids, network.roles, strict=True))


def test_a_graphml_default_holds_where_a_node_gives_no_role(tmp_path: Path) -> None:
    text = graphml(node("a") + node("b", None), '<edge source="a" target="b"/>').replace(NO_DEFAULT, DEFAULT)
    assert roles_of(tmp_path / "net.graphml", text) == {"a": "supplier", "b": "retailer"}


def test_a_gexf_default_holds_where_a_node_gives_no_role(tmp_path: Path) -> None:
    text = (
        '<gexf xmlns="http://www.gexf.net/1.2draft"><graph defaultedgetype="directed">'
        '<attributes class="node"><attribute id="0" title="Role" type="string"><default>retailer</default></attribute>'
        '</attributes><nodes><node id="a"><attvalues><attvalue for="0" value="supplier"/></attvalues></node>'
        '<node id="b"/></nodes><edges><edge id="e" source="a" target="b"/></edges></graph></gexf>'
    )
    assert roles_of(tmp_path / "net.gexf", text) == {"a": "supplier", "b": "retailer"}


def group(name: str, inner: str, role: str = "") -> str:
    given = f'<data key="d0">{role}</data>' if role else ""
    return (
        f'<node id="{name}" yfiles.foldertype="group">{given}<graph edgedefault="directed" id="{name}:">{inner}</graph>'
        "</node>"
    )


def test_groups_of_yed_are_folders_and_their_role_holds_within(tmp_path: Path) -> None:
    inner = node("n0::a") + node("n0::b", None) + '<edge source="n0::a" target="n0::b"/>'
    deep = group("n1", group("n1::0", node("n1::0::c", None)), "retailer")
    text = graphml(group("n0", inner) + deep, '<edge source="n0::b" target="n1::0::c"/>')
    path = tmp_path / "net.graphml"
    assert roles_of(path, text.replace(NO_DEFAULT, DEFAULT)) == {
        "n0::a": "supplier",
        "n0::b": "retailer",
        "n1::0::c": "retailer",
    }
    assert set(read_network(path).arcs) == {("n0::a", "n0::b"), ("n0::b", "n1::0::c")}
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"^net.graphml: node 'n0::b' has no attribute 'role'$"):
        read_network(path)
    path.write_text(text.replace('target="n1::0::c"', 'target="n1"').replace(NO_DEFAULT, DEFAULT), encoding="utf-8")
    with pytest.raises(InputError, match=r"an arc's target 'n1' is a group of nodes: lead the arc to one of them"):
        read_network(path)


@pytest.mark.parametrize("ending", ["graphml", "gexf"])
@pytest.mark.parametrize("encoding", ["gb2312", "shift_jis", "big5", "euc-kr", "utf-7", "idna", "rot13", "klingon"])
def test_an_encoding_that_cannot_be_read_is_said(tmp_path: Path, ending: str, encoding: str) -> None:
    path = tmp_path / f"net.{ending}"
    text = graphml(node("a"), "").replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>')
    path.write_bytes(text.encode())
    with pytest.raises(InputError, match=r"its encoding cannot be read \(.*\): save it as UTF-8"):
        read_network(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_that_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "net.graphml"
    text = graphml(node("Zürich"), "").replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>')
    path.write_bytes(text.encode(encoding))
    assert read_network(path).ids == ("Zürich",)


def test_a_deeply_nested_file_is_read_without_recursion(tmp_path: Path) -> None:
    deep = node("a")
    for number in range(3_000):
        deep = group(f"g{number}", deep)
    assert roles_of(tmp_path / "net.graphml", graphml(deep, "")) == {"a": "supplier"}
