"""Was the same thing asked before, perhaps in other words and by another program?

Two questions about a scene mean the same when their programs use the same part of the
query language, in the same way round where that matters, on the same objects, with the
same figures, and arrive at the same answer. How the program goes about it (names of
variables, loops, one line or ten) does not count, nor does a length's unit.
"""

import ast
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache

from spatialgen.graph.build import SceneGraph
from spatialgen.programs.source import stubs
from spatialgen.records import Value
from spatialgen.verify.uses import numbers_in, parse

#: Calls in which objects may trade places, and those that only look something up.
_EITHER_WAY = frozenset(("distance", "center_distance", "floor_distance", "camera_moved"))
_LOOKS_UP = frozenset(("one", "all", "object", "frame", "frame_at", "labels"))

#: Numbers that turn one unit into another, and round.
_OF_UNITS = frozenset((0.0, 1.0, 2.0, 3.0, 100.0, 0.3048, 3.28084, 39.3701, 39.37, 2.54, 0.0254))

_LENGTHS = frozenset(("meters", "centimeters", "feet", "inches"))

# Of a name that is bound more than once, or of a form not followed, this is known.
_SOMETHING = "?"
_MAX_DEPTH = 12


def meaning(
    program: str,
    graph: SceneGraph,
    value: Value,
    unit: str | None = None,
    options: Sequence[str] = (),
) -> str | None:
    """Return a hash that questions about one scene share when they mean the same.

    None where the program can't be parsed, or uses nothing of the language.
    """
    tree = parse(program)
    if tree is None:
        return None
    reader = _Reader(tree, graph)
    steps = sorted({reader.step(node) for node in ast.walk(tree)} - {""})
    if not steps:
        return None
    answer = "" if unit in _LENGTHS else json.dumps(value, sort_keys=True)
    offered = sorted(text.casefold() for text in options)
    told = [steps, sorted(reader.objects()), reader.figures(), answer, offered]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()[:16]


class _Reader:
    """Follows a program's names back to what they stand for, as far as that is plain."""

    def __init__(self, tree: ast.Module, graph: SceneGraph) -> None:
        self._tree = tree
        self._ids = {thing.id for thing in graph.scene.objects}
        self._single = {
            label: graph.scene.objects[indices[0]].id
            for label, indices in graph.by_label.items()
            if len(indices) == 1
        }
        self._labels = {*graph.by_label, *graph.scene.counts}
        self._bound = _bound_once(tree)

    def step(self, node: ast.AST) -> str:
        """Return a use of the language as text: which, and on what where the way round matters."""
        if isinstance(node, ast.Call) and _name(node.func) in _calls():
            name = _name(node.func)
            if name in _LOOKS_UP:
                return ""
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            told = [self._told(argument, 0) for argument in arguments]
            if name in _EITHER_WAY:
                told = sorted(told)
            return f"{name}({', '.join(told)})"
        if isinstance(node, ast.Attribute) and node.attr in _attributes():
            return f".{node.attr}"
        return ""

    def objects(self) -> set[str]:
        """Return the objects and categories that the program names; an only one by its id."""
        texts = {
            node.value
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        return {self._single.get(text, text) for text in texts & (self._labels | self._ids)}

    def figures(self) -> list[float]:
        """Return the numbers that are compared with or looked up; not those of units."""
        return sorted(set(numbers_in(self._tree)) - _OF_UNITS)

    def _told(self, node: ast.AST, depth: int) -> str:
        # What an argument is, by where it comes from; unknown where that is not plain.
        if depth > _MAX_DEPTH:
            return _SOMETHING
        if isinstance(node, ast.Name):
            source = self._bound.get(node.id)
            return _SOMETHING if source is None else self._told(source, depth + 1)
        if isinstance(node, ast.Constant):
            text = node.value
            return self._single.get(text, text) if isinstance(text, str) else repr(text)
        if isinstance(node, ast.Call) and _name(node.func) in _LOOKS_UP and len(node.args) == 1:
            name = _name(node.func)
            return ("all " if name == "all" else "") + self._told(node.args[0], depth + 1)
        if isinstance(node, ast.Call) and _name(node.func) in _calls():
            told = [self._told(argument, depth + 1) for argument in node.args]
            return f"{_name(node.func)}({', '.join(told)})"
        return _SOMETHING


def _bound_once(tree: ast.Module) -> Mapping[str, ast.AST]:
    bound: dict[str, list[ast.AST | None]] = {}
    for node in ast.walk(tree):
        for target, source in _assigned(node):
            if isinstance(target, ast.Name):
                bound.setdefault(target.id, []).append(source)
    for node in ast.walk(tree):  # loops, augmented assignments, unpacking: bound by more than "="
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.setdefault(node.id, [])
    stores = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _stores(node)]
    return {
        name: sources[0]
        for name, sources in bound.items()
        if len(sources) == 1 and sources[0] is not None and stores.count(name) == 1
    }


def _assigned(node: ast.AST) -> list[tuple[ast.AST, ast.AST | None]]:
    if isinstance(node, ast.AnnAssign):
        return [(node.target, node.value)]
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return []
    target, source = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(source, ast.Tuple):
        names, values = target.elts, source.elts
        return list(zip(names, values, strict=True)) if len(names) == len(values) else []
    return [(target, source)]


def _stores(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _name(function: ast.AST) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@cache
def _calls() -> frozenset[str]:
    """Return the names of the language's functions and methods."""
    functions = [node for node in ast.walk(ast.parse(stubs())) if isinstance(node, ast.FunctionDef)]
    return frozenset(node.name for node in functions if not node.name.startswith("_"))


@cache
def _attributes() -> frozenset[str]:
    """Return the names of the attributes of the language's classes that say something."""
    found = {
        node.target.attr
        for node in ast.walk(ast.parse(stubs()))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute)
    }
    return frozenset(found - {"id", "label", "index", "objects", "frames", "packed", "gaps"})
