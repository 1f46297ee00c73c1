"""The query language's documentation as a model reads it: from its own docstrings."""

import ast
from functools import cache

from spatialgen.programs.source import stubs


@cache
def language_text() -> str:
    """Return every class and function of the language: its signature and its docstring.

    One line each. Nothing private is told.
    """
    lines: list[str] = []
    for node in ast.parse(stubs()).body:
        if isinstance(node, ast.ClassDef):
            lines += _class(node)
        elif isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            lines += _function(node, "")
    return "\n".join(lines)


def _class(node: ast.ClassDef) -> list[str]:
    lines = [f"class {node.name}: {_flat(ast.get_docstring(node) or '')}"]
    for member in node.body:
        if isinstance(member, ast.FunctionDef):
            lines += _attributes(member) if member.name == "__init__" else _function(member, "  ")
    return lines


def _attributes(init: ast.FunctionDef) -> list[str]:
    found = [
        f"{statement.target.attr}: {ast.unparse(statement.annotation)}"
        for statement in init.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Attribute)
        if statement.target.attr not in ("packed", "gaps")
    ]
    return [f"  attributes {'; '.join(found)}"]


def _function(node: ast.FunctionDef, indent: str) -> list[str]:
    if node.name.startswith("_"):
        return []
    told = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return [f"{indent}{node.name}({told}){returns}  # {_flat(ast.get_docstring(node) or '')}"]


def _flat(text: str) -> str:
    return " ".join(text.replace("``", "").split())
