"""How the rows of torch.toml are called."""

from __future__ import annotations

SETUP = """
import functools
import torch
import torch.distributed.fsdp, torch.distributions, torch.hub, torch.multiprocessing, torch.nn.utils.parametrizations
import torch.nn.utils.prune, torch.quasirandom, torch.testing, torch.utils.checkpoint, torch.utils.data.distributed

state = torch.Generator().manual_seed(5).get_state()
x, line, image = torch.ones(4, 2), torch.ones(1, 2, 4), torch.ones(1, 2, 4, 4)
volume = torch.ones(1, 2, 4, 4, 4)
steps = torch.ones(3, 1, 4)
data = list(range(8))
def within(manager):
    with manager:
        return torch.rand(2)
def layer():
    return torch.nn.utils.skip_init(torch.nn.Linear, 2, 2)
def symmetric():
    return torch.diag(torch.arange(1.0, 13.0))
"""

OWN = {
    "generator": "torch.Generator()",
    "seed": "3",
    "torch.nn.FractionalMaxPool3d:_random_samples": "torch.full((1, 2, 3), 0.5)",
    "torch.nn.functional.fractional_max_pool3d:_random_samples": "torch.full((1, 2, 3), 0.5)",
    "_random_samples": "torch.full((1, 2, 2), 0.5)",
}
"""A value for each parameter that takes a generator or seed of one's own."""

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "torch.manual_seed": "torch.manual_seed(3)",
    "torch.seed": "torch.seed()",
    "torch.cuda.manual_seed": "torch.cuda.manual_seed(3)",
    "torch.cuda.manual_seed_all": "torch.cuda.manual_seed_all(3)",
    "torch.initial_seed": "torch.initial_seed()",
    "torch.get_rng_state": "torch.get_rng_state()",
    "torch.set_rng_state": "torch.set_rng_state(state)",
    "torch.random.fork_rng": "within(torch.random.fork_rng(devices=[]))",
    "torch.Generator": "torch.Generator()",
    "torch.Generator.manual_seed": "torch.Generator().manual_seed(3)",
    "torch.Generator.seed": "torch.Generator().seed()",
    "torch.Generator.initial_seed": "torch.Generator().initial_seed()",
    "torch.Generator.get_state": "torch.Generator().get_state()",
    "torch.Generator.set_state": "torch.Generator().set_state(state)",
    # creation and sampling
    "torch.rand": "torch.rand(2)",
    "torch.randn": "torch.randn(2)",
    "torch.randint": "torch.randint(0, 9, (2,))",
    "torch.randperm": "torch.randperm(4)",
    "torch.rand_like": "torch.rand_like(x)",
    "torch.randn_like": "torch.randn_like(x)",
    "torch.randint_like": "torch.randint_like(x, 0, 9)",
    "torch.normal": "torch.normal(0.0, 1.0, (2,))",
    "torch.bernoulli": "torch.bernoulli(x / 2)",
    "torch.poisson": "torch.poisson(x)",
    "torch.binomial": "torch.binomial(x * 9, x / 2)",
    "torch.multinomial": "torch.multinomial(x, 1)",
    "torch.testing.make_tensor": "torch.testing.make_tensor((2,), dtype=torch.float32, device='cpu')",
    "torch.Tensor.normal_": "torch.ones(2).normal_()",
    "torch.Tensor.uniform_": "torch.ones(2).uniform_()",
    "torch.Tensor.random_": "torch.ones(2).random_()",
    "torch.Tensor.exponential_": "torch.ones(2).exponential_()",
    "torch.Tensor.bernoulli_": "torch.ones(2).bernoulli_()",
    "torch.Tensor.cauchy_": "torch.ones(2).cauchy_()",
    "torch.Tensor.geometric_": "torch.ones(2).geometric_(0.5)",
    "torch.Tensor.log_normal_": "torch.ones(2).log_normal_()",
    "torch.Tensor.bernoulli": "(x / 2).bernoulli()",
    "torch.Tensor.multinomial": "x.multinomial(1)",
    # functional
    "torch.nn.functional.dropout": "torch.nn.functional.dropout(x)",
    "torch.nn.functional.dropout1d": "torch.nn.functional.dropout1d(line)",
    "torch.nn.functional.dropout2d": "torch.nn.functional.dropout2d(image)",
    "torch.nn.functional.dropout3d": "torch.nn.functional.dropout3d(volume)",
    "torch.nn.functional.alpha_dropout": "torch.nn.functional.alpha_dropout(x, 0.5, True)",
    "torch.nn.functional.feature_alpha_dropout": "torch.nn.functional.feature_alpha_dropout(volume, 0.5, True)",
    "torch.dropout": "torch.dropout(x, 0.5, True)",
    "torch.alpha_dropout": "torch.alpha_dropout(x, 0.5, True)",
    "torch.feature_dropout": "torch.feature_dropout(image, 0.5, True)",
    "torch.feature_alpha_dropout": "torch.feature_alpha_dropout(image, 0.5, True)",
    "torch.nn.functional.rrelu": "torch.nn.functional.rrelu(-x, training=True)",
    "torch.nn.functional.rrelu_": "torch.nn.functional.rrelu_(-x, training=True)",
    "torch.rrelu": "torch.rrelu(-x, training=True)",
    "torch.nn.functional.gumbel_softmax": "torch.nn.functional.gumbel_softmax(x)",
    "torch.nn.functional.scaled_dot_product_attention": (
        "torch.nn.functional.scaled_dot_product_attention(image, image, image, dropout_p=0.5)"
    ),
    "torch.nn.functional.fractional_max_pool2d": "torch.nn.functional.fractional_max_pool2d(image, 2, 2)",
    "torch.nn.functional.fractional_max_pool3d": "torch.nn.functional.fractional_max_pool3d(volume, 2, 2)",
    "torch.nn.functional.multi_head_attention_forward": (
        "torch.nn.functional.multi_head_attention_forward(steps, steps, steps, 4, 2, torch.ones(12, 4), None, None,"
        " None, False, 0.5, torch.ones(4, 4), None)"
    ),
    "torch.quasirandom.SobolEngine": "torch.quasirandom.SobolEngine(2, scramble=True)",
    "torch.svd_lowrank": "torch.svd_lowrank(symmetric(), q=2)",
    "torch.pca_lowrank": "torch.pca_lowrank(symmetric(), q=2)",
    "torch.lobpcg": "torch.lobpcg(symmetric(), k=2)",
    "torch.utils.data.DataLoader": ("torch.utils.data.DataLoader(data)", "list(it)"),
    "torch.utils.data.DataLoader@iterated": ("torch.utils.data.DataLoader(data, shuffle=True)", "list(it)"),
    "torch.utils.data.RandomSampler": ("torch.utils.data.RandomSampler(data)", "list(it)"),
    "torch.utils.data.SubsetRandomSampler": ("torch.utils.data.SubsetRandomSampler([1, 2])", "list(it)"),
    "torch.utils.data.WeightedRandomSampler": ("torch.utils.data.WeightedRandomSampler([1.0, 2.0], 2)", "list(it)"),
    "torch.utils.data.random_split": "torch.utils.data.random_split(data, [4, 4])",
    "torch.distributions.Distribution.sample": "torch.distributions.Normal(0.0, 1.0).sample()",
    "torch.distributions.Distribution.rsample": "torch.distributions.Normal(0.0, 1.0).rsample()",
    "torch.distributions.Distribution.sample_n": "torch.distributions.Normal(0.0, 1.0).sample_n(2)",
    "torch.nn.utils.spectral_norm": "torch.nn.utils.spectral_norm(layer())",
    "torch.nn.utils.parametrizations.spectral_norm": "torch.nn.utils.parametrizations.spectral_norm(layer())",
    "torch.nn.utils.prune.random_unstructured": "torch.nn.utils.prune.random_unstructured(layer(), 'weight', 0.5)",
    "torch.nn.utils.prune.random_structured": "torch.nn.utils.prune.random_structured(layer(), 'weight', 0.5, 0)",
    # layers that draw when they are made
    "torch.nn.Linear": "torch.nn.Linear(2, 2)",
    "torch.nn.Bilinear": "torch.nn.Bilinear(2, 2, 2)",
    "torch.nn.Conv1d": "torch.nn.Conv1d(2, 2, 1)",
    "torch.nn.Conv2d": "torch.nn.Conv2d(2, 2, 1)",
    "torch.nn.Conv3d": "torch.nn.Conv3d(2, 2, 1)",
    "torch.nn.ConvTranspose1d": "torch.nn.ConvTranspose1d(2, 2, 1)",
    "torch.nn.ConvTranspose2d": "torch.nn.ConvTranspose2d(2, 2, 1)",
    "torch.nn.ConvTranspose3d": "torch.nn.ConvTranspose3d(2, 2, 1)",
    "torch.nn.Embedding": "torch.nn.Embedding(3, 2)",
    "torch.nn.EmbeddingBag": "torch.nn.EmbeddingBag(3, 2)",
    "torch.nn.RNN": "torch.nn.RNN(4, 2)",
    "torch.nn.LSTM": "torch.nn.LSTM(4, 2)",
    "torch.nn.GRU": "torch.nn.GRU(4, 2)",
    "torch.nn.RNNCell": "torch.nn.RNNCell(4, 2)",
    "torch.nn.LSTMCell": "torch.nn.LSTMCell(4, 2)",
    "torch.nn.GRUCell": "torch.nn.GRUCell(4, 2)",
    "torch.nn.MultiheadAttention": "torch.nn.MultiheadAttention(4, 2)",
    "torch.nn.Transformer": "torch.nn.Transformer(4, 2, 1, 1, 4)",
    "torch.nn.TransformerEncoderLayer": "torch.nn.TransformerEncoderLayer(4, 2, 4)",
    "torch.nn.TransformerDecoderLayer": "torch.nn.TransformerDecoderLayer(4, 2, 4)",
    "torch.nn.AdaptiveLogSoftmaxWithLoss": "torch.nn.AdaptiveLogSoftmaxWithLoss(4, 9, [2])",
    "torch.nn.LinearCrossEntropyLoss": "torch.nn.LinearCrossEntropyLoss(4, 3)",
    # and again when they are called
    "torch.nn.RNN@result_called": ("torch.nn.RNN(4, 2, 2, dropout=0.5)", "it(steps)"),
    "torch.nn.LSTM@result_called": ("torch.nn.LSTM(4, 2, 2, dropout=0.5)", "it(steps)"),
    "torch.nn.GRU@result_called": ("torch.nn.GRU(4, 2, 2, dropout=0.5)", "it(steps)"),
    "torch.nn.MultiheadAttention@result_called": (
        "torch.nn.MultiheadAttention(4, 2, dropout=0.5)",
        "it(steps, steps, steps)",
    ),
    "torch.nn.Transformer@result_called": ("torch.nn.Transformer(4, 2, 1, 1, 4)", "it(steps, steps)"),
    "torch.nn.TransformerEncoderLayer@result_called": ("torch.nn.TransformerEncoderLayer(4, 2, 4)", "it(steps)"),
    "torch.nn.TransformerDecoderLayer@result_called": (
        "torch.nn.TransformerDecoderLayer(4, 2, 4)",
        "it(steps, steps)",
    ),
    "torch.nn.RReLU": ("torch.nn.RReLU()", "it(-x)"),
    "torch.nn.FractionalMaxPool2d": ("torch.nn.FractionalMaxPool2d(2, 2)", "it(image)"),
    "torch.nn.FractionalMaxPool3d": ("torch.nn.FractionalMaxPool3d(2, 2)", "it(volume)"),
    "torch.nn.Dropout": ("torch.nn.Dropout()", "it(x)"),
    "torch.nn.Dropout1d": ("torch.nn.Dropout1d()", "it(line)"),
    "torch.nn.Dropout2d": ("torch.nn.Dropout2d()", "it(image)"),
    "torch.nn.Dropout3d": ("torch.nn.Dropout3d()", "it(volume)"),
    "torch.nn.AlphaDropout": ("torch.nn.AlphaDropout()", "it(x)"),
    "torch.nn.FeatureAlphaDropout": ("torch.nn.FeatureAlphaDropout()", "it(volume)"),
    "torch.nn.LazyLinear": ("torch.nn.LazyLinear(2)", "it(x)"),
    "torch.nn.LazyConv1d": ("torch.nn.LazyConv1d(2, 1)", "it(line)"),
    "torch.nn.LazyConv2d": ("torch.nn.LazyConv2d(2, 1)", "it(image)"),
    "torch.nn.LazyConv3d": ("torch.nn.LazyConv3d(2, 1)", "it(volume)"),
    "torch.nn.LazyConvTranspose1d": ("torch.nn.LazyConvTranspose1d(2, 1)", "it(line)"),
    "torch.nn.LazyConvTranspose2d": ("torch.nn.LazyConvTranspose2d(2, 1)", "it(image)"),
    "torch.nn.LazyConvTranspose3d": ("torch.nn.LazyConvTranspose3d(2, 1)", "it(volume)"),
}

