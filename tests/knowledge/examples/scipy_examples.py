"""How the rows of scipy.toml are called."""

from __future__ import annotations

SETUP = """
import numpy
import scipy.cluster.vq, scipy.linalg, scipy.optimize, scipy.sparse.linalg, scipy.spatial.transform, scipy.stats.qmc
import scipy.stats, scipy.stats.sampling

x = numpy.arange(20.0)
two = numpy.eye(2)
def square(v):
    return v[0] ** 2
def slope(v):
    return 2 * v
def zero(a, b):
    return 0.0
"""

OWN = {"random_state": "numpy.random.RandomState(3)", "rng": "numpy.random.default_rng(3)", "seed": "3"}

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "scipy.stats.rv_continuous.rvs": "scipy.stats.norm.rvs(size=2)",
    "scipy.stats.rv_discrete.rvs": "scipy.stats.poisson.rvs(2)",
    "scipy.stats.multivariate_normal.rvs": "scipy.stats.multivariate_normal.rvs()",
    "scipy.stats.multivariate_t.rvs": "scipy.stats.multivariate_t.rvs()",
    "scipy.stats.multivariate_hypergeom.rvs": "scipy.stats.multivariate_hypergeom.rvs([5, 5], 3)",
    "scipy.stats.dirichlet.rvs": "scipy.stats.dirichlet.rvs([1, 1])",
    "scipy.stats.special_ortho_group.rvs": "scipy.stats.special_ortho_group.rvs(3)",
    "scipy.stats.ortho_group.rvs": "scipy.stats.ortho_group.rvs(3)",
    "scipy.stats.unitary_group.rvs": "scipy.stats.unitary_group.rvs(3)",
    "scipy.stats.random_correlation.rvs": "scipy.stats.random_correlation.rvs([0.5, 1.5])",
    "scipy.stats.wishart.rvs": "scipy.stats.wishart.rvs(3, two)",
    "scipy.stats.invwishart.rvs": "scipy.stats.invwishart.rvs(3, two)",
    "scipy.stats.multinomial.rvs": "scipy.stats.multinomial.rvs(3, [0.5, 0.5])",
    "scipy.stats.uniform_direction.rvs": "scipy.stats.uniform_direction.rvs(3)",
    "scipy.stats.vonmises_fisher.rvs": "scipy.stats.vonmises_fisher.rvs([1, 0], 1)",
    "scipy.stats.matrix_normal.rvs": "scipy.stats.matrix_normal.rvs()",
    "scipy.stats.random_table.rvs": "scipy.stats.random_table.rvs([2, 2], [2, 2])",
    "scipy.stats.gaussian_kde.resample": "scipy.stats.gaussian_kde(x).resample(2)",
    "scipy.stats.bootstrap": "scipy.stats.bootstrap((x,), numpy.mean, n_resamples=9)",
    "scipy.stats.permutation_test": "scipy.stats.permutation_test((x, x), zero, n_resamples=9)",
    "scipy.stats.goodness_of_fit": "scipy.stats.goodness_of_fit(scipy.stats.norm, x, n_mc_samples=9)",
    "scipy.stats.multiscale_graphcorr": "scipy.stats.multiscale_graphcorr(x[:5, None], x[:5, None], reps=9)",
    "scipy.stats.sampling.RatioUniforms.rvs": (
        "scipy.stats.sampling.RatioUniforms(scipy.stats.norm.pdf, umax=1, vmin=-1, vmax=1).rvs(2)"
    ),
    "scipy.sparse.random": "scipy.sparse.random(3, 3, 0.5)",
    "scipy.sparse.random_array": "scipy.sparse.random_array((3, 3), density=0.5)",
    "scipy.sparse.rand": "scipy.sparse.rand(3, 3, 0.5)",
    "scipy.spatial.transform.Rotation.random": "scipy.spatial.transform.Rotation.random()",
    "scipy.optimize.differential_evolution": "scipy.optimize.differential_evolution(square, [(0, 1)], maxiter=1)",
    "scipy.optimize.basinhopping": "scipy.optimize.basinhopping(square, [1.0], niter=1)",
    "scipy.optimize.dual_annealing": "scipy.optimize.dual_annealing(square, [(0, 1)], maxiter=1)",
    "scipy.optimize.quadratic_assignment": "scipy.optimize.quadratic_assignment(two, two, method='2opt')",
    "scipy.optimize.check_grad": "scipy.optimize.check_grad(square, slope, [1.0], direction='random')",
    "scipy.cluster.vq.kmeans": "scipy.cluster.vq.kmeans(x[:, None], 2)",
    "scipy.cluster.vq.kmeans2": "scipy.cluster.vq.kmeans2(x[:, None], 2)",
    "scipy.linalg.clarkson_woodruff_transform": "scipy.linalg.clarkson_woodruff_transform(numpy.eye(9), 3)",
    "scipy.sparse.linalg.onenormest": "scipy.sparse.linalg.onenormest(scipy.sparse.eye(9))",
    "scipy.stats.qmc.Sobol": "scipy.stats.qmc.Sobol(2, rng=3).random(2)",
    "scipy.stats.qmc.Halton": "scipy.stats.qmc.Halton(2, rng=3).random(2)",
    "scipy.stats.qmc.LatinHypercube": "scipy.stats.qmc.LatinHypercube(2, rng=3).random(2)",
    "scipy.stats.qmc.PoissonDisk": "scipy.stats.qmc.PoissonDisk(2, rng=3).random(2)",
    "scipy.stats.qmc.MultinomialQMC": "scipy.stats.qmc.MultinomialQMC([0.5, 0.5], 4, rng=3).random(2)",
    "scipy.stats.qmc.MultivariateNormalQMC": "scipy.stats.qmc.MultivariateNormalQMC([0, 0], rng=3).random(2)",
}

QUIET = [
    "scipy.stats.norm(0, 1)",
    "scipy.stats.norm.pdf(0)",
    "scipy.stats.ttest_ind(x, x + 1)",
    "scipy.optimize.minimize(square, [1.0])",
    "scipy.optimize.shgo(square, [(0, 1)])",
    "scipy.optimize.quadratic_assignment(two, two)",
    "scipy.optimize.differential_evolution(square, [(0, 1)], maxiter=1, seed=3)",
    "scipy.stats.norm.rvs(size=2, random_state=3)",
    "scipy.sparse.linalg.eigsh(numpy.eye(9), k=2)",
    "scipy.stats.qmc.Sobol(2).random(2)",
    "scipy.stats.qmc.Halton(2).random(2)",
    "scipy.stats.qmc.LatinHypercube(2).random(2)",
    "scipy.stats.qmc.PoissonDisk(2).random(2)",
    "scipy.stats.qmc.MultinomialQMC([0.5, 0.5], 4).random(2)",
    "scipy.stats.qmc.MultivariateNormalQMC([0, 0]).random(2)",
]
