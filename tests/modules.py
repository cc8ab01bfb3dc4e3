"""``python -m tests.modules > docs/modules.md``: every module with the first sentence of its docstring; a test keeps it so."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAD = """# Every module

Made by `python -m tests.modules > docs/modules.md` from the modules' own first sentences; change them there. How they
work together: [architecture.md](architecture.md).
"""


def sentence(file: Path) -> str:
    """The first sentence of a module's docstring, on one line. Raises ``ValueError`` if it has none."""
    text = ast.get_docstring(ast.parse(file.read_text("utf-8")))
    if not text:
        raise ValueError(f"{file.relative_to(ROOT)} does not say what it is for")
    first = " ".join(text.split("\n\n")[0].split())
    return first.split(". ")[0].removesuffix(".") + "."


def markdown() -> str:
    """The whole page: a table for each package."""
    parts = [HEAD]
    for top in ("archive", "crawler"):
        for folder in sorted({file.parent for file in (ROOT / top).rglob("*.py")}):
            files = sorted(folder.glob("*.py"))
            parts.append(f"## {folder.relative_to(ROOT)}\n")
            parts.append("| module | |\n|---|---|")
            parts += [f"| `{file.name}` | {sentence(file).replace('|', chr(92) + '|')} |" for file in files]
            parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(markdown())
