"""How the rows of torch_geometric.toml are called."""

from __future__ import annotations

SETUP = """
import torch
import torch_geometric, torch_geometric.data, torch_geometric.loader, torch_geometric.nn, torch_geometric.transforms
import torch_geometric.datasets, torch_geometric.utils
from torch_geometric.data import Data

links = torch.tensor([[0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 0], [1, 2, 3, 4, 5, 0, 0, 1, 2, 3, 4, 5]])


def graph():
    size = torch.ones(6, 2)
    return Data(x=size, pos=torch.ones(6, 3), edge_index=links, y=torch.tensor([0, 1, 0, 1, 0, 1]), num_nodes=6)


class Graphs(torch_geometric.data.Dataset):
    def len(self):
        return 4

    def get(self, index):
        return graph()
"""

CONVOLUTIONS = """
ARMAConv ClusterGCNConv GATConv GATv2Conv GCNConv GraphConv LEConv SAGEConv SGConv TAGConv TransformerConv FiLMConv Linear
""".split()

EXAMPLES: dict[str, str | tuple[str, str]] = {
    f"torch_geometric.nn.{name}": f"torch_geometric.nn.{name}(2, 2)" for name in CONVOLUTIONS
}
EXAMPLES |= {
    f"torch_geometric.nn.{name}": f"torch_geometric.nn.{name}(2, 2, 1)" for name in ("GAT", "GCN", "GIN", "GraphSAGE")
}
EXAMPLES |= {
    f"torch_geometric.transforms.{name}": (f"torch_geometric.transforms.{name}({text})", "it(graph())")
    for name, text in {
        "RandomFlip": "0",
        "RandomJitter": "0.5",
        "RandomLinkSplit": "0.4, 0.4",
        "RandomNodeSplit": "num_val=1, num_test=1",
        "RandomRotate": "30",
        "RandomScale": "(0.5, 2)",
    }.items()
}
EXAMPLES |= {
    "torch_geometric.data.Dataset": "Graphs()",
    "torch_geometric.data.Dataset.shuffle": ("Graphs()", "it.shuffle()"),
    "torch_geometric.loader.DataLoader": (
        "torch_geometric.loader.DataLoader([graph()], shuffle=True)",
        "list(it)",
    ),
    "torch_geometric.data.InMemoryDataset": "torch_geometric.data.InMemoryDataset()",
    "torch_geometric.datasets.KarateClub": "torch_geometric.datasets.KarateClub()",
    "torch_geometric.loader.ClusterLoader": "torch_geometric.loader.ClusterLoader([graph()])",
    "torch_geometric.loader.LinkNeighborLoader": "torch_geometric.loader.LinkNeighborLoader(graph(), [2])",
    "torch_geometric.loader.NeighborLoader": "torch_geometric.loader.NeighborLoader(graph(), [2])",
    "torch_geometric.transforms.Compose": (
        "torch_geometric.transforms.Compose([torch_geometric.transforms.NormalizeFeatures()])",
        "it(graph())",
    ),
    "torch_geometric.nn.ChebConv": "torch_geometric.nn.ChebConv(2, 2, 2)",
    "torch_geometric.nn.FAConv": "torch_geometric.nn.FAConv(2)",
    "torch_geometric.nn.MLP": "torch_geometric.nn.MLP([2, 2])",
    "torch_geometric.nn.RGCNConv": "torch_geometric.nn.RGCNConv(2, 2, 2)",
    "torch_geometric.nn.TopKPooling": "torch_geometric.nn.TopKPooling(2)",
    "torch_geometric.seed_everything": "torch_geometric.seed_everything(3)",
    "torch_geometric.utils.dropout_edge": "torch_geometric.utils.dropout_edge(links)",
    "torch_geometric.utils.dropout_node": "torch_geometric.utils.dropout_node(links)",
    "torch_geometric.utils.negative_sampling": "torch_geometric.utils.negative_sampling(links)",
    "torch_geometric.utils.train_test_split_edges": "torch_geometric.utils.train_test_split_edges(graph())",
}

QUIET = [
    "torch_geometric.nn.global_mean_pool(torch.ones(2, 2), torch.tensor([0, 0]))",
    "torch_geometric.utils.dropout_edge(links, training=False)",
    "torch_geometric.loader.DataLoader([graph()])",
    "torch_geometric.transforms.RandomNodeSplit()",
    "torch_geometric.transforms.NormalizeFeatures()(graph())",
]
