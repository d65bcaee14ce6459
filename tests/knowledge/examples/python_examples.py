"""How the rows of python.toml are called."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SETUP = """
import argparse, asyncio, bisect, builtins, cProfile, collections, concurrent.futures, configparser, contextvars, copy
import csv, datetime, fnmatch, functools, glob, heapq, io, itertools, joblib, json, multiprocessing
import multiprocessing.context, multiprocessing.pool, optparse, os, pathlib, pickle, platform, random, re, rich.progress
import runpy, secrets, shlex, socket, tempfile, textwrap, threading, time, timeit, tomllib, uuid
from examples.python_examples import answered, closed, each, filled, finished, nap, odd, minus, sleeping, soon, within

state = random.Random(5).getstate()
items = [3, 1, 2, 6]
words = ["pear", "fig", "date"]
pairs = [("a", "pear"), ("b", "fig")]
delays = [0.2, 0.0]
number = 2
text = "folder/name.txt"
pickled = pickle.dumps(items)
lines = ["a,b", "1,2"]
keep, folder = filled()
script = __import__("keyword").__file__
parser = argparse.ArgumentParser()
parser.add_argument("--n")
options = optparse.OptionParser()
options.add_option("--n")
class Version:
    def __lt__(self, other):
        return False
"""


# -- what the examples use, where another process finds it


def filled() -> tuple[Any, str]:
    """A folder with files whose names are not made in their order, and what keeps it there."""
    keep = tempfile.TemporaryDirectory()
    names = [f"{number:02}" for number in range(40)]
    names = names[1::2] + names[::-2]
    for name in names:
        (Path(keep.name) / name).touch()
    return keep, keep.name


def odd(number: int) -> int:
    return number % 2


def minus(one: int, other: int) -> int:
    return one - other


def nap(seconds: float) -> float:
    """Sleep, and say how long."""
    time.sleep(seconds)
    return seconds


def answered(ask: Callable[[], Any]) -> Any:
    """What `ask` gives while someone types."""
    before, sys.stdin = sys.stdin, io.StringIO("typed")
    try:
        return ask()
    finally:
        sys.stdin = before


def closed(opened: Any) -> Any:
    """What a file holds, once it is closed; for a pool, wait for its end."""
    found = opened.read() if hasattr(opened, "read") else None
    opened.close()
    if hasattr(opened, "join"):
        opened.join()
    return found


def within(pool: Any, use: Callable[[Any], Any]) -> Any:
    """What `use` makes of a pool that ends afterwards."""
    with pool:
        return use(pool)


async def soon(value: Any) -> Any:
    """Give a value from a coroutine."""
    return value


def sleeping(delays: list[float]) -> list[Any]:
    """Tasks of the running loop, each as long as its delay."""
    return [asyncio.ensure_future(asyncio.sleep(delay, delay)) for delay in delays]


async def each(make: Callable[[], Iterable[Any]]) -> list[Any]:
    """What comes from awaitables that are made in the running loop."""
    return [await one for one in make()]


async def finished(make: Callable[[], Any]) -> list[Any]:
    """What comes from those that are done when the wait is over."""
    done, _ = await make()
    return [one.result() for one in done]


def pooled(kind: str, pool: str) -> dict[str, str]:
    """The methods of a pool, of processes or of threads."""
    uses = {
        "apply": "pool.apply(list, (words,))",
        "apply_async": "pool.apply_async(list, (words,)).get()",
        "imap": "list(pool.imap(abs, items))",
        "imap_unordered": "list(pool.imap_unordered(nap, delays))",
        "map": "pool.map(abs, items)",
        "map_async": "pool.map_async(abs, items).get()",
        "starmap": "pool.starmap(max, pairs)",
        "starmap_async": "pool.starmap_async(max, pairs).get()",
    }
    return {f"multiprocessing.pool.{kind}.{name}": f"within({pool}, lambda pool: {use})" for name, use in uses.items()}


def executed(kind: str) -> dict[str, str | tuple[str, str]]:
    """An executor and its methods."""
    name = f"concurrent.futures.{kind}"
    return {
        name: (f"{name}(1, initializer=abs, initargs=(-1,))", "(it.submit(abs, 1).result(), it.shutdown())[0]"),
        f"{name}.map": f"within({name}(1), lambda pool: list(pool.map(abs, items)))",
        f"{name}.submit": f"within({name}(1), lambda pool: pool.submit(abs, -1).result())",
    }


def started(*names: str) -> dict[str, str | tuple[str, str]]:
    """Threads and processes."""
    return {name: (f"{name}(target=max, args=(1, 2))", "(it.start(), it.join())[0]") for name in names}


def listed(make: str, *uses: str) -> dict[str, str | tuple[str, str]]:
    """Functions that give iterators, called with the same arguments."""
    return {name: (f"{name.removeprefix('builtins.')}({make})", "list(it)") for name in uses}


def called(arguments: str, *names: str) -> dict[str, str | tuple[str, str]]:
    """Functions called with the same arguments."""
    return {name: f"{name.removeprefix('builtins.')}({arguments})" for name in names}


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
    "os.urandom": "os.urandom(16)",
    "secrets.token_bytes": "secrets.token_bytes(16)",
    "secrets.token_hex": "secrets.token_hex(16)",
    "secrets.token_urlsafe": "secrets.token_urlsafe(16)",
    "secrets.randbelow": "secrets.randbelow(10**9)",
    "secrets.randbits": "secrets.randbits(64)",
    "secrets.choice": "secrets.choice(range(10**9))",
    "secrets.SystemRandom": "secrets.SystemRandom().random()",
    "uuid.uuid1": "uuid.uuid1()",
    "uuid.uuid4": "uuid.uuid4()",
    # builtins
    **called("items", "builtins.all", "builtins.any", "builtins.bool", "builtins.frozenset", "builtins.len"),
    **called("items", "builtins.repr", "builtins.set", "builtins.str", "builtins.sum", "builtins.type"),
    **called("words", "builtins.list", "builtins.tuple", "builtins.enumerate"),
    **called("words", "builtins.iter", "builtins.reversed", "builtins.zip"),
    **called("number", "builtins.float", "builtins.int"),
    **called("items, key=abs", "builtins.max", "builtins.min", "builtins.sorted"),
    **listed("odd, items", "builtins.filter", "builtins.map"),
    "builtins.dict.fromkeys": "dict.fromkeys(pairs)",
    "builtins.callable": "callable(len)",
    "builtins.dict": "dict(pairs)",
    "builtins.hasattr": "hasattr(items, 'sort')",
    "builtins.hash": "hash('text')",
    "builtins.id": "id(object())",
    "builtins.input": "answered(lambda: input())",
    "builtins.isinstance": "isinstance(items, list)",
    "builtins.issubclass": "issubclass(bool, int)",
    "builtins.list.sort": ("list(items)", "it.sort(key=abs) or it"),
    "builtins.next": "next(iter(items))",
    "builtins.open": "closed(open(script))",
    "builtins.str.format": "'{}'.format(items)",
    "builtins.str.join": "','.join(words)",
    # command lines
    "argparse.ArgumentParser": "argparse.ArgumentParser()",
    "argparse.ArgumentParser.add_argument_group": "argparse.ArgumentParser().add_argument_group('more')",
    "argparse.ArgumentParser.add_mutually_exclusive_group": "argparse.ArgumentParser().add_mutually_exclusive_group()",
    "argparse.ArgumentParser.parse_args": "parser.parse_args(['--n', '3'])",
    "argparse.ArgumentParser.parse_intermixed_args": "parser.parse_intermixed_args(['--n', '3'])",
    "argparse.ArgumentParser.parse_known_args": "parser.parse_known_args(['--n', '3'])",
    "optparse.OptionParser": "optparse.OptionParser()",
    "optparse.OptionParser.parse_args": "options.parse_args(['--n', '3'])",
    # iterators and containers
    "collections.Counter": "collections.Counter(pairs)",
    **called("words", "collections.deque", "itertools.chain", "itertools.cycle"),
    **called("words", "itertools.pairwise", "itertools.permutations", "itertools.product", "itertools.tee"),
    **called("words, 2", "itertools.combinations", "itertools.combinations_with_replacement", "itertools.islice"),
    **called("words, 2", "itertools.repeat"),
    **called("words", "itertools.zip_longest", "copy.copy", "copy.deepcopy"),
    **listed("odd, items", "itertools.dropwhile", "itertools.filterfalse", "itertools.takewhile"),
    **called("2, items, key=abs", "heapq.nlargest", "heapq.nsmallest"),
    **{f"bisect.{name}": ("[]", f"[bisect.{name}(it, x) for x in items] and it") for name in ("insort", "insort_left")},
    "bisect.insort_right": ("[]", "[bisect.insort_right(it, x) for x in items] and it"),
    "collections.Counter.most_common": "collections.Counter(words).most_common()",
    "collections.OrderedDict": "collections.OrderedDict(pairs)",
    "collections.defaultdict": "collections.defaultdict(list, pairs)",
    "fnmatch.filter": "fnmatch.filter(words, '*')",
    "itertools.accumulate": ("itertools.accumulate(items, max)", "list(it)"),
    "itertools.chain.from_iterable": "itertools.chain.from_iterable([words])",
    "itertools.compress": "itertools.compress(words, [1, 0, 1])",
    "itertools.groupby": ("itertools.groupby(items, odd)", "[(key, list(group)) for key, group in it]"),
    "itertools.starmap": ("itertools.starmap(max, pairs)", "list(it)"),
    "rich.progress.track": ("rich.progress.track(words, disable=True)", "list(it)"),
    # functions
    **called("odd", "functools.cache", "functools.cached_property", "functools.lru_cache", "functools.singledispatch"),
    **called("odd", "functools.wraps"),
    "functools.partial": ("functools.partial(max, number)", "it(3)"),
    "functools.partialmethod": ("functools.partialmethod(max, number)", "it.__get__(3)()"),
    "functools.reduce": "functools.reduce(minus, items)",
    "functools.total_ordering": "functools.total_ordering(Version)",
    "cProfile.Profile.runcall": "cProfile.Profile().runcall(abs, -1)",
    "contextvars.Context.run": "contextvars.copy_context().run(abs, -1)",
    "timeit.timeit": "timeit.timeit(dict, number=1)",
    # processes, threads and tasks
    **executed("ProcessPoolExecutor"),
    **executed("ThreadPoolExecutor"),
    **pooled("Pool", "multiprocessing.Pool(2)"),
    **pooled("ThreadPool", "multiprocessing.pool.ThreadPool(2)"),
    **started("multiprocessing.Process", "multiprocessing.context.ForkProcess", "threading.Thread"),
    **started("multiprocessing.context.ForkServerProcess", "multiprocessing.context.SpawnProcess"),
    "threading.Timer": ("threading.Timer(0, max, (1, 2))", "(it.start(), it.join())[0]"),
    "multiprocessing.Pool": "closed(multiprocessing.Pool(1, abs, (-1,)))",
    "multiprocessing.pool.ThreadPool": "closed(multiprocessing.pool.ThreadPool(1, abs, (-1,)))",
    **called("", "multiprocessing.context.ForkContext", "multiprocessing.context.ForkServerContext"),
    **called("", "multiprocessing.context.SpawnContext"),
    **{
        f"multiprocessing.context.{kind}Context.Pool": (
            f"closed(multiprocessing.context.{kind}Context().Pool(1, abs, (-1,)))"
        )
        for kind in ("Fork", "ForkServer", "Spawn")
    },
    "multiprocessing.get_context": "multiprocessing.get_context('spawn')",
    "multiprocessing.set_start_method": "multiprocessing.set_start_method('fork', force=True)",
    "asyncio.run": "asyncio.run(soon(number))",
    "asyncio.to_thread": "asyncio.run(asyncio.to_thread(abs, -1))",
    "asyncio.as_completed": "asyncio.run(each(lambda: asyncio.as_completed(sleeping(delays))))",
    "asyncio.wait": "asyncio.run(finished(lambda: asyncio.wait(sleeping(delays), return_when='FIRST_COMPLETED')))",
    "concurrent.futures.as_completed": (
        "within(concurrent.futures.ThreadPoolExecutor(2), lambda pool: [one.result() for one in"
        " concurrent.futures.as_completed([pool.submit(nap, delay) for delay in delays])])"
    ),
    "concurrent.futures.wait": (
        "within(concurrent.futures.ThreadPoolExecutor(2), lambda pool: [one.result() for one in"
        " concurrent.futures.wait([pool.submit(nap, delay) for delay in delays], return_when='FIRST_COMPLETED').done])"
    ),
    # files and what is given
    **called("text", "os.fspath", "os.path.abspath", "os.path.basename", "os.path.expanduser", "os.path.normpath"),
    **called("text", "os.path.split", "os.path.splitext", "pathlib.Path", "pathlib.PurePath"),
    **called("script", "os.path.exists", "os.path.getctime", "os.path.getmtime", "os.path.getsize", "os.path.isdir"),
    **called("script", "os.path.isfile"),
    "os.path.dirname": "os.path.dirname(text + '/more')",
    "os.path.join": "os.path.join(text, 'more')",
    "os.listdir": "os.listdir(folder)",
    "os.scandir": ("os.scandir(folder)", "list(it)"),
    **called("folder + '/*'", "glob.glob", "glob.iglob"),
    "os.walk": ("os.walk(folder)", "list(it)[0][2]"),
    "os.fwalk": ("os.fwalk(folder)", "list(it)[0][2]"),
    "json.dumps": "json.dumps(items)",
    "re.Pattern.findall": "re.compile('[a-z]+').findall(text)",
    "re.Pattern.split": "re.compile('/').split(text)",
    "re.Pattern.sub": "re.compile('/').sub('-', text)",
    "re.compile": "re.compile('[a-z]+')",
    "re.escape": "re.escape(text)",
    "re.findall": "re.findall('[a-z]+', text)",
    "re.split": "re.split('/', text)",
    "re.sub": "re.sub('/', '-', text)",
    "shlex.split": "shlex.split('a \"b c\"')",
    "textwrap.wrap": "textwrap.wrap('a long line of words', 6)",
    "pathlib.Path.glob": "pathlib.Path(folder).glob('*')",
    "pathlib.Path.iterdir": "pathlib.Path(folder).iterdir()",
    "pathlib.Path.rglob": ("pathlib.Path(folder).rglob('*')", "list(it)"),
    "joblib.dump": (
        "tempfile.NamedTemporaryFile()",
        "(joblib.dump(items, it.name), joblib.load(it.name))[1]",
    ),
    "json.dump": "json.dump(items, io.StringIO())",
    "json.load": "json.load(io.StringIO('[1]'))",
    "json.loads": "json.loads('[1]')",
    "pickle.dump": ("io.BytesIO()", "(pickle.dump(items, it), pickle.loads(it.getvalue()))[1]"),
    "pickle.load": "pickle.load(io.BytesIO(pickled))",
    "pickle.loads": "pickle.loads(pickled)",
    "tomllib.load": "tomllib.load(io.BytesIO(b'a = 1'))",
    "tomllib.loads": "tomllib.loads('a = 1')",
    "configparser.ConfigParser": "configparser.ConfigParser({'a': '1'})",
    "csv.DictReader": "csv.DictReader(lines)",
    "csv.reader": "csv.reader(lines)",
    "runpy.run_module": "runpy.run_module('keyword')['kwlist']",
    "runpy.run_path": "runpy.run_path(script)['kwlist']",
    **called("", "multiprocessing.cpu_count", "os.cpu_count", "os.getcwd", "platform.node", "socket.gethostname"),
    "socket.getfqdn": "socket.getfqdn('localhost')",
    "os.environ.get": "os.environ.get('PATH')",
    "os.getenv": "os.getenv('PATH')",
    "os.sched_getaffinity": "os.sched_getaffinity(0)",
    # what differs from run to run
    **called("", "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow"),
    **called("", "os.getpid", "os.getppid", "os.times", "threading.get_ident", "threading.get_native_id"),
    **called("", "time.ctime", "time.gmtime", "time.localtime", "time.monotonic", "time.monotonic_ns"),
    **called("", "time.perf_counter", "time.perf_counter_ns", "time.process_time", "time.process_time_ns"),
    **called("", "time.thread_time", "time.time", "time.time_ns"),
    "os.getrandom": "os.getrandom(16)",
    "time.clock_gettime": "time.clock_gettime(time.CLOCK_REALTIME)",
    "time.strftime": "time.strftime('%c')",
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
