"""How the rows of numpy.toml are called."""

from __future__ import annotations

SETUP = """
import io, os, tempfile
import numpy

state = numpy.random.RandomState(5).get_state()
items = numpy.arange(4)
values = numpy.array([7, 3, 9, 1, 5])
listed = [7, 3, 9, 1, 5]
many = numpy.random.RandomState(0).permutation(2000)
raw = bytes(listed)
number = 5
keep = tempfile.TemporaryDirectory()
file = os.path.join(keep.name, "file")
values.tofile(file)
saved = io.BytesIO()
numpy.save(saved, values)
def double(x):
    return x * 2
"""


def called(arguments: str, names: str) -> dict[str, str | tuple[str, str]]:
    """Functions called with the same arguments."""
    return {f"numpy.{name}": f"numpy.{name}({arguments})" for name in names.split()}


EXAMPLES: dict[str, str | tuple[str, str]] = {
    "numpy.random.seed": "numpy.random.seed(3)",
    "numpy.random.get_state": "numpy.random.get_state()",
    "numpy.random.set_state": "numpy.random.set_state(state)",
    "numpy.random.rand": "numpy.random.rand(2)",
    "numpy.random.randn": "numpy.random.randn(2)",
    "numpy.random.randint": "numpy.random.randint(9)",
    "numpy.random.random_integers": "numpy.random.random_integers(9)",
    "numpy.random.random": "numpy.random.random()",
    "numpy.random.random_sample": "numpy.random.random_sample()",
    "numpy.random.ranf": "numpy.random.ranf()",
    "numpy.random.sample": "numpy.random.sample()",
    "numpy.random.bytes": "numpy.random.bytes(3)",
    "numpy.random.beta": "numpy.random.beta(1, 1)",
    "numpy.random.binomial": "numpy.random.binomial(9, 0.5)",
    "numpy.random.chisquare": "numpy.random.chisquare(2)",
    "numpy.random.dirichlet": "numpy.random.dirichlet([1.0, 2.0])",
    "numpy.random.exponential": "numpy.random.exponential()",
    "numpy.random.f": "numpy.random.f(2, 2)",
    "numpy.random.gamma": "numpy.random.gamma(2)",
    "numpy.random.geometric": "numpy.random.geometric(0.5)",
    "numpy.random.gumbel": "numpy.random.gumbel()",
    "numpy.random.hypergeometric": "numpy.random.hypergeometric(5, 5, 3)",
    "numpy.random.laplace": "numpy.random.laplace()",
    "numpy.random.logistic": "numpy.random.logistic()",
    "numpy.random.lognormal": "numpy.random.lognormal()",
    "numpy.random.logseries": "numpy.random.logseries(0.5)",
    "numpy.random.multinomial": "numpy.random.multinomial(9, [0.5, 0.5])",
    "numpy.random.multivariate_normal": "numpy.random.multivariate_normal([0.0], [[1.0]])",
    "numpy.random.negative_binomial": "numpy.random.negative_binomial(5, 0.5)",
    "numpy.random.noncentral_chisquare": "numpy.random.noncentral_chisquare(2, 1)",
    "numpy.random.noncentral_f": "numpy.random.noncentral_f(2, 2, 1)",
    "numpy.random.normal": "numpy.random.normal()",
    "numpy.random.pareto": "numpy.random.pareto(2)",
    "numpy.random.poisson": "numpy.random.poisson()",
    "numpy.random.power": "numpy.random.power(2)",
    "numpy.random.rayleigh": "numpy.random.rayleigh()",
    "numpy.random.standard_cauchy": "numpy.random.standard_cauchy()",
    "numpy.random.standard_exponential": "numpy.random.standard_exponential()",
    "numpy.random.standard_gamma": "numpy.random.standard_gamma(2)",
    "numpy.random.standard_normal": "numpy.random.standard_normal()",
    "numpy.random.standard_t": "numpy.random.standard_t(2)",
    "numpy.random.triangular": "numpy.random.triangular(0, 1, 2)",
    "numpy.random.uniform": "numpy.random.uniform()",
    "numpy.random.vonmises": "numpy.random.vonmises(0, 1)",
    "numpy.random.wald": "numpy.random.wald(1, 1)",
    "numpy.random.weibull": "numpy.random.weibull(2)",
    "numpy.random.zipf": "numpy.random.zipf(2)",
    "numpy.random.shuffle": "numpy.random.shuffle(items.copy())",
    "numpy.random.permutation": "numpy.random.permutation(items)",
    "numpy.random.choice": "numpy.random.choice(items, 3)",
    "numpy.random.default_rng": "numpy.random.default_rng(3).random()",
    "numpy.random.Generator": "numpy.random.Generator(numpy.random.PCG64(3)).random()",
    "numpy.random.RandomState": "numpy.random.RandomState(3).rand()",
    "numpy.random.MT19937": "numpy.random.MT19937(3).random_raw()",
    "numpy.random.PCG64": "numpy.random.PCG64(3).random_raw()",
    "numpy.random.PCG64DXSM": "numpy.random.PCG64DXSM(3).random_raw()",
    "numpy.random.Philox": "numpy.random.Philox(3).random_raw()",
    "numpy.random.SFC64": "numpy.random.SFC64(3).random_raw()",
    "numpy.random.SeedSequence": "numpy.random.SeedSequence(3)",
    "numpy.random.SeedSequence.spawn": "numpy.random.SeedSequence(3).spawn(2)",
    "numpy.random.SeedSequence.generate_state": "numpy.random.SeedSequence(3).generate_state(2)",
    "numpy.random.Generator.spawn": "numpy.random.default_rng(3).spawn(2)",
    "numpy.random.Generator.shuffle": "numpy.random.default_rng(3).shuffle(items.copy())",
    "numpy.random.Generator.permutation": "numpy.random.default_rng(3).permutation(items)",
    "numpy.random.Generator.permuted": "numpy.random.default_rng(3).permuted(items)",
    "numpy.random.Generator.choice": "numpy.random.default_rng(3).choice(items, 3)",
    "numpy.random.RandomState.seed": "numpy.random.RandomState(3).seed(4)",
    "numpy.random.RandomState.get_state": "numpy.random.RandomState(3).get_state()",
    "numpy.random.RandomState.set_state": "numpy.random.RandomState(3).set_state(state)",
    "numpy.random.RandomState.shuffle": "numpy.random.RandomState(3).shuffle(items.copy())",
    "numpy.random.RandomState.permutation": "numpy.random.RandomState(3).permutation(items)",
    "numpy.random.RandomState.choice": "numpy.random.RandomState(3).choice(items, 3)",
    # what has an order
    **called("values", "argsort asanyarray ascontiguousarray bincount empty_like sort unique unique_values"),
    **called("values, 2", "argpartition array_split append"),
    **called("[values, values]", "column_stack concatenate hstack stack vstack"),
    **called("values, [3, 1]", "intersect1d setdiff1d union1d"),
    **called("listed", "array asarray"),
    **called("number", "int32 int64 uint32 uint64"),
    "numpy.empty": "numpy.empty(2)",
    "numpy.frombuffer": "numpy.frombuffer(raw, 'uint8')",
    "numpy.fromiter": "numpy.fromiter(values, int)",
    "numpy.lexsort": "numpy.lexsort((values,))",
    "numpy.partition": "numpy.partition(many, 5)",
    "numpy.split": "numpy.split(values, 5)",
    # functions that are called
    **called("double", "vectorize"),
    "numpy.apply_along_axis": "numpy.apply_along_axis(double, 0, values)",
    "numpy.fromfunction": "numpy.fromfunction(double, (3,))",
    "numpy.frompyfunc": "numpy.frompyfunc(double, 1, 1)",
    # files
    "numpy.fromfile": "numpy.fromfile(file, int)",
    "numpy.genfromtxt": "numpy.genfromtxt(io.StringIO('1 2'))",
    "numpy.load": "numpy.load(io.BytesIO(saved.getvalue()))",
    "numpy.loadtxt": "numpy.loadtxt(io.StringIO('1 2'))",
    "numpy.memmap": "numpy.memmap(file, int, 'r')",
    "numpy.savetxt": "numpy.savetxt(io.StringIO(), values)",
    **called("io.BytesIO(), values", "save savez savez_compressed"),
}

QUIET = [
    "numpy.random.default_rng().normal()",
    "numpy.random.default_rng()",
    "numpy.random.RandomState()",
    "numpy.random.RandomState(3).permutation(items)",
    "numpy.empty(2)",
    "numpy.argsort(items)",
    "numpy.unique(items)",
    "numpy.linalg.svd(numpy.eye(3))",
]
