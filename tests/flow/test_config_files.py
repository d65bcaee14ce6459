"""Programs that take their seed from a file: what the file says decides."""

from situation import Situation, cases, judge

SITUATIONS = [
    Situation(
        "name of a file put together from an option",
        "torch optional",
        """
import argparse
import pathlib
from dataclasses import dataclass

import torch
import yaml

@dataclass
class Run:
    seed: int | None
    rows: int

def load(name):
    folder = pathlib.Path(__file__).resolve().parent
    return Run(**yaml.safe_load((folder / f"{name}.yaml").read_text())["run"])

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="small")
run = load(parser.parse_args().config)
if run.seed is not None:
    torch.manual_seed(run.seed)
print(torch.rand(3))  # RPL103
### small.yaml
run:
  seed: null
  rows: 3
""",
        repeats=None,
    ),
    Situation(
        "null in a YAML file leaves the seed optional",
        "numpy optional",
        """
import numpy as np
import yaml

with open("config.yaml") as handle:
    cfg = yaml.safe_load(handle)
if cfg["train"]["seed"] is not None:
    np.random.seed(cfg["train"]["seed"])
print(np.random.rand())  # RPL103
### config.yaml
train:
  seed: null  # set it
""",
        says="unless `train.seed` is set in config.yaml",
        repeats=False,
    ),
    Situation(
        "number in a YAML file is a seed",
        "numpy seeded",
        """
import numpy as np
import yaml

with open("config.yaml") as handle:
    cfg = yaml.safe_load(handle)
if cfg["train"]["seed"] is not None:
    np.random.seed(cfg["train"]["seed"])
print(np.random.rand())
### config.yaml
train:
  seed: 7
""",
    ),
    Situation(
        "truthy seed of a JSON file in a helper",
        "numpy seeded",
        """
import json
import numpy as np

def prepare(cfg):
    if cfg.get("seed"):
        np.random.seed(cfg["seed"])

with open("config.json") as f:
    cfg = json.load(f)
prepare(cfg)
print(np.random.rand())
### config.json
{"seed": 17}
""",
    ),
    Situation(
        "key that a file lacks",
        "numpy optional",
        """
import json
import numpy as np

cfg = json.load(open("config.json"))
seed = cfg.get("seed")
if seed is not None:
    np.random.seed(seed)
print(np.random.rand())  # RPL103
### config.json
{"steps": 3}
""",
        says="unless `seed` is set in config.json",
        repeats=False,
    ),
    Situation(
        "key that a file lacks has a default",
        "numpy seeded",
        """
import json
import numpy as np

cfg = json.load(open("config.json"))
seed = cfg.get("seed", 4)
if seed is not None:
    np.random.seed(seed)
print(np.random.rand())
### config.json
{"steps": 3}
""",
    ),
    Situation(
        "membership in a file",
        "numpy optional",
        """
import json
import numpy as np

cfg = json.load(open("config.json"))
if "seed" in cfg:
    np.random.seed(cfg["seed"])
print(np.random.rand())  # RPL103
### config.json
{"steps": 3}
""",
        repeats=False,
    ),
    Situation(
        "paths beside the module",
        "numpy seeded",
        """
import json
import os
import tomllib
from pathlib import Path
import numpy as np

HERE = Path(__file__).resolve().parent
one = json.loads((HERE / "conf" / "one.json").read_text())
two = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "conf", "one.json")))
with (HERE.parents[0] / "src" / "conf" / "three.toml").open("rb") as file:
    three = tomllib.load(file)
with open(f"{HERE}/conf/one.json") as file:
    four = json.loads(file.read())
if one["seed"] is not None and two["seed"] > 0 and three["run"]["seed"] and four["seed"]:
    np.random.seed(one["seed"])
print(np.random.rand())
### src/conf/one.json
{"seed": 2}
### src/conf/three.toml
[run]
seed = 3
""",
        entry="src/main.py",
    ),
    Situation(
        "default of an option names the file",
        "numpy optional",
        """
import argparse
import json
import numpy as np

p = argparse.ArgumentParser()
p.add_argument("--config", default="config.json")
a = p.parse_args()
with open(a.config) as f:
    cfg = json.load(f)
if cfg["seed"] is not None:
    np.random.seed(cfg["seed"])
print(np.random.rand())  # RPL103
### config.json
{"seed": null}
""",
        repeats=False,
    ),
    Situation(
        "path that nobody knows",
        "numpy seeded",
        """
import argparse
import json
import numpy as np

p = argparse.ArgumentParser()
p.add_argument("--config", required=True)
a = p.parse_args()
with open(a.config) as f:
    cfg = json.load(f)
np.random.seed(cfg["seed"])
print(np.random.rand())
### config.json
{"seed": null}
""",
        repeats=None,
    ),
    Situation(
        "file that the program writes itself",
        "numpy seeded",
        """
import json
import numpy as np

with open("made.json", "w") as f:
    json.dump({"seed": 5}, f)
with open("made.json") as f:
    cfg = json.load(f)
np.random.seed(cfg["seed"])
print(np.random.rand())
### made.json
{"seed": null}
""",
    ),
    Situation(
        "record made of a file",
        "numpy optional",
        """
import argparse
import json
import numpy as np

with open("config.json") as f:
    cfg = argparse.Namespace(**json.load(f))
if cfg.seed is not None:
    np.random.seed(cfg.seed)
print(np.random.rand())  # RPL103
### config.json
{"seed": null}
""",
        repeats=False,
    ),
    Situation(
        "dataclass over a file that leaves the seed out",
        "numpy seeded",
        """
import json
from dataclasses import dataclass
import numpy as np

@dataclass
class Run:
    name: str = "x"
    seed: int | None = 20

with open("config.json") as f:
    run = Run(**json.load(f).get("run", {}))
if run.seed is not None:
    np.random.seed(run.seed)
print(np.random.rand())
### config.json
{"run": {"name": "small"}}
""",
    ),
    Situation(
        "None of a file goes into the seed itself",
        "numpy optional",
        """
import json
import numpy as np

cfg = json.load(open("config.json"))
np.random.seed(cfg["seed"])
print(np.random.rand())  # RPL103
### config.json
{"seed": null}
""",
        repeats=False,
    ),
    Situation(
        "seed of a file that the program replaces",
        "numpy seeded",
        """
import json
import numpy as np

cfg = json.load(open("config.json"))
if cfg["seed"] is None:
    cfg["seed"] = 11
np.random.seed(cfg["seed"])
print(np.random.rand())
### config.json
{"seed": null}
""",
    ),
    Situation(
        "two files of one name",
        "numpy seeded",
        """
import json
import numpy as np

cfg = json.load(open("config.json"))
if cfg["seed"] is not None:
    np.random.seed(cfg["seed"])
print(np.random.rand())
### config.json
{"seed": 1}
### other/config.json
{"seed": null}
""",
    ),
    Situation(
        "hydra hands over its file",
        "numpy optional",
        """
import hydra
import numpy as np

@hydra.main(config_path="conf", config_name="main", version_base=None)
def main(cfg):
    if cfg.train.seed is not None:
        np.random.seed(cfg.train.seed)
    print(np.random.rand())  # RPL103

if __name__ == "__main__":
    main()
### conf/main.yaml
train:
  seed: null
""",
        says="unless `train.seed` is set in main.yaml",
        repeats=None,
    ),
    Situation(
        "hydra without its file",
        "numpy seeded",
        """
import hydra
import numpy as np

@hydra.main(config_path="elsewhere", config_name="main", version_base=None)
def main(cfg):
    if cfg.train.seed is not None:
        np.random.seed(cfg.train.seed)
    print(np.random.rand())

if __name__ == "__main__":
    main()
""",
        repeats=None,
    ),
    Situation(
        "OmegaConf reads attributes",
        "numpy seeded",
        """
from omegaconf import OmegaConf
import numpy as np

cfg = OmegaConf.load("config.yaml")
if cfg.train.seed is not None:
    np.random.seed(cfg.train.seed)
print(np.random.rand())
### config.yaml
train: {seed: 3}
""",
        repeats=None,
    ),
    Situation(
        "a file that is not in sight may seed while it is loaded",
        "python seeded",
        """
import random
import sys
from hyperpyyaml import load_hyperpyyaml

with open(sys.argv[1]) as handle:
    hparams = load_hyperpyyaml(handle)
print(random.random())
""",
        repeats=None,
    ),
    Situation(
        "a file in sight seeds what it calls",
        "python seeded, torch seeded",
        """
import random
import torch
from hyperpyyaml import load_hyperpyyaml

with open("hparams.yaml") as handle:
    hparams = load_hyperpyyaml(handle)
print(random.random(), torch.rand(1))
### hparams.yaml
seed: 1986
__set_seed: !apply:speechbrain.utils.seed_everything [!ref <seed>]
""",
        repeats=None,
    ),
    Situation(
        "a file in sight that seeds something else",
        "python unseeded, torch seeded",
        """
import random
import torch
from hyperpyyaml import load_hyperpyyaml

with open("hparams.yaml") as handle:
    hparams = load_hyperpyyaml(handle)
print(torch.rand(1))
print(random.random())  # RPL101
### hparams.yaml
seed: 1986
__set_seed: !apply:torch.manual_seed [!ref <seed>]
""",
        repeats=None,
    ),
    Situation(
        "the recipes beside a program seed alike and leave the same thing out",
        "python unused, torch seeded",
        """
import random
import sys
import torch
from hyperpyyaml import load_hyperpyyaml

with open(sys.argv[1]) as handle:
    hparams = load_hyperpyyaml(handle)
if hparams["augment"]:
    print(random.random())
print(torch.rand(1))
### hparams/small.yaml
seed: 1986
__set_seed: !apply:torch.manual_seed [!ref <seed>]
augment: False
width: 3
### hparams/large.yaml
seed: 1986
__set_seed: !apply:torch.manual_seed [!ref <seed>]
augment: False # it's slow
width: 300
layers: 4
""",
        repeats=None,
    ),
    Situation(
        "one recipe seeds and the other does not, so it may be seeded",
        "torch seeded",
        """
import sys
import torch
from hyperpyyaml import load_hyperpyyaml

with open(sys.argv[1]) as handle:
    hparams = load_hyperpyyaml(handle)
print(torch.rand(1))
### hparams/small.yaml
__set_seed: !apply:torch.manual_seed [1]
### hparams/large.yaml
net: !apply:torch.nn.Linear [1, 2]
""",
        repeats=None,
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)
