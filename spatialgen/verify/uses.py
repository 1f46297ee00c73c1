"""What a program looks up, read off its text: names, ids and frames."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from spatialgen.graph.build import SceneGraph
from spatialgen.programs.executor import MAX_SOURCE

#: Texts nested deeper than this are not looked through: the interpreter refuses them anyway.
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Uses:
    """What stands in a program.

    ``labels`` are the categories of the scene that it names, also by an object's id;
    ``only`` those of which it takes the one object. ``frames`` are the indices of the
    frames that it asks for by a number.
    """

    labels: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    frames: frozenset[int] = frozenset()


def parse(program: str) -> ast.Module | None:
    """Return the syntax tree of a program; None where it has none, or one too deep."""
    if len(program) > MAX_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes and the like: not for this reader
            tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if _shallow(tree) else None


def uses_of(program: str, graph: SceneGraph) -> Uses:
    """Return what a program uses of a scene; nothing where it can't be parsed."""
    tree = parse(program)
    if tree is None:
        return Uses()
    by_id = {thing.id: thing.label for thing in graph.scene.objects}
    known = {*graph.by_label, *graph.scene.counts}
    labels: set[str] = set()
    for text in _texts(tree):
        if text in known:
            labels.add(text)
        elif text in by_id:
            labels.add(by_id[text])
    only: set[str] = set()
    frames: set[int] = set()
    for name, argument in _calls(tree):
        if name == "one" and isinstance(argument, str) and argument in known:
            only.add(argument)
        elif name == "object" and isinstance(argument, str) and argument in by_id:
            only.add(by_id[argument])
        elif name in ("frame", "frame_at") and is_number(argument):
            frames |= _frame(name, float(argument), graph)
    return Uses(frozenset(labels), frozenset(only), frozenset(frames))


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a constant is a number that a float can hold; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e15


def numbers_in(tree: ast.AST) -> list[float]:
    """Return the numbers that stand in a program, in no order that means anything."""
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [float(value) for value in constants if is_number(value)]


def _shallow(tree: ast.Module) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False


def _texts(tree: ast.Module) -> Iterator[str]:
    # A text that stands alone is a comment.
    idle = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in idle:
            yield node.value


def _calls(tree: ast.Module) -> Iterator[tuple[str, object]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if len(arguments) == 1 and isinstance(arguments[0], ast.Constant):
            yield node.func.attr, arguments[0].value


def _frame(name: str, number: float, graph: SceneGraph) -> set[int]:
    frames = graph.scene.frames
    if name == "frame":
        return {frame.index for frame in frames if frame.index == number}
    if not frames:
        return set()
    nearest = min(frames, key=lambda frame: (abs(frame.time_s - number), frame.index))
    return {nearest.index}
