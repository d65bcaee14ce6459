"""How the rows of sklearn.toml are called."""

from __future__ import annotations

SETUP = """
import pathlib, tempfile
import numpy
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer
import sklearn.base, sklearn.calibration, sklearn.cluster, sklearn.compose, sklearn.covariance, sklearn.datasets
import sklearn.decomposition, sklearn.dummy, sklearn.ensemble, sklearn.feature_extraction.image
import sklearn.feature_selection, sklearn.gaussian_process, sklearn.impute, sklearn.inspection
import sklearn.kernel_approximation, sklearn.linear_model, sklearn.manifold, sklearn.metrics, sklearn.mixture
import sklearn.model_selection, sklearn.multiclass, sklearn.multioutput, sklearn.naive_bayes, sklearn.neighbors
import sklearn.neural_network, sklearn.pipeline, sklearn.preprocessing, sklearn.random_projection, sklearn.svm
import sklearn.tree, sklearn.utils.extmath, sklearn.utils.random

numbers = numpy.random.RandomState(0)
X = numpy.abs(numbers.randn(60, 4))
y = (X[:, 0] > X[:, 1]).astype(int)
groups = numpy.arange(60)
both = numpy.c_[y, 1 - y]
square = X @ X.T
holes = numpy.where(X < 0.1, numpy.nan, X)
lbfgs = sklearn.linear_model.LogisticRegression()
ridge = sklearn.linear_model.Ridge()
scaler = sklearn.preprocessing.StandardScaler()
stump = sklearn.tree.DecisionTreeClassifier(max_depth=1)
line = sklearn.tree.DecisionTreeRegressor(max_depth=1)
folds = sklearn.model_selection.StratifiedKFold(3)
words = [f"word {number}" for number in range(60)]
grid = {"C": [1, 2, 3]}
keep = tempfile.TemporaryDirectory()
folder = keep.name
for kind in "ab":
    (pathlib.Path(folder) / kind).mkdir()
    for number in "123":
        (pathlib.Path(folder) / kind / number).write_text(number)
"""

OWN = {"random_state": "3", "sklearn.linear_model.SGDOneClassSVM@fit:random_state": None}
"""A value for the parameter; SGDOneClassSVM takes a number from the global stream even then."""

FIT = "it.fit(X, y)"


def fitted(package: str, names: str, arguments: str = "", use: str = FIT) -> dict[str, str | tuple[str, str]]:
    """Estimators of one package that are made and used alike."""
    return {f"sklearn.{package}.{name}": (f"sklearn.{package}.{name}({arguments})", use) for name in names.split()}


def called(package: str, names: str, arguments: str = "") -> dict[str, str | tuple[str, str]]:
    """Functions of one package that are called alike."""
    return {f"sklearn.{package}.{name}": f"sklearn.{package}.{name}({arguments})" for name in names.split()}


def split(names: str, made: str, given: str) -> dict[str, str | tuple[str, str]]:
    """The `split` of splitters that are made and used alike."""
    return {
        f"sklearn.model_selection.{name}.split": f"list(sklearn.model_selection.{name}({made}).split({given}))"
        for name in names.split()
    }


