"""How the rows of keras.toml are called."""

from __future__ import annotations

import tomllib
from pathlib import Path

SETUP = """
import os, pathlib, tempfile
os.environ["KERAS_BACKEND"] = "tensorflow"
import pytest
pytest.importorskip("tensorflow")
import keras
import numpy as np

keras.random.normal((1,))  # makes the generator that all later calls share
x = np.ones((8, 4), "float32")
y = np.ones((8, 1), "float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
entry = keras.Input((4,))
folder = pathlib.Path(tempfile.mkdtemp())
for label in ("a", "b"):
    (folder / label).mkdir()
    for number in range(3):
        keras.utils.save_img(folder / label / f"{number}.png", np.zeros((4, 4, 3)))
model.save(folder / "kept.keras")
"""

ROWS = tomllib.loads((Path(__file__).parents[3] / "rules" / "apis" / "keras.toml").read_text(encoding="utf-8"))
ARGUMENTS = {
    "Conv": "2, 3",
    "Depthwise": "2",
    "Separable": "2, 3",
    "Dense": "2",
    "EinsumDense": "'ab,bc->ac', 2",
    "Embedding": "3, 2",
    "LSTM": "2",
    "GRU": "2",
    "SimpleRNN": "2",
    "MultiHeadAttention": "2, 2",
    "GroupQueryAttention": "2, 2, 2",
    "Dropout": "0.5",
    "AlphaDropout": "0.5",
    "GaussianDropout": "0.5",
    "GaussianNoise": "0.5",
    "SpatialDropout": "0.5",
    "RandomCrop": "2, 2",
    "RandomFlip": "",
    "RandomNormal": "",
    "RandomUniform": "",
    "RandomTranslation": "0.5, 0.5",
    "Random": "0.5",
    "DenseNet": "weights=None, input_shape=(32, 32, 3)",
    "Inception": "weights=None, input_shape=(75, 75, 3)",
    "Xception": "weights=None, input_shape=(75, 75, 3)",
    "MobileNet": "weights=None, input_shape=(32, 32, 3)",
    "ResNet": "weights=None, input_shape=(32, 32, 3)",
    "EfficientNet": "weights=None, input_shape=(32, 32, 3)",
    "VGG": "weights=None, input_shape=(32, 32, 3)",
}
"""What a class is made with, by how its name begins; the longest that fits."""


def made(name: str) -> str:
    """Make an object of a class."""
    last = name.rpartition(".")[2]
    fits = max((start for start in ARGUMENTS if last.startswith(start)), key=len, default="")
    return f"{name}({ARGUMENTS.get(fits, '')})"


EXAMPLES = {
    name: made(name)
    for row in ROWS["api"]
    if row.get("draws") and not row.get("unverifiable")
    for name in (row["name"], *row.get("also", []))
    if name.split(".")[-2] in {"layers", "initializers", "applications"}
}
EXAMPLES |= {
    "keras.random.SeedGenerator": "keras.random.SeedGenerator()",
    "keras.utils.image_dataset_from_directory": "keras.utils.image_dataset_from_directory(folder, verbose=False)",
    "keras.utils.set_random_seed": "keras.utils.set_random_seed(3)",
}
CALLS = [
    "evaluate(x, y, verbose=0)",
    "fit(x, y, verbose=0)",
    "predict(x, verbose=0)",
    "save(folder / 'net.keras')",
    "save_weights(folder / 'net.weights.h5')",
    "train_on_batch(x, y)",
]
EXAMPLES |= {
    f"keras.{kind}.{call.partition('(')[0]}": f"model.{call}" for kind in ("Model", "Sequential") for call in CALLS
}
EXAMPLES |= {
    "keras.Model": "keras.Model(entry, entry)",
    "keras.Sequential": "keras.Sequential([entry])",
    "keras.models.load_model": "keras.models.load_model(folder / 'kept.keras')",
}
OWN = {"seed": "1"}

QUIET = [
    "keras.layers.BatchNormalization()",
    "keras.layers.LayerNormalization()",
    "keras.layers.Dense(2, kernel_initializer='zeros')",
    "keras.layers.Dropout(0)",
    "keras.layers.Flatten()",
    "keras.random.normal((2,), seed=1)",
    "keras.optimizers.Adam()",
    "model.fit(x, y, verbose=0, shuffle=False)",
    "model.predict(x, verbose=0)",
]