RESETS = {
    "Linear": "reset_parameters",
    "Bilinear": "reset_parameters",
    "Conv1d": "reset_parameters",
    "Conv2d": "reset_parameters",
    "Conv3d": "reset_parameters",
    "ConvTranspose1d": "reset_parameters",
    "ConvTranspose2d": "reset_parameters",
    "ConvTranspose3d": "reset_parameters",
    "Embedding": "reset_parameters",
    "EmbeddingBag": "reset_parameters",
    "RNN": "reset_parameters",
    "LSTM": "reset_parameters",
    "GRU": "reset_parameters",
    "RNNCell": "reset_parameters",
    "LSTMCell": "reset_parameters",
    "GRUCell": "reset_parameters",
    "MultiheadAttention": "_reset_parameters",
    "Transformer": "_reset_parameters",
    "AdaptiveLogSoftmaxWithLoss": "reset_parameters",
}
"""Layers that can draw their weights anew, and the method that does."""

EXAMPLES |= {
    f"torch.nn.{name}.{method}": (f"{EXAMPLES[f'torch.nn.{name}']}", f"it.{method}()")
    for name, method in RESETS.items()
}
INIT = [
    "uniform_",
    "normal_",
    "xavier_uniform_",
    "xavier_normal_",
    "kaiming_uniform_",
    "kaiming_normal_",
    "orthogonal_",
]
EXAMPLES |= {
    f"torch.nn.init.{name}": f"torch.nn.init.{name}(torch.ones(4, 4))"
    for name in [*INIT, *(name[:-1] for name in INIT), "trunc_normal_", "ones_", "zeros_", "eye_"]
}
EXAMPLES |= {
    "torch.nn.init.dirac_": "torch.nn.init.dirac_(torch.ones(2, 2, 2))",
    "torch.nn.init.constant_": "torch.nn.init.constant_(torch.ones(4, 4), 0.5)",
    "torch.nn.init.sparse_": "torch.nn.init.sparse_(torch.ones(4, 4), 0.5)",
    "torch.nn.init.sparse": "torch.nn.init.sparse(torch.ones(4, 4), 0.5)",
}