EXAMPLES: dict[str, str | tuple[str, str]] = {
    **fitted("ensemble", "AdaBoostClassifier BaggingClassifier", "stump, n_estimators=2"),
    **fitted("ensemble", "AdaBoostRegressor BaggingRegressor", "line, n_estimators=2"),
    **fitted("ensemble", "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier", "n_estimators=2"),
    **fitted("ensemble", "ExtraTreesRegressor IsolationForest RandomTreesEmbedding", "n_estimators=2"),
    **fitted("ensemble", "GradientBoostingClassifier GradientBoostingRegressor", "n_estimators=2"),
    **fitted("ensemble", "HistGradientBoostingClassifier HistGradientBoostingRegressor", "max_iter=2"),
    **fitted("cluster", "AffinityPropagation"),
    **fitted("cluster", "BisectingKMeans KMeans MiniBatchKMeans SpectralClustering", "n_clusters=2"),
    **fitted("cluster", "SpectralBiclustering SpectralCoclustering", "n_clusters=2"),
    **fitted("mixture", "GaussianMixture BayesianGaussianMixture"),
    **fitted("neural_network", "BernoulliRBM", "n_components=2, n_iter=1"),
    **fitted("neural_network", "MLPClassifier MLPRegressor", "hidden_layer_sizes=(2,), max_iter=2"),
    **fitted("tree", "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor"),
    **fitted("covariance", "EllipticEnvelope MinCovDet"),
    **fitted("decomposition", "FastICA LatentDirichletAllocation MiniBatchDictionaryLearning", "n_components=2"),
    **fitted("decomposition", "MiniBatchNMF MiniBatchSparsePCA NMF TruncatedSVD", "n_components=2"),
    **fitted("kernel_approximation", "Nystroem PolynomialCountSketch RBFSampler SkewedChi2Sampler", "n_components=2"),
    **fitted("random_projection", "GaussianRandomProjection SparseRandomProjection", "n_components=2"),
    **fitted("manifold", "MDS SpectralEmbedding", "n_components=2"),
    **fitted("svm", "LinearSVC LinearSVR SVC NuSVC OneClassSVM"),
    "sklearn.svm.SVC@fit": ("sklearn.svm.SVC(probability=True)", FIT),
    "sklearn.svm.NuSVC@fit": ("sklearn.svm.NuSVC(probability=True)", FIT),
    **fitted("linear_model", "PassiveAggressiveClassifier PassiveAggressiveRegressor RANSACRegressor SGDClassifier"),
    **fitted("linear_model", "SGDRegressor TheilSenRegressor ElasticNet ElasticNetCV Lasso LassoCV"),
    **fitted("linear_model", "SGDOneClassSVM", use="it.fit(X)"),
    **fitted("linear_model", "MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso", use="it.fit(X, both)"),
    **fitted("linear_model", "MultiTaskLassoCV", use="it.fit(X, both)"),
    "sklearn.linear_model.SGDOneClassSVM@fit": ("sklearn.linear_model.SGDOneClassSVM()", "it.fit(X)"),
    "sklearn.linear_model.ElasticNet@fit": ("sklearn.linear_model.ElasticNet(selection='random')", FIT),
    "sklearn.linear_model.ElasticNetCV@fit": ("sklearn.linear_model.ElasticNetCV(selection='random')", FIT),
    "sklearn.linear_model.Lasso@fit": ("sklearn.linear_model.Lasso(selection='random')", FIT),
    "sklearn.linear_model.LassoCV@fit": ("sklearn.linear_model.LassoCV(selection='random')", FIT),
    "sklearn.linear_model.MultiTaskElasticNet@fit": (
        "sklearn.linear_model.MultiTaskElasticNet(selection='random')",
        "it.fit(X, both)",
    ),
    "sklearn.linear_model.MultiTaskElasticNetCV@fit": (
        "sklearn.linear_model.MultiTaskElasticNetCV(selection='random')",
        "it.fit(X, both)",
    ),
    "sklearn.linear_model.MultiTaskLasso@fit": (
        "sklearn.linear_model.MultiTaskLasso(selection='random')",
        "it.fit(X, both)",
    ),
    "sklearn.linear_model.MultiTaskLassoCV@fit": (
        "sklearn.linear_model.MultiTaskLassoCV(selection='random')",
        "it.fit(X, both)",
    ),
    "sklearn.linear_model.Perceptron": ("sklearn.linear_model.Perceptron(random_state=None)", FIT),
    **fitted("linear_model", "LogisticRegression LogisticRegressionCV", "solver='liblinear'"),
    **fitted("linear_model", "Ridge RidgeClassifier", "solver='sag'"),
    **fitted("linear_model", "Lars LassoLars", "jitter=0.001"),
    **fitted("decomposition", "PCA", "n_components=2, svd_solver='randomized'"),
    **fitted("decomposition", "KernelPCA", "n_components=2, eigen_solver='randomized'"),
    **fitted("manifold", "LocallyLinearEmbedding", "eigen_solver='arpack'"),
    **fitted("manifold", "TSNE", "perplexity=5, max_iter=250, init='random'"),
    **fitted("neighbors", "NeighborhoodComponentsAnalysis", "init='random', max_iter=1"),
    **fitted("gaussian_process", "GaussianProcessRegressor", "n_restarts_optimizer=1"),
    **fitted("preprocessing", "TargetEncoder", use="it.fit_transform(X.round(), y)"),
    **fitted("impute", "IterativeImputer", "max_iter=1, sample_posterior=True", "it.fit(holes)"),
    "sklearn.impute.IterativeImputer@fit": (
        "sklearn.impute.IterativeImputer(max_iter=1, imputation_order='random')",
        "it.fit(holes)",
    ),
    **fitted("dummy", "DummyClassifier", "strategy='stratified'", "it.fit(X, y).predict(X)"),
    **fitted("feature_extraction.image", "PatchExtractor", "patch_size=(2, 2), max_patches=2", "it.transform([X, X])"),
    # those that run another estimator
    **fitted("model_selection", "RandomizedSearchCV", "lbfgs, grid, n_iter=2"),
    **fitted("model_selection", "HalvingRandomSearchCV", "lbfgs, grid"),
    **fitted("model_selection", "HalvingGridSearchCV", "lbfgs, grid"),
    **fitted("model_selection", "TunedThresholdClassifierCV", "lbfgs, cv=0.5"),
    **fitted("multiclass", "OutputCodeClassifier", "lbfgs"),
    **fitted("multioutput", "ClassifierChain", "lbfgs, order='random'", "it.fit(X, both)"),
    **fitted("multioutput", "RegressorChain", "ridge, order='random'", "it.fit(X, both)"),
    # splitters
    **fitted("model_selection", "KFold StratifiedKFold", "shuffle=True", "list(it.split(X, y))"),
    **fitted("model_selection", "GroupKFold StratifiedGroupKFold", "shuffle=True", "list(it.split(X, y, groups))"),
    **fitted("model_selection", "ShuffleSplit StratifiedShuffleSplit", use="list(it.split(X, y))"),
    **fitted("model_selection", "RepeatedKFold RepeatedStratifiedKFold", use="list(it.split(X, y))"),
    **fitted("model_selection", "GroupShuffleSplit", use="list(it.split(X, y, groups))"),
    "sklearn.model_selection.train_test_split": "sklearn.model_selection.train_test_split(X, words)",
    **fitted("model_selection", "ParameterSampler", "grid, 2", "list(it)"),
    "sklearn.model_selection.learning_curve": "sklearn.model_selection.learning_curve(lbfgs, X, y, shuffle=True)",
    "sklearn.model_selection.permutation_test_score": (
        "sklearn.model_selection.permutation_test_score(lbfgs, X, y, n_permutations=2, random_state=None)"
    ),
    # functions
    **called("utils", "shuffle resample", "words"),
    **called("datasets", "make_blobs make_classification make_circles make_moons make_friedman1 make_friedman2"),
    **called("datasets", "make_friedman3 make_gaussian_quantiles make_low_rank_matrix"),
    **called(
        "datasets", "make_hastie_10_2 make_multilabel_classification make_regression make_s_curve make_swiss_roll"
    ),
    **called("datasets", "make_sparse_uncorrelated"),
    **called("datasets", "make_sparse_spd_matrix", "4"),
    **called("datasets", "load_files", "folder, random_state=None"),
    **called("datasets", "make_biclusters make_checkerboard", "(8, 8), 2"),
    **called("datasets", "make_spd_matrix", "2"),
    **called("datasets", "make_sparse_coded_signal", "5, n_components=3, n_features=4, n_nonzero_coefs=2"),
    **called("cluster", "k_means kmeans_plusplus", "X, 2"),
    **called("cluster", "spectral_clustering", "square, n_clusters=2"),
    **called("cluster", "affinity_propagation", "square"),
    **called("manifold", "spectral_embedding smacof", "square"),
    **called("manifold", "locally_linear_embedding", "X, n_neighbors=5, n_components=2, eigen_solver='arpack'"),
    **called("covariance", "fast_mcd", "X"),
    **called("decomposition", "fastica", "X"),
    **called("decomposition", "non_negative_factorization", "X, n_components=2"),
    **called("decomposition", "dict_learning_online", "X, 2"),
    **called("feature_selection", "mutual_info_classif mutual_info_regression", "X, y"),
    **called("inspection", "permutation_importance", "lbfgs.fit(X, y), X, y"),
    **called("utils.extmath", "randomized_svd", "X, 2"),
    **called("utils.extmath", "randomized_range_finder", "X, size=2, n_iter=1"),
    **called("utils.random", "sample_without_replacement", "9, 2"),
    **called("feature_extraction.image", "extract_patches_2d", "X, (2, 2), max_patches=2"),
    **called("metrics", "silhouette_score", "X, y, sample_size=20"),
    **called("linear_model", "ridge_regression", "X, y, 1.0, solver='sag'"),
    "sklearn.neighbors.KernelDensity.sample": "sklearn.neighbors.KernelDensity().fit(X).sample()",
    # those that run another estimator and draw nothing themselves
    **fitted("calibration", "CalibratedClassifierCV", "lbfgs, cv=folds"),
    **fitted("compose", "ColumnTransformer", "[('a', scaler, [0])]"),
    **fitted("compose", "TransformedTargetRegressor", "ridge"),
    **fitted("compose", "make_column_transformer", "(scaler, [0])"),
    **fitted("ensemble", "StackingClassifier VotingClassifier", "[('a', lbfgs)]"),
    **fitted("ensemble", "StackingRegressor VotingRegressor", "[('a', ridge)]"),
    **fitted("feature_selection", "RFE SelectFromModel", "lbfgs"),
    **fitted("feature_selection", "RFECV", "lbfgs, cv=folds"),
    **fitted("feature_selection", "SequentialFeatureSelector", "lbfgs, n_features_to_select=1, cv=folds"),
    **fitted("feature_selection", "SelectKBest", "sklearn.feature_selection.f_classif, k=2"),
    **fitted("feature_selection", "SelectPercentile", "sklearn.feature_selection.f_classif"),
    **fitted("model_selection", "GridSearchCV", "lbfgs, grid, cv=folds"),
    **fitted("multiclass", "OneVsOneClassifier OneVsRestClassifier", "lbfgs"),
    **fitted("multioutput", "MultiOutputClassifier", "lbfgs", "it.fit(X, both)"),
    **fitted("multioutput", "MultiOutputRegressor", "ridge", "it.fit(X, both)"),
    **fitted("pipeline", "FeatureUnion", "[('a', scaler)]"),
    **fitted("pipeline", "Pipeline", "[('a', scaler), ('b', lbfgs)]"),
    **fitted("pipeline", "make_pipeline", "scaler, lbfgs"),
    **fitted("pipeline", "make_union", "scaler"),
    "sklearn.pipeline.Pipeline.fit": "sklearn.pipeline.make_pipeline(scaler, lbfgs).fit(X, y)",
    **called("model_selection", "cross_val_predict cross_val_score cross_validate", "lbfgs, X, y, cv=folds"),
    "sklearn.model_selection.validation_curve": (
        "sklearn.model_selection.validation_curve(lbfgs, X, y, param_name='C', param_range=[1, 2], cv=folds)"
    ),
    **called("model_selection", "LeaveOneGroupOut LeaveOneOut TimeSeriesSplit"),
    **called("model_selection", "LeavePGroupsOut LeavePOut", "2"),
    **called("model_selection", "PredefinedSplit", "groups"),
    **fitted("model_selection", "ParameterGrid", "grid", "list(it)"),
    **split("KFold StratifiedKFold TimeSeriesSplit", "", "X, y"),
    **split("GroupKFold StratifiedGroupKFold", "", "X, y, groups"),
    **split("GroupShuffleSplit", "random_state=3", "X, y, groups"),
    **split("RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedShuffleSplit", "random_state=3", "X, y"),
    "sklearn.base.clone": "sklearn.base.clone(lbfgs)",
    "sklearn.utils.check_random_state": "sklearn.utils.check_random_state(numbers)",
}

