"""RPL101, 102, 103, 104, 110, 111, 114, 201: what the verdict on each stream of each run says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft, Hop, called, path_steps
from reprolint.flow.state import CERTAIN, LIKELY, POSSIBLE
from reprolint.model.stream import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Event, Witness
    from reprolint.flow.verdict import Verdict
    from reprolint.model.span import Place

_SEEDERS: Final = {
    "torch": "torch.manual_seed(seed)",
    "cuda": "torch.manual_seed(seed)",
    "numpy": "np.random.seed(seed)",
    "python": "random.seed(seed)",
    "tensorflow": "tf.random.set_seed(seed)",
}
_LOADING: Final = frozenset({"load_state_dict", "from_pretrained", "load_weights", "load_model", "restore"})
_LOADING_WHOLE: Final = _LOADING - {"from_pretrained"}
"""`from_pretrained` may be that of a tokenizer, beside a model that is drawn and written."""
_FITTING: Final = frozenset({"fit", "backward"})
"""A script that says this trains, even where the step itself is out of sight."""
_EXPORTING: Final = frozenset({"onnx", "onnxruntime", "onnx2trt", "tensorrt", "torch_tensorrt", "coremltools", "openvino", "jit", "make_fx"})
"""What turns a model into another form takes inputs of which nothing but the shape counts."""


def _speaks(program: Program, run: RunResult, stream: str, verdict: Verdict, code: str) -> Iterator[tuple[Verdict, Witness, int]]:
    """The verdict, its draw and the confidence, if this rule is the one to speak."""
    if verdict.drawn is None or not verdict.drawn.place.path or spoken_rule(run, stream, verdict) != code:
        return
    if _recorded(run, stream, verdict) or _only_seeds(run, verdict):
        return
    yield verdict, verdict.drawn, level_of(program, run, stream, verdict)


def _recorded(run: RunResult, stream: str, verdict: Verdict) -> bool:
    """Whether the seed, where none is given, is made up and written down."""
    if verdict.rule != "RPL103" or (stream, "early") in run.firsts or (f"worker:{stream}", "early") in run.firsts:
        return False
    recorded = {event.place for event, _ in run.of_kind("recorded")}
    return any(stream in event.detail[0] and event.detail[2] in recorded for event, _ in run.of_kind("entropy-seed"))


def _only_seeds(run: RunResult, verdict: Verdict) -> bool:
    """Whether the draw goes into a seed and nowhere else: the finding is the seed's."""
    drawn = verdict.drawn
    return drawn is not None and drawn.level == POSSIBLE and any(event.detail[2] == drawn.place for event, _ in run.of_kind("entropy-seed"))


def spoken_rule(run: RunResult, stream: str, verdict: Verdict) -> str:
    """The rule that explains a bad stream best."""
    code = verdict.rule
    if code == "RPL101" and verdict.drawn is not None and verdict.drawn.rule:
        code = verdict.drawn.rule
    if code in {"RPL101", "RPL104"} and verdict.drawn is not None and verdict.drawn.rule == "RPL114":
        return "RPL114"
    if code == "RPL101" and stream == "torch" and _cuda_alone(run) is not None:
        return "RPL110"
    return code


def _cuda_alone(run: RunResult) -> Witness | None:
    """Where CUDA alone is seeded, if nothing seeds the CPU stream."""
    return run.firsts.get(("cuda", "fixed")) if ("torch", "fixed") not in run.firsts else None


def level_of(program: Program, run: RunResult, stream: str, verdict: Verdict) -> int:
    """How sure a finding is: the weakest of its witness, what seeds lie about, and what kind of entry it is."""
    level = verdict.level
    if verdict.rule == "RPL101" and level == CERTAIN and _seeds_nearby(program, run, stream):
        level = LIKELY
    if run.entry.smoke and not run.trains:
        level = POSSIBLE
    said = program.words.get(run.entry.path, frozenset())
    if stream in {"torch", "cuda"} and not run.learns and not (run.trains and _FITTING & said):
        loading = _LOADING_WHOLE if run.trains else _LOADING
        if any(loading & program.words.get(path, frozenset()) for path in run.closure) or _EXPORTING & said:
            level = POSSIBLE
    return level


