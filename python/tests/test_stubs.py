"""What the stubs declare is what there is: every name, and every name of an argument."""

from __future__ import annotations

import ast
import inspect
import pathlib
import subprocess
import sys

import pytest

import shejire
from shejire import _shejire

STUB = pathlib.Path(shejire.__file__).with_name("_shejire.pyi")
TREE = ast.parse(STUB.read_text())


def declared():
    """The functions and classes of the stub, methods by class."""
    functions = {node.name: node for node in TREE.body if isinstance(node, ast.FunctionDef)}
    classes = {}
    for node in TREE.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            classes[node.name] = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    return functions, classes


def arguments(node):
    own = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
    return [name for name in own if name not in ("self", "cls")]


def public(names):
    return {name for name in names if not name.startswith("_")}


def test_every_name_is_declared():
    functions, classes = declared()
    assert public(dir(_shejire)) == public(functions) | public(classes)


def test_every_method_is_declared():
    _, classes = declared()
    for name, methods in classes.items():
        assert public(dir(getattr(_shejire, name))) == public(methods), name


def test_every_argument_is_declared():
    functions, classes = declared()
    pairs = [(getattr(_shejire, name), node) for name, node in functions.items()]
    for name, methods in classes.items():
        for method, node in methods.items():
            made = getattr(getattr(_shejire, name), method)
            if method.startswith("_") or method == "execute_async" or any(
                isinstance(d, ast.Name) and d.id in ("property", "overload") for d in node.decorator_list
            ):
                continue
            pairs.append((made, node))
    assert len(pairs) > 60
    for made, node in pairs:
        have = [
            parameter.name
            for parameter in inspect.signature(made).parameters.values()
            if parameter.name != "self" and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        ]
        assert have == arguments(node), node.name


def test_what_is_exported_is_there():
    assert sorted(shejire.__all__, key=str.lower) == sorted(set(shejire.__all__), key=str.lower)
    for name in shejire.__all__:
        assert hasattr(shejire, name), name
    assert public(dir(_shejire)) - {"main"} <= set(shejire.__all__) and "Server" in shejire.__all__


def test_every_error_is_exported():
    from shejire import _errors

    errors = {name for name, made in vars(_errors).items() if inspect.isclass(made) and issubclass(made, shejire.Error)}
    assert errors <= set(shejire.__all__)


def test_the_stubs_are_those_of_the_module(tmp_path):
    """mypy compares each signature with what there is, and checks what is written in Python."""
    pytest.importorskip("mypy")
    for command in (["mypy.stubtest", "shejire._shejire"], ["mypy", "--strict", "-p", "shejire"]):
        told = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert told.returncode == 0, told.stdout + told.stderr
