"""Writes docs/requirements-coverage.md: which test proves which statement of docs/requirements.md.

With `--check` nothing is written: exit 1 says that the file is not what would be written. A test
names its numbers with `@pytest.mark.holds(...)`, on itself, on its class, or as the module's
`pytestmark`. The tests are read, not imported.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
STATEMENT = re.compile(r"^\| (\d+) \| [MSP]? ?\| (.+) \|$", re.MULTILINE)
HEAD = """# Requirements and the tests that prove them

Generated from the tests' `holds` marks by `make documents`; the statements are in
[requirements.md](requirements.md).
"""


class CoverageFault(Exception):
    """A mark that cannot be counted."""


def main(arguments: list[str]) -> int:
    checking = "--check" in arguments
    checkout = Path(next((word for word in arguments if not word.startswith("--")), CHECKOUT))
    document = checkout / "docs" / "requirements-coverage.md"
    try:
        text = written(checkout)
    except CoverageFault as fault:
        print(fault, file=sys.stderr)
        return 1
    if not checking:
        document.write_text(text, "utf-8")
    elif not document.is_file() or document.read_text("utf-8") != text:
        print(f"{document.name} is not up to date: run `make documents`.", file=sys.stderr)
        return 1
    return 0


def written(checkout: Path) -> str:
    """The document's text; raises CoverageFault for a mark without a statement."""
    found = STATEMENT.findall((checkout / "docs" / "requirements.md").read_text("utf-8"))
    statements = {int(number): words for number, words in found}
    tests: dict[int, list[str]] = defaultdict(list)
    for proof in proofs(checkout):
        if proof.number not in statements:
            raise CoverageFault(f"{proof.test} holds {proof.number}: there is no such statement.")
        tests[proof.number].append(f"`{proof.test}`")
    rows = [
        f"| {number} | {words} | {'<br>'.join(sorted(set(tests[number]))) or 'not yet'} |"
        for number, words in sorted(statements.items())
    ]
    proven = sum(1 for number in statements if tests[number])
    counted = f"{proven} of {len(statements)} statements have a test."
    return "\n".join(
        [HEAD, counted, "", "| No. | What holds | Tests |", "|---|---|---|", *rows, ""]
    )


@dataclass(frozen=True, slots=True)
class Proof:
    number: int
    test: str


def proofs(checkout: Path) -> Iterator[Proof]:
    for path in sorted((checkout / "tests").rglob("test_*.py")):
        module = ast.parse(path.read_text("utf-8"), filename=str(path))
        file = path.relative_to(checkout / "tests").as_posix()
        yield from proofs_in(module, file, list(module_numbers(module, file)))


def proofs_in(scope: ast.Module | ast.ClassDef, name: str, inherited: list[int]) -> Iterator[Proof]:
    """The proofs of every test in a module or class; what stands on the scope counts for each."""
    for node in scope.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            own = [*inherited, *numbers(node.decorator_list, name)]
            yield from proofs_in(node, f"{name}::{node.name}", own)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_test(node):
            for number in {*inherited, *numbers(node.decorator_list, name)}:
                yield Proof(number, f"{name}::{node.name}")


def is_test(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.name.startswith("test_")


def module_numbers(module: ast.Module, file: str) -> Iterator[int]:
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            marks = node.value.elts if isinstance(node.value, ast.List) else [node.value]
            yield from numbers(marks, file)


def numbers(marks: list[ast.expr], place: str) -> Iterator[int]:
    """The numbers of every `holds` within the marks, those of single parameters included."""
    for node in (node for mark in marks for node in ast.walk(mark)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.holds":
            for argument in node.args:
                if not isinstance(argument, ast.Constant) or not isinstance(argument.value, int):
                    raise CoverageFault(f"{place}: `holds` takes plain numbers.")
                yield argument.value


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
