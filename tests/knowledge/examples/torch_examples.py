"""How the rows of torch.toml are called."""

from __future__ import annotations

SETUP = """
import functools, io, operator, os, tempfile
import numpy as np
import torch
import torch.distributed.fsdp, torch.distributions, torch.hub, torch.multiprocessing, torch.nn.utils.parametrizations
import torch.nn.utils.prune, torch.quasirandom, torch.testing, torch.utils.checkpoint, torch.utils.data.distributed

state = torch.Generator().manual_seed(5).get_state()
x, line, image = torch.ones(4, 2), torch.ones(1, 2, 4), torch.ones(1, 2, 4, 4)
volume = torch.ones(1, 2, 4, 4, 4)
steps = torch.ones(3, 1, 4)
data = list(range(8))
numbers, texts = torch.arange(4.0), ["a", "b"]
kept = os.path.join(tempfile.mkdtemp(), "kept")
def within(manager):
    with manager:
        return torch.rand(2)
def layer():
    found = torch.nn.utils.skip_init(torch.nn.Linear, 2, 2)
    return found.requires_grad_(False).apply(lambda part: [it.fill_(1) for it in part.parameters()]).requires_grad_()
def symmetric():
    return torch.diag(torch.arange(1.0, 13.0))
def stack(kind):
    with torch.random.fork_rng(devices=[]):
        return getattr(torch.nn, kind)(getattr(torch.nn, f"{kind}Layer")(4, 2, 4, dropout=0.0), 2)
def alone(action):
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    try:
        return action()
    finally:
        torch.distributed.destroy_process_group()
def worker(action):
    module = torch.utils.data._utils.worker
    module._worker_info = module.WorkerInfo(id=0, num_workers=1, seed=3, dataset=data)
    try:
        return action()
    finally:
        module._worker_info = None
def weight():
    return torch.nn.Parameter(torch.ones(4, 2))
def normed():
    with torch.random.fork_rng(devices=[]):
        return torch.nn.utils.spectral_norm(layer())
class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        return iter(data)
def twice(values):
    return values * 2
def total(values):
    return (values * 2).sum()
def loss():
    return weight().sum()
def optimizer():
    return torch.optim.SGD([weight()], lr=0.1)
def written(value):
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file
classes, chances = torch.tensor([0, 1, 1, 0]), torch.full((2,), 0.5)
relu, prelu = torch.nn.ReLU(), torch.nn.PReLU()
table = torch.utils.data.TensorDataset(x)
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
    "torch.default_generator.manual_seed": "torch.default_generator.manual_seed(3)",
    "torch.default_generator.seed": "torch.default_generator.seed()",
    "torch.default_generator.initial_seed": "torch.default_generator.initial_seed()",
    "torch.default_generator.get_state": "torch.default_generator.get_state()",
    "torch.default_generator.set_state": "torch.default_generator.set_state(state)",
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
    "torch.utils.data.random_split": (
        "[list(part) for part in torch.utils.data.random_split(data, [4, 4], generator=None)]"
    ),
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

# what draws nothing, when it is made and when it is called
LAYERS = {
    "x": """
        CELU() ELU() Flatten() GELU() GLU() Hardshrink() Hardsigmoid() Hardswish() Hardtanh() Identity() LayerNorm(2)
        LeakyReLU() LogSigmoid() LogSoftmax(1) Mish() PReLU() RMSNorm(2) ReLU() ReLU6() SELU() SiLU() Sigmoid() Softmax(1)
        Softmin(1) Softplus() Softshrink() Softsign() Tanh() Tanhshrink() Threshold(0.1,1) Unflatten(1,(1,2))
        BatchNorm1d(2) GroupNorm(1,2) LazyBatchNorm1d()
    """,
    "line": """
        AdaptiveAvgPool1d(2) AdaptiveMaxPool1d(2) AvgPool1d(2) CircularPad1d(1) ConstantPad1d(1,0.0) InstanceNorm1d(2)
        LPPool1d(2,2) LazyInstanceNorm1d() MaxPool1d(2) ReflectionPad1d(1) ReplicationPad1d(1) ZeroPad1d(1)
        LocalResponseNorm(2)
    """,
    "image": """
        AdaptiveAvgPool2d(2) AdaptiveMaxPool2d(2) AvgPool2d(2) BatchNorm2d(2) ChannelShuffle(2) CircularPad2d(1)
        ConstantPad2d(1,0.0) CrossMapLRN2d(2) InstanceNorm2d(2) LPPool2d(2,2) LazyBatchNorm2d() LazyInstanceNorm2d()
        MaxPool2d(2) PixelShuffle(1) PixelUnshuffle(2) ReflectionPad2d(1) ReplicationPad2d(1) Softmax2d() Unfold(2)
        Upsample(8) UpsamplingBilinear2d(8) UpsamplingNearest2d(8) ZeroPad2d(1) DataParallel(relu) Sequential(relu)
    """,
    "volume": """
        AdaptiveAvgPool3d(2) AdaptiveMaxPool3d(2) AvgPool3d(2) BatchNorm3d(2) CircularPad3d(1) ConstantPad3d(1,0.0)
        InstanceNorm3d(2) LPPool3d(2,2) LazyBatchNorm3d() LazyInstanceNorm3d() MaxPool3d(2) ReflectionPad3d(1)
        ReplicationPad3d(1) ZeroPad3d(1)
    """,
    "torch.ones(1, 8, 4)": "Fold((3,3),2)",
    "torch.ones(1, 1, 1), torch.zeros(1, 1, 1, dtype=torch.long)": "MaxUnpool1d(2)",
    "torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1, dtype=torch.long)": "MaxUnpool2d(2) MaxUnpool3d(2)",
    "x, x": """
        BCELoss() BCEWithLogitsLoss() CosineSimilarity() HingeEmbeddingLoss() HuberLoss() KLDivLoss() L1Loss() MSELoss()
        MultiLabelSoftMarginLoss() PairwiseDistance() PoissonNLLLoss() SmoothL1Loss() SoftMarginLoss()
    """,
    "x, classes": "CrossEntropyLoss() MultiMarginLoss() NLLLoss()",
    "x, torch.zeros(4, 2, dtype=torch.long)": "MultiLabelMarginLoss()",
    "image, torch.zeros(1, 4, 4, dtype=torch.long)": "NLLLoss2d()",
    "x, x, torch.ones(4)": "CosineEmbeddingLoss()",
    "x, x, x": "GaussianNLLLoss() MarginRankingLoss() TripletMarginLoss() TripletMarginWithDistanceLoss()",
    "steps, torch.tensor([[1]]), torch.tensor([3]), torch.tensor([1])": "CTCLoss()",
}
"""Layers by what they are called with."""
EXAMPLES |= {
    f"torch.nn.{made.partition('(')[0]}": (f"torch.nn.{made}", f"it({given})")
    for given, names in LAYERS.items()
    for made in names.split()
}
EXAMPLES |= {
    "torch.nn.Module": "torch.nn.Module()",
    "torch.nn.ModuleDict": "torch.nn.ModuleDict([('a', relu)])",
    "torch.nn.ModuleList": "torch.nn.ModuleList([relu])",
    "torch.nn.RNNBase": "torch.nn.RNNBase('LSTM', 4, 2)",
    "torch.nn.RNNCellBase": "torch.nn.RNNCellBase(4, 2, True, 4)",
    "torch.nn.SyncBatchNorm": "torch.nn.SyncBatchNorm(2)",
    "torch.nn.TransformerDecoder": ("stack('TransformerDecoder')", "it(steps, steps)"),
    "torch.nn.TransformerEncoder": ("stack('TransformerEncoder')", "it(steps)"),
}
EXAMPLES |= {
    f"torch.nn.Module.{call.partition('(')[0]}": ("layer()", f"it.{call}")
    for call in """
        apply(type) bfloat16() compile() cpu() double() eval() float() half() requires_grad_() share_memory() state_dict()
        to(torch.float64) to_empty(device='cpu') train() type(torch.float64) load_state_dict(layer().state_dict())
        _load_from_state_dict(layer().state_dict(),'',{},True,[],[],[])
    """.split()
}
EXAMPLES |= {
    f"torch.optim.{name}": f"torch.optim.{name}([weight()])"
    for name in """
        ASGD Adadelta Adafactor Adagrad Adam AdamW Adamax LBFGS Muon NAdam RAdam RMSprop Rprop SGD SparseAdam
    """.split()
}
NORMAL = "torch.distributions.Normal(0.0, 1.0)"
PARAMETERS = {
    "chances": "Bernoulli Categorical ContinuousBernoulli Dirichlet OneHotCategorical OneHotCategoricalStraightThrough",
    "1.0": "Chi2 HalfCauchy HalfNormal Exponential Poisson StudentT",
    "0.5": "Geometric",
    "1.0, 1.0": """
        Beta Cauchy FisherSnedecor Gamma Gumbel InverseGamma Kumaraswamy Laplace LogNormal LogisticNormal Normal Pareto
        VonMises Weibull
    """,
    "4, chances": "Binomial Multinomial NegativeBinomial",
    "torch.tensor(1.0), chances": "RelaxedBernoulli RelaxedOneHotCategorical",
    "0.0, 1.0": "Uniform",
    "0.0, 1.0, 0.1": "GeneralizedPareto",
    "2": "LKJCholesky",
    "x[0], torch.eye(2)": "MultivariateNormal",
    "x[0], torch.eye(2), x[0]": "LowRankMultivariateNormal",
    "torch.tensor(3.0), torch.eye(2)": "Wishart",
    "torch.distributions.Normal(x, x), 1": "Independent",
    "torch.distributions.Categorical(chances), torch.distributions.Normal(chances, chances)": "MixtureSameFamily",
    f"{NORMAL}, [torch.distributions.ExpTransform()]": "TransformedDistribution",
}
"""Distributions by what they are made with."""
EXAMPLES |= {
    f"torch.distributions.{name}": f"torch.distributions.{name}({given})"
    for given, names in PARAMETERS.items()
    for name in names.split()
}
EXAMPLES |= {
    "torch.Tensor.backward": "loss().backward()",
    "torch.Tensor.new_empty": "x.new_empty((2,))",
    "torch.Tensor.put_": "torch.ones(4).put_(torch.tensor([0]), torch.tensor([2.0]))",
    "torch.Tensor.requires_grad_": "torch.ones(2).requires_grad_()",
    "torch.amp.GradScaler": "torch.amp.GradScaler('cpu')",
    "torch.amp.GradScaler.step": ("torch.amp.GradScaler('cpu', enabled=False)", "it.step(optimizer())"),
    "torch.as_tensor": "torch.as_tensor([1.0])",
    "torch.asarray": "torch.asarray([1.0])",
    "torch.autograd.backward": "torch.autograd.backward([loss()])",
    "torch.bincount": "torch.bincount(classes, weights=torch.ones(4))",
    "torch.cat": "torch.cat([numbers, numbers])",
    "torch.compile": "torch.compile(relu)",
    "torch.cuda.device_count": "torch.cuda.device_count()",
    "torch.cuda.is_available": "torch.cuda.is_available()",
    "torch.cumsum": "torch.cumsum(x, 0)",
    "torch.distributed.fsdp.FullyShardedDataParallel": (
        "alone(lambda: torch.distributed.fsdp.FullyShardedDataParallel(layer(), device_id=torch.device('cpu')))"
    ),
    "torch.distributed.get_rank": "alone(lambda: torch.distributed.get_rank())",
    "torch.distributed.get_world_size": "alone(lambda: torch.distributed.get_world_size())",
    "torch.empty": "torch.empty(2)",
    "torch.empty_like": "torch.empty_like(x)",
    "torch.empty_strided": "torch.empty_strided((2,), (1,))",
    "torch.from_numpy": "torch.from_numpy(np.ones(2))",
    "torch.func.functional_call": "torch.func.functional_call(relu, {}, (x,))",
    "torch.func.functionalize": ("torch.func.functionalize(twice)", "it(x)"),
    "torch.func.grad": ("torch.func.grad(total)", "it(x)"),
    "torch.func.hessian": ("torch.func.hessian(total)", "it(x)"),
    "torch.func.jacfwd": ("torch.func.jacfwd(twice)", "it(x)"),
    "torch.func.jacrev": ("torch.func.jacrev(twice)", "it(x)"),
    "torch.func.vmap": ("torch.func.vmap(twice)", "it(x)"),
    "torch.histc": "torch.histc(x)",
    "torch.hstack": "torch.hstack([numbers, numbers])",
    "torch.jit.script": ("torch.jit.script(relu)", "it(x)"),
    "torch.load": "torch.load(written(x))",
    "torch.median": "torch.median(x, 0)",
    "torch.multiprocessing.start_processes": (
        "torch.multiprocessing.start_processes(operator.index, nprocs=1, start_method='fork')"
    ),
    "torch.nn.Embedding.from_pretrained": "torch.nn.Embedding.from_pretrained(x)",
    "torch.nn.EmbeddingBag.from_pretrained": "torch.nn.EmbeddingBag.from_pretrained(x)",
    "torch.nn.functional.adaptive_avg_pool2d": "torch.nn.functional.adaptive_avg_pool2d(image, 2)",
    "torch.nn.functional.adaptive_avg_pool3d": "torch.nn.functional.adaptive_avg_pool3d(volume, 2)",
    "torch.nn.functional.ctc_loss": (
        "torch.nn.functional.ctc_loss(steps, torch.tensor([[1]]), torch.tensor([3]), torch.tensor([1]))"
    ),
    "torch.nn.functional.grid_sample": "torch.nn.functional.grid_sample(image, torch.zeros(1, 2, 2, 2))",
    "torch.nn.functional.interpolate": "torch.nn.functional.interpolate(image, size=8, mode='bilinear')",
    "torch.nn.functional.pad": "torch.nn.functional.pad(line, (1, 1), mode='reflect')",
    "torch.nn.parallel.DistributedDataParallel": ("alone(lambda: torch.nn.parallel.DistributedDataParallel(layer()))"),
    "torch.nn.utils.parametrizations.orthogonal": "torch.nn.utils.parametrizations.orthogonal(layer())",
    "torch.nn.utils.parametrizations.weight_norm": "torch.nn.utils.parametrizations.weight_norm(layer())",
    "torch.nn.utils.remove_spectral_norm": "torch.nn.utils.remove_spectral_norm(normed())",
    "torch.nn.utils.remove_weight_norm": ("torch.nn.utils.remove_weight_norm(torch.nn.utils.weight_norm(layer()))"),
    "torch.nn.utils.skip_init": "torch.nn.utils.skip_init(torch.nn.Linear, 2, 2)",
    "torch.nn.utils.weight_norm": "torch.nn.utils.weight_norm(layer())",
    "torch.optim.Optimizer.step": ("optimizer()", "it.step(loss)"),
    "torch.save": ("torch.save(x, kept)", "torch.load(kept)"),
    "torch.set_deterministic_debug_mode": "torch.set_deterministic_debug_mode('default')",
    "torch.set_float32_matmul_precision": "torch.set_float32_matmul_precision('highest')",
    "torch.sort": "torch.sort(x)",
    "torch.stack": "torch.stack([numbers, numbers])",
    "torch.tensor": "torch.tensor([1.0])",
    "torch.unique": "torch.unique(x)",
    "torch.use_deterministic_algorithms": "torch.use_deterministic_algorithms(False)",
    "torch.utils.checkpoint.checkpoint": "torch.utils.checkpoint.checkpoint(relu, x, use_reentrant=False)",
    "torch.utils.checkpoint.checkpoint_sequential": (
        "torch.utils.checkpoint.checkpoint_sequential([relu, relu], 2, x, use_reentrant=False)"
    ),
    "torch.utils.data.BatchSampler": ("torch.utils.data.BatchSampler(range(8), 2, False)", "list(it)"),
    "torch.utils.data.ChainDataset": ("torch.utils.data.ChainDataset([Stream()])", "list(it)"),
    "torch.utils.data.ConcatDataset": ("torch.utils.data.ConcatDataset([table, table])", "it[0]"),
    "torch.utils.data.SequentialSampler": ("torch.utils.data.SequentialSampler(data)", "list(it)"),
    "torch.utils.data.StackDataset": ("torch.utils.data.StackDataset(table, table)", "it[0]"),
    "torch.utils.data.Subset": ("torch.utils.data.Subset(table, [1])", "it[0]"),
    "torch.utils.data.TensorDataset": ("torch.utils.data.TensorDataset(numbers)", "it[0]"),
    "torch.utils.data.default_collate": "torch.utils.data.default_collate(texts)",
    "torch.utils.data.default_convert": "torch.utils.data.default_convert(numbers)",
    "torch.utils.data.distributed.DistributedSampler": (
        "torch.utils.data.distributed.DistributedSampler(data, num_replicas=2, rank=0)",
        "list(it)",
    ),
    "torch.utils.data.distributed.DistributedSampler.set_epoch": (
        "torch.utils.data.distributed.DistributedSampler(data, num_replicas=2, rank=0)",
        "it.set_epoch(1)",
    ),
    "torch.utils.data.get_worker_info": "worker(lambda: torch.utils.data.get_worker_info())",
    "torch.vmap": ("torch.vmap(twice)", "it(x)"),
    "torch.vstack": "torch.vstack([numbers, numbers])",
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