def _seeds_nearby(program: Program, run: RunResult, stream: str) -> bool:
    names = {name.rpartition(".")[2] for name, rows in program.catalog.rows.items() for api in rows if stream in api.seeds} - {"seed"}
    return any(names & program.words.get(path, frozenset()) for path in run.closure)


def _each(program: Program, code: str) -> Iterator[tuple[RunResult, str, Verdict, Witness, int]]:
    for run in program.runs:
        for stream in STREAMS:
            if stream == "hash":
                continue
            for verdict, drawn, level in _speaks(program, run, stream, run.verdicts[stream], code):
                yield run, stream, verdict, drawn, level


@rule("RPL101", "unseeded-stream", "error")
def unseeded_stream(program: Program) -> Iterator[Draft]:
    """The run draws from a stream that nothing on the way has seeded."""
    for run, stream, _, drawn, level in _each(program, "RPL101"):
        yield Draft(
            "RPL101", drawn.place, f"{drawn.what} draws from `{stream}`, and nothing seeds it before",
            f"call `{_SEEDERS[stream]}` before it", level, stream=stream, run=run, steps=path_steps(drawn, "draws here"),
        )  # fmt: skip


@rule("RPL102", "draw-before-seed", "error")
def draw_before_seed(program: Program) -> Iterator[Draft]:
    """The stream is seeded, but something draws from it earlier."""
    for run, stream, verdict, drawn, level in _each(program, "RPL102"):
        steps = path_steps(drawn, "draws here")
        if verdict.seeded is not None:
            steps += path_steps(verdict.seeded, "seeded only here")
        yield Draft(
            "RPL102", drawn.place, f"{drawn.what} draws from `{stream}` before it is seeded",
            "seed before this line, or move what draws below the seeding", level, stream=stream, run=run, steps=steps,
        )  # fmt: skip


@rule("RPL103", "optional-seed", "warning")
def optional_seed(program: Program) -> Iterator[Draft]:
    """The stream is seeded only on some paths: an option, a flag or one branch decides."""
    made_up: dict[tuple[int, Place], list[tuple[RunResult, str, Verdict, int]]] = {}
    for run, stream, verdict, drawn, level in _each(program, "RPL103"):
        origin = _made_up(run, stream)
        if origin is not None:
            made_up.setdefault((id(run), origin), []).append((run, stream, verdict, level))
            continue
        unless, remedy = _unless(program, run, stream, verdict)
        steps = path_steps(drawn, "draws here")
        if verdict.seeded is not None:
            steps += path_steps(verdict.seeded, "seeded only here")
        yield Draft(
            "RPL103", drawn.place, f"{drawn.what} draws from `{stream}`, which is {unless}",
            remedy, level, stream=stream, run=run, steps=steps,
        )  # fmt: skip
    for (_, origin), found in made_up.items():
        run, stream, verdict, level = max(found, key=lambda item: item[3])
        unless, remedy = _unless(program, run, stream, verdict)
        event, path = _seeding(run, stream, origin)
        streams = " and ".join(f"`{name}`" for _, name, _, _ in found)
        reason = unless.removeprefix("not seeded ") if unless.startswith("not seeded unless") else "on some of the ways to it"
        yield Draft(
            "RPL103", origin, f"{streams} {'are' if len(found) > 1 else 'is'} seeded from {event.detail[1]}, which differs from run to run, {reason}",
            remedy, level, stream=stream, run=run,
            steps=(Hop(origin, f"comes from here: {event.detail[1]}"), *called(path), Hop(event.place, f"seeds `{stream}`")),
        )  # fmt: skip


def _made_up(run: RunResult, stream: str) -> Place | None:
    """Where the clock or its like is read that seeds the stream where nothing else does; None if something draws with no seed at all."""
    if (stream, "early") in run.firsts:
        return None
    found = (event.detail[2] for event, _ in run.of_kind("entropy-seed") if stream in event.detail[0])
    return next((source for source in found if source), None)


def _seeding(run: RunResult, stream: str, origin: Place) -> tuple[Event, tuple[Place, ...]]:
    return next((event, path) for event, path in run.of_kind("entropy-seed") if stream in event.detail[0] and event.detail[2] == origin)


def _options(names: tuple[str, ...]) -> list[str]:
    """What a user may type or export, among what a test depends on."""
    return [name for name in names if name.startswith(("-", "$"))]