QUIET = [
    "torch.empty(2)",
    "torch.zeros(2)",
    "torch.rand(2, device='meta')",
    "torch.rand(2, generator=torch.Generator())",
    "torch.nn.Linear(2, 2, device='meta')",
    "torch.nn.utils.skip_init(torch.nn.Linear, 2, 2)",
    "torch.nn.Embedding.from_pretrained(x)",
    "torch.nn.Embedding(4, 2, _weight=x)",
    "torch.nn.Parameter(torch.empty(2))",
    "torch.nn.Sequential(torch.nn.ReLU())",
    "torch.nn.LayerNorm(2)(x)",
    "torch.nn.BatchNorm1d(2)(x)",
    "torch.nn.BatchNorm2d(2)(image)",
    "torch.nn.GroupNorm(1, 2)(x)",
    "torch.nn.InstanceNorm1d(2)(line)",
    "torch.nn.RMSNorm(2)(x)",
    "torch.nn.SyncBatchNorm(2)",
    "torch.nn.PReLU()(x)",
    "torch.nn.RReLU().eval()(x)",
    "torch.nn.GELU()(x)",
    "torch.nn.CrossEntropyLoss()(x, torch.zeros(4, dtype=torch.long))",
    "torch.nn.MSELoss()(x, x)",
    "torch.nn.MaxPool2d(2)(image)",
    "torch.nn.AdaptiveAvgPool2d(1)(image)",
    "torch.nn.Upsample(scale_factor=2)(image)",
    "torch.nn.PixelShuffle(1)(image)",
    "torch.nn.Flatten()(x)",
    "torch.nn.Identity()(x)",
    "torch.nn.Dropout(0.5)",
    "torch.nn.Dropout(0)(x)",
    "torch.nn.Dropout(0.5).eval()(x)",
    "torch.nn.functional.dropout(x, p=0.5, training=False)",
    "torch.nn.functional.dropout(x, 0.0)",
    "torch.nn.functional.alpha_dropout(x)",
    "torch.nn.functional.rrelu(x)",
    "torch.nn.functional.scaled_dot_product_attention(image, image, image)",
    "torch.nn.functional.softmax(x, dim=-1)",
    "torch.quasirandom.SobolEngine(2)",
    "torch.quasirandom.SobolEngine(2, scramble=True, seed=3)",
    "torch.distributions.Normal(0.0, 1.0)",
    "torch.distributions.Categorical(x).log_prob(torch.zeros(4))",
    "torch.utils.data.DataLoader(data, batch_size=2, shuffle=True)",
    "list(torch.utils.data.DataLoader(data, generator=torch.Generator()))",
    "list(torch.utils.data.DataLoader(data, shuffle=True, generator=torch.Generator()))",
    "torch.utils.data.random_split(data, [4, 4], generator=torch.Generator())",
    "torch.utils.data.RandomSampler(data)",
    "list(torch.utils.data.SequentialSampler(data))",
    "list(torch.utils.data.BatchSampler(data, 2, False))",
    "list(torch.utils.data.distributed.DistributedSampler(data, num_replicas=2, rank=0))",
    "torch.utils.data.TensorDataset(x)[0]",
    "torch.utils.data.Subset(data, [1])[0]",
    "torch.optim.SGD(torch.nn.PReLU().parameters(), lr=0.1)",
    "torch.optim.Adam(torch.nn.PReLU().parameters())",
    "torch.utils.data.get_worker_info()",
    "torch.lobpcg(symmetric(), X=torch.eye(12)[:, :2])",
    "torch.linalg.svd(symmetric())",
    "torch.compile(torch.nn.ReLU())",
]
