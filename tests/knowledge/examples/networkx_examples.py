"""How the rows of networkx.toml are called."""

from __future__ import annotations

SETUP = """
import networkx
path = networkx.path_graph(5)
"""

EXAMPLES = {
    "networkx.barabasi_albert_graph": "networkx.barabasi_albert_graph(9, 2)",
    "networkx.configuration_model": "networkx.configuration_model([2, 2, 2])",
    "networkx.connected_watts_strogatz_graph": "networkx.connected_watts_strogatz_graph(9, 2, 0.5)",
    "networkx.double_edge_swap": "networkx.double_edge_swap(networkx.cycle_graph(9))",
    "networkx.erdos_renyi_graph": "networkx.erdos_renyi_graph(9, 0.5)",
    "networkx.fast_gnp_random_graph": "networkx.fast_gnp_random_graph(9, 0.5)",
    "networkx.fruchterman_reingold_layout": "networkx.fruchterman_reingold_layout(path)",
    "networkx.gnm_random_graph": "networkx.gnm_random_graph(9, 5)",
    "networkx.gnp_random_graph": "networkx.gnp_random_graph(9, 0.5)",
    "networkx.newman_watts_strogatz_graph": "networkx.newman_watts_strogatz_graph(9, 2, 0.5)",
    "networkx.powerlaw_cluster_graph": "networkx.powerlaw_cluster_graph(9, 2, 0.5)",
    "networkx.random_geometric_graph": "networkx.random_geometric_graph(9, 0.5)",
    "networkx.random_labeled_tree": "networkx.random_labeled_tree(9)",
    "networkx.random_layout": "networkx.random_layout(path)",
    "networkx.random_regular_graph": "networkx.random_regular_graph(2, 8)",
    "networkx.spring_layout": "networkx.spring_layout(path)",
    "networkx.stochastic_block_model": "networkx.stochastic_block_model([4, 4], [[0.5, 0.1], [0.1, 0.5]])",
    "networkx.watts_strogatz_graph": "networkx.watts_strogatz_graph(9, 2, 0.5)",
}
OWN = {"seed": "1"}

QUIET = [
    "networkx.circular_layout(path)",
    "networkx.complete_graph(4)",
]
