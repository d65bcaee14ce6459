"""How the rows of python.toml are called."""

from __future__ import annotations

SETUP = """
import builtins, collections, concurrent.futures, copy, functools, glob, itertools, os, pathlib, random, secrets, time
import uuid

state = random.Random(5).getstate()
items = [3, 1, 2]
"""

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "random.seed": "random.seed(3)",
    "random.getstate": "random.getstate()",
    "random.setstate": "random.setstate(state)",
    "random.random": "random.random()",
    "random.uniform": "random.uniform(0, 1)",
    "random.triangular": "random.triangular()",
    "random.randint": "random.randint(0, 9)",
    "random.randrange": "random.randrange(9)",
    "random.getrandbits": "random.getrandbits(8)",
    "random.randbytes": "random.randbytes(4)",
    "random.normalvariate": "random.normalvariate(0, 1)",
    "random.gauss": "random.gauss(0, 1)",
    "random.lognormvariate": "random.lognormvariate(0, 1)",
    "random.expovariate": "random.expovariate(1)",
    "random.vonmisesvariate": "random.vonmisesvariate(0, 1)",
    "random.gammavariate": "random.gammavariate(1, 1)",
    "random.betavariate": "random.betavariate(1, 1)",
    "random.paretovariate": "random.paretovariate(1)",
    "random.weibullvariate": "random.weibullvariate(1, 1)",
    "random.choice": "random.choice(items)",
    "random.choices": "random.choices(items)",
    "random.sample": "random.sample(items, 2)",
    "random.shuffle": "random.shuffle(list(items))",
    "random.Random": "random.Random(3)",
    "random.Random.seed": "random.Random().seed(3)",
    "random.Random.shuffle": "random.Random(3).shuffle(list(items))",
    "random.Random.sample": "random.Random(3).sample(items, 2)",
    "random.Random.choice": "random.Random(3).choice(items)",
    "random.Random.choices": "random.Random(3).choices(items)",
    "random.SystemRandom": "random.SystemRandom().random()",
    "os.urandom": "os.urandom(2)",
    "secrets.token_bytes": "secrets.token_bytes(2)",
    "secrets.token_hex": "secrets.token_hex(2)",
    "secrets.token_urlsafe": "secrets.token_urlsafe(2)",
    "secrets.randbelow": "secrets.randbelow(9)",
    "secrets.randbits": "secrets.randbits(9)",
    "secrets.choice": "secrets.choice(items)",
    "secrets.SystemRandom": "secrets.SystemRandom().random()",
    "uuid.uuid1": "uuid.uuid1()",
    "uuid.uuid4": "uuid.uuid4()",
}

QUIET = [
    "random.Random(3).random()",
    "random.Random().random()",
    "sorted(items)",
    "functools.partial(random.random)",
    "map(random.random, items)",
    "hash('text')",
    "os.listdir('.')",
    "copy.deepcopy(items)",
    "set(items)",
]