def _unless(program: Program, run: RunResult, stream: str, verdict: Verdict) -> tuple[str, str]:
    """What decides whether the stream is seeded, and what to do about it."""
    default = "give the seed a fixed default, so that a plain run repeats"
    options = _options(verdict.guards) or list(verdict.guards)
    if options and verdict.state == "seeded":
        return f"not seeded for every value of {options[0]}", f"seed it whatever {options[0]} is"
    guard = _guard(run, stream, verdict)
    if guard is not None and (not options or not set(guard[1]) & set(verdict.guards)):
        asked = _options(guard[1])
        text = program.text(guard[0])
        named = asked and f".{asked[0].lstrip('-').replace('-', '_')}" in text
        decides = f" ({asked[0]})" if named else f", which {asked[0]} decides" if asked else ""
        return f"not seeded unless `{text}`{decides}", default if any("seed" in name for name in guard[1]) else "seed it whatever this test says"
    if options and ": " in options[0]:
        file, _, key = options[0].partition(": ")
        return f"not seeded unless `{key}` is set in {file}", default
    if options:
        return f"not seeded unless {options[0]} is given", default
    for event, _ in run.of_kind("open-guard"):
        return f"not seeded unless `{program.text(event.place)}`", "seed it whatever this test says"
    return "seeded on some of the ways to this line alone", "seed it before the ways part"


def _guard(run: RunResult, stream: str, verdict: Verdict) -> tuple[Place, tuple[str, ...]] | None:
    """The test that the seeding hangs on, if it is not the seed's own value; one that leads to the seed, if it can be told."""
    if (stream, "entropy") in run.firsts:
        return None
    near = {place.path for place in (verdict.seeded.place, *verdict.seeded.calls)} if verdict.seeded is not None else set()
    guards = sorted(run.guards.items(), key=lambda item: (not set(item[1]) & set(verdict.guards), item[0].path not in near))
    return guards[0] if guards else None


@rule("RPL104", "entropy-seed", "error")
def entropy_seed(program: Program) -> Iterator[Draft]:
    """The seed itself differs from run to run: the clock, the process, None, or nothing at all."""
    for run in program.runs:
        recorded = {event.place for event, _ in run.of_kind("recorded")}
        found: dict[Place, list[tuple[Event, tuple[Place, ...], list[str]]]] = {}
        for event, path in run.of_kind("entropy-seed"):
            streams, _, source = event.detail[:3]
            drawn = [stream for stream in streams if _entropic(run, stream) is not None]
            if not drawn or source in recorded or (source != "" and _hash_source(run, source)):
                continue
            if any(run.verdicts[stream].state != "optional" for stream in drawn):
                found.setdefault(source or event.place, []).append((event, path, drawn))
        for place, seedings in found.items():
            yield _from_entropy(run, place, seedings)


def _from_entropy(run: RunResult, place: Place, seedings: list[tuple[Event, tuple[Place, ...], list[str]]]) -> Draft:
    """One finding where the entropy comes from, whatever it seeds."""
    streams = list(dict.fromkeys(stream for _, _, drawn in seedings for stream in drawn))
    level = max(min(event.level, max(_entropic(run, stream) or POSSIBLE for stream in drawn)) for event, _, drawn in seedings)
    event, path, drawn = seedings[0]
    are = "are" if len(streams) > 1 else "is"
    steps = (Hop(place, f"comes from here: {event.detail[1]}"), *called(path), Hop(event.place, f"seeds `{drawn[0]}`"))
    return Draft(
        "RPL104", place, f"{' and '.join(f'`{stream}`' for stream in streams)} {are} seeded from {event.detail[1]}, which differs from run to run",
        "pass a fixed number, or record the number that was chosen", level, stream=drawn[0], run=run,
        path=path, steps=steps if place != event.place else (),
    )  # fmt: skip


def _entropic(run: RunResult, stream: str) -> int | None:
    """How sure it is that a draw of the stream, after a seed that differs, decides something; None if there is none."""
    found = (run.firsts.get((name, "entropic")) for name in (stream, f"worker:{stream}"))
    return max((witness.level for witness in found if witness is not None), default=None)


def _hash_source(run: RunResult, source: object) -> bool:
    return any(event.place == source and event.detail[0] == "hash" for event, _ in run.of_kind("taint"))


