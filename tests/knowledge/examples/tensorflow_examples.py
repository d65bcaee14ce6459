"""How the rows of tensorflow.toml are called."""

from __future__ import annotations

import tomllib
from pathlib import Path

SETUP = """
import os, pathlib, sys, tempfile
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow
import tensorflow as tf

tensorflow.keras.random.normal((1,))  # makes the generator that all later calls share
x = np.linspace(0, 1, 32, dtype="float32").reshape(8, 4)
y = x[:, :1] ** 2
picture = np.linspace(0, 1, 48, dtype="float32").reshape(4, 4, 3)
wide = np.linspace(0, 1, 640 * 2, dtype="float32").reshape(1, 640, 2)
logits = np.zeros((1, 50), "float32")
numbers = tensorflow.data.Dataset.range(50)
folder = pathlib.Path(tempfile.mkdtemp())
for label in ("a", "b"):
    (folder / label).mkdir()
    for number in range(9):
        tensorflow.keras.utils.save_img(folder / label / f"{number}.png", np.zeros((4, 4, 3)))
pattern = str(folder / "*" / "*.png")
numbers.save(str(folder / "saved"))
entry = tensorflow.keras.Input((4,))
steady = tensorflow.data.Options()


def same(value):
    return value


def positive(value):
    return value > 0


def wrapped(value):
    return tensorflow.data.Dataset.from_tensors(value)


def taped(action):
    weight = tensorflow.Variable(1.0)
    with tensorflow.GradientTape() as tape:
        loss = weight * 2
    return action(tape, loss, weight)


def staying(action):
    leave, sys.exit = sys.exit, lambda code: code
    try:
        return action()
    finally:
        sys.exit = leave


def model():
    start = tensorflow.keras.layers.Dense(1, kernel_initializer="zeros")
    found = tensorflow.keras.Sequential([tensorflow.keras.Input((4,)), start])
    found.compile("sgd", "mse")
    return found


tensorflow.keras.Sequential([entry, tensorflow.keras.layers.Dense(1)]).save(folder / "kept.keras")


def fitted(trained, **options):
    trained.fit(x, y, batch_size=1, verbose=0, **options)
    return [weight.tolist() for weight in trained.get_weights()]
"""

ROWS = tomllib.loads((Path(__file__).parents[3] / "rules" / "apis" / "tensorflow.toml").read_text(encoding="utf-8"))
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
IMAGES = "tensorflow.keras.preprocessing.image.ImageDataGenerator"
EXAMPLES |= {
    "tensorflow.data.Dataset.list_files": "list(tensorflow.data.Dataset.list_files(pattern).as_numpy_iterator())",
    "tensorflow.data.Dataset.shuffle": "list(numbers.shuffle(50).as_numpy_iterator())",
    "tensorflow.image.random_brightness": "tensorflow.image.random_brightness(picture, 0.5)",
    "tensorflow.image.random_contrast": "tensorflow.image.random_contrast(picture, 0.1, 0.9)",
    "tensorflow.image.random_crop": "tensorflow.image.random_crop(wide, (1, 2, 2))",
    "tensorflow.image.random_flip_left_right": "[tensorflow.image.random_flip_left_right(picture) for _ in range(30)]",
    "tensorflow.image.random_flip_up_down": "[tensorflow.image.random_flip_up_down(picture) for _ in range(30)]",
    "tensorflow.image.random_hue": "tensorflow.image.random_hue(picture, 0.5)",
    "tensorflow.image.random_jpeg_quality": "[tensorflow.image.random_jpeg_quality(picture, 1, 100) for _ in range(9)]",
    "tensorflow.image.random_saturation": "tensorflow.image.random_saturation(picture, 0.1, 0.9)",
    f"{IMAGES}.flow": (f"{IMAGES}().flow(np.ones((8, 4, 4, 3)), y)", "next(it)"),
    f"{IMAGES}.flow_from_directory": (f"{IMAGES}().flow_from_directory(folder)", "next(it)"),
    "tensorflow.keras.Model.fit": "fitted(model())",
    "tensorflow.keras.Sequential.fit": "fitted(model())",
    "tensorflow.keras.utils.set_random_seed": "tensorflow.keras.utils.set_random_seed(3)",
    "tensorflow.nn.dropout": "tensorflow.nn.dropout(wide, 0.5)",
    "tensorflow.random.categorical": "tensorflow.random.categorical(logits, 20)",
    "tensorflow.random.gamma": "tensorflow.random.gamma((5,), 1.0)",
    "tensorflow.random.normal": "tensorflow.random.normal((5,))",
    "tensorflow.random.poisson": "tensorflow.random.poisson((50,), 9.0)",
    "tensorflow.random.set_seed": "tensorflow.random.set_seed(3)",
    "tensorflow.random.shuffle": "tensorflow.random.shuffle(wide[0])",
    "tensorflow.random.truncated_normal": "tensorflow.random.truncated_normal((5,))",
    "tensorflow.random.uniform": "tensorflow.random.uniform((5,))",
}
for name in ("utils.image_dataset_from_directory", "preprocessing.image_dataset_from_directory"):
    EXAMPLES[f"tensorflow.keras.{name}"] = f"tensorflow.keras.{name}(folder, verbose=False)"
