"""Runs `torchrun` with the tracer in the place of the training script: each rank writes a trace of its own.

Started by the parent as `python launcher.py ORDER`, in the environment of the script. The order is that of `tracer.py`, with `launcher` (the
module that torchrun is) and `launch` (its arguments, as the user typed them, which torch's own parser reads). What it made of them, and
which ranks failed, stands in `launched.json` beside the trace.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Problem(Exception):
    """Why this command line cannot be watched: said in one line."""


def main(path):
    """Launch what the order says; the exit code."""
    with open(path, encoding="utf-8") as file:
        order = json.load(file)
    folder = os.path.dirname(order["trace"])
    if order["where"]:
        signal.signal(order["where"], lambda *_: ask(folder, order["where"]))
    told = {"ranks": 0, "problem": "", "failures": []}
    try:
        args, run = read(order, folder, told)
    except Problem as problem:
        told["problem"] = str(problem)
        tell(folder, told)
        return 2
    with open(path, "w", encoding="utf-8") as file:
        json.dump(order, file)
    args.training_script, args.training_script_args = os.path.join(HERE, "tracer.py"), [path]
    args.module = args.run_path = False
    tell(folder, told)
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    try:
        run(args)
    except ChildFailedError as error:
        failed = sorted(error.failures.items(), key=lambda item: (item[1].timestamp, item[0]))
        told["failures"] = [{"rank": rank, "code": failure.exitcode} for rank, failure in failed]
        tell(folder, told)
        return 1
    return 0


def read(order, folder, told):
    """The arguments as torch reads them, with the script they name put into the order. Raises `Problem`."""
    name = order["launcher"]
    try:
        launcher = importlib.import_module(name)
        run = importlib.import_module("torch.distributed.run")
    except ImportError as error:
        raise Problem(f"{name} cannot be imported by {sys.executable}: {error}") from None
    sys.argv[0] = "torchrun"
    args = launcher.parse_args(order["launch"])
    if args.no_python:
        raise Problem("`--no-python` runs a program that cannot be watched: name the script")
    if run.parse_min_max_nnodes(args.nnodes)[1] != 1:
        raise Problem(f"`--nnodes {args.nnodes}`: only ranks on one machine are watched")
    if args.module:
        order["script"], order["module"] = "", args.training_script
    else:
        script = os.path.join(order["cwd"], args.training_script)
        if not os.path.isfile(script):
            raise Problem(f"no such file: {args.training_script}")
        order["script"], order["module"] = script if order["start"] != order["cwd"] else args.training_script, ""
    order["argv"] = list(args.training_script_args)
    args.max_restarts = 0  # a rank that fails is to be told, not started again
    args.log_dir = os.path.join(folder, "logs")
    if not args.standalone and getattr(args, "master_port", None) is not None:
        args.master_port = free_port()
    if args.rdzv_endpoint and not args.standalone:
        args.rdzv_endpoint = f"{args.rdzv_endpoint.rpartition(':')[0] or args.rdzv_endpoint}:{free_port()}"
    try:
        told["ranks"] = run.determine_local_world_size(args.nproc_per_node)
    except ValueError as error:
        raise Problem(str(error)) from None
    return args, run.run


def free_port():
    """A port that nobody listens on now: two launches after each other, or beside each other, do not meet."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def tell(folder, told):
    path = os.path.join(folder, "launched.json")
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(told, file)
    os.replace(f"{path}.new", path)


def ask(folder, number):
    """Let each rank say where it is, one after the other."""
    for name in sorted(os.listdir(folder)):
        if name.startswith("process."):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                pid = file.read()
            try:
                os.write(2, f"rank {name.partition('.')[2]} is here:\n".encode())
                os.kill(int(pid), number)
            except (OSError, ValueError):
                continue
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