@rule("RPL110", "partial-cuda-seed", "warning")
def partial_cuda_seed(program: Program) -> Iterator[Draft]:
    """Only CUDA is seeded: the CPU stream, which makes the initial weights and the shuffling, is not."""
    for run, _, _, drawn, level in _each(program, "RPL110"):
        seeded = _cuda_alone(run)
        if seeded is None:
            continue
        yield Draft(
            "RPL110", seeded.place, f"{seeded.what} leaves the CPU stream unseeded, and {drawn.what} draws from it",
            "call `torch.manual_seed(seed)`, which seeds the CPU and every CUDA device", level, stream="torch", run=run,
            steps=(*path_steps(seeded, "seeds CUDA alone"), *path_steps(drawn, "draws on the CPU")),
        )  # fmt: skip


@rule("RPL111", "unseeded-estimator", "warning")
def unseeded_estimator(program: Program) -> Iterator[Draft]:
    """The estimator or split is random, has no `random_state`, and numpy is not seeded before it."""
    for run, stream, _, drawn, level in _each(program, "RPL111"):
        made = (Hop(drawn.source, "made here, without a fixed random_state"),) if drawn.source not in {None, drawn.place} else ()
        yield Draft(
            "RPL111", drawn.source or drawn.place, f"{drawn.what} draws from `{stream}`, which nothing seeds, and has no random_state",
            "pass `random_state=`, or call `np.random.seed(seed)` before it", level, stream=stream, run=run,
            steps=(*made, *path_steps(drawn, "draws here")),
        )  # fmt: skip


@rule("RPL114", "rank-blind-seed", "warning")
def rank_blind_seed(program: Program) -> Iterator[Draft]:
    """The run starts a process that draws, and the seed of its parent does not reach it."""
    lost: dict[tuple[int, Place], list[tuple[RunResult, str, Witness, int]]] = {}
    for run, stream, _, drawn, level in _each(program, "RPL114"):
        if drawn.source is not None:
            lost.setdefault((id(run), drawn.source), []).append((run, stream, drawn, level))
    for (_, launch), found in lost.items():
        streams = " and ".join(f"`{stream}`" for _, stream, _, _ in found)
        run, stream, drawn, level = max(found, key=lambda item: item[3])
        yield Draft(
            "RPL114", launch, f"the process that starts here draws from {streams} ({drawn.what}), and the seed of its parent does not reach it",
            "seed inside the function that the process runs", level, stream=stream, run=run, steps=_into_child(drawn, launch),
        )  # fmt: skip


def _into_child(drawn: Witness, launch: Place) -> tuple[Hop, ...]:
    """The calls to the launch, the launch, and the calls in the child to the draw."""
    at = drawn.calls.index(launch) if launch in drawn.calls else len(drawn.calls)
    return (
        *called(drawn.calls[:at]),
        Hop(launch, "starts a process"),
        *called(drawn.calls[at + 1 :]),
        Hop(drawn.place, f"draws here: {drawn.what}"),
    )


@rule("RPL201", "unseeded-workers", "error")
def unseeded_workers(program: Program) -> Iterator[Draft]:
    """The workers draw, and the torch stream that their seeds come from is not seeded."""
    for run in program.runs:
        if run.reported["torch"].rule and spoken_rule(run, "torch", run.verdicts["torch"]) and run.verdicts["torch"].rule:
            continue
        for stream in ("torch", "numpy", "python"):
            verdict = run.verdicts[f"worker:{stream}"]
            if verdict.rule in {"RPL101", "RPL102", "RPL103"} and verdict.drawn is not None:
                loader = _loader(run, verdict.drawn)
                yield Draft(
                    "RPL201", loader, f"the workers draw from `{stream}` ({verdict.drawn.what}), and `torch`, which seeds them, is not seeded",
                    "call `torch.manual_seed(seed)` before iterating, or pass a seeded `generator=`",
                    level_of(program, run, "torch", verdict), stream=stream, run=run,
                    steps=path_steps(verdict.drawn, "draws in a worker"),
                )  # fmt: skip
                break


def _loader(run: RunResult, drawn: Witness) -> object:
    places = {event.place for event, _ in run.of_kind("loader-iterated")}
    return next((place for place in drawn.calls if place in places), drawn.place)
