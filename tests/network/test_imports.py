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
    with pytest.raises(InputError, match="says nothing of roles"):
        read_network(files["arcs_csv"])
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