QUIET = [
    "list(sklearn.model_selection.KFold(3).split(X))",
    "list(sklearn.model_selection.KFold().split(X))",
    "list(sklearn.model_selection.StratifiedKFold(3).split(X, y))",
    "list(sklearn.model_selection.GroupKFold(3).split(X, y, groups))",
    "list(sklearn.model_selection.LeaveOneOut().split(X))",
    "list(sklearn.model_selection.TimeSeriesSplit(3).split(X))",
    "list(sklearn.model_selection.KFold(3, shuffle=True, random_state=3).split(X))",
    "sklearn.model_selection.ShuffleSplit()",
    "sklearn.model_selection.train_test_split(X, y, shuffle=False)",
    "sklearn.model_selection.train_test_split(X, y, random_state=3)",
    "sklearn.ensemble.RandomForestClassifier()",
    "sklearn.ensemble.RandomForestClassifier(3, random_state=3).fit(X, y)",
    "sklearn.linear_model.LogisticRegression().fit(X, y)",
    "sklearn.linear_model.LogisticRegression(solver='lbfgs').fit(X, y)",
    "sklearn.linear_model.LogisticRegression(solver='liblinear', random_state=3).fit(X, y)",
    "sklearn.linear_model.LinearRegression().fit(X, y)",
    "sklearn.linear_model.Ridge().fit(X, y)",
    "sklearn.linear_model.Perceptron().fit(X, y)",
    "sklearn.cluster.DBSCAN().fit(X)",
    "sklearn.cluster.AgglomerativeClustering().fit(X)",
    "sklearn.neighbors.KNeighborsClassifier().fit(X, y)",
    "sklearn.naive_bayes.GaussianNB().fit(X, y)",
    "sklearn.decomposition.PCA().fit(X)",
    "sklearn.preprocessing.StandardScaler().fit_transform(X)",
    "sklearn.preprocessing.TargetEncoder(shuffle=False).fit_transform(X.round(), y)",
    "sklearn.impute.KNNImputer().fit_transform(holes)",
    "sklearn.impute.SimpleImputer().fit_transform(holes)",
    "sklearn.ensemble.VotingClassifier([('a', lbfgs)]).fit(X, y)",
    "sklearn.model_selection.GridSearchCV(lbfgs, grid).fit(X, y)",
    "sklearn.model_selection.cross_val_score(lbfgs, X, y)",
    "sklearn.model_selection.permutation_test_score(lbfgs, X, y, n_permutations=2)",
    "sklearn.pipeline.make_pipeline(sklearn.preprocessing.StandardScaler(), lbfgs).fit(X, y)",
    "sklearn.datasets.load_iris()",
    "sklearn.datasets.load_files(folder)",
    "sklearn.datasets.make_circles(10, shuffle=False)",
    "sklearn.metrics.silhouette_score(X, y)",
    "sklearn.feature_extraction.image.extract_patches_2d(X, (2, 2))",
    "sklearn.gaussian_process.GaussianProcessRegressor().fit(X, y)",
    "sklearn.dummy.DummyClassifier().fit(X, y).predict(X)",
    "sklearn.manifold.TSNE(perplexity=5, max_iter=250).fit(X)",
]
