"""sqlite_utils, imported lightly; ``archive.store`` imports this before all else.

It imports pandas and numpy wherever they are installed, for values that nobody hands it here: half a second at every start of
every process. While it is imported, they are not there.
"""

import sys
from importlib import import_module
from typing import Any

_unneeded: dict[str, Any] = {name: None for name in ("pandas", "numpy") if name not in sys.modules}
sys.modules.update(_unneeded)
try:
    import_module("sqlite_utils")
finally:
    for _name in _unneeded:
        del sys.modules[_name]