CALLS = [
    "evaluate(x, y, verbose=0)",
    "predict(x, verbose=0)",
    "save(folder / 'net.keras')",
    "save_weights(folder / 'net.weights.h5')",
    "train_on_batch(x, y)",
]
EXAMPLES |= {
    f"tensorflow.keras.{kind}.{call.partition('(')[0]}": f"model().{call}"
    for kind in ("Model", "Sequential")
    for call in CALLS
}
EXAMPLES |= {
    "tensorflow.keras.Model": "tensorflow.keras.Model(entry, entry)",
    "tensorflow.keras.Sequential": "tensorflow.keras.Sequential([entry])",
    "tensorflow.keras.models.load_model": "tensorflow.keras.models.load_model(folder / 'kept.keras')",
}
SET = "tensorflow.data.Dataset"
STEPS = """
    apply(same) batch(2) cache() concatenate(numbers) enumerate() filter(positive) interleave(wrapped) map(same)
    padded_batch(2) prefetch(1) repeat(2) shard(2,0) skip(1) take(1) unbatch() window(2) with_options(steady)
"""
EXAMPLES |= {f"{SET}.{step.partition('(')[0]}": f"numbers.{step}" for step in STEPS.split()}
EXAMPLES |= {
    "tensorflow.GradientTape.gradient": "taped(lambda tape, loss, weight: tape.gradient(loss, weight))",
    "tensorflow.compat.v1.app.run": "staying(lambda: tensorflow.compat.v1.app.run(len, ['train.py']))",
    SET: f"{SET}.range(3)",
    f"{SET}.from_generator": f"{SET}.from_generator(lambda: iter([1]), output_types=tensorflow.int32)",
    f"{SET}.from_tensor_slices": f"{SET}.from_tensor_slices(x)",
    f"{SET}.from_tensors": f"{SET}.from_tensors(x)",
    f"{SET}.load": f"{SET}.load(str(folder / 'saved'))",
    f"{SET}.range": f"{SET}.range(3)",
    f"{SET}.unbatch": "numbers.batch(2).unbatch()",
    f"{SET}.zip": f"{SET}.zip((numbers, numbers))",
    "tensorflow.io.gfile.listdir": "tensorflow.io.gfile.listdir(str(folder))",
    IMAGES: f"{IMAGES}()",
    "tensorflow.random.Generator.from_non_deterministic_state": (
        "tensorflow.random.Generator.from_non_deterministic_state()"
    ),
    "tensorflow.random.Generator.from_seed": "tensorflow.random.Generator.from_seed(3)",
}
OWN = {f"{name}:seed": "1" for name in EXAMPLES if name.startswith("tensorflow.keras.layers.")}

QUIET = [
    "tensorflow.keras.layers.BatchNormalization()",
    "tensorflow.keras.layers.Dense(2, kernel_initializer='zeros')",
    "tensorflow.random.stateless_normal((2,), (1, 2))",
    "tensorflow.data.Dataset.range(5).batch(2)",
    "tensorflow.random.Generator.from_seed(1).normal((2,))",
    "list(tensorflow.data.Dataset.list_files(pattern, shuffle=False))",
]
