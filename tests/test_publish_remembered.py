"""What pages remember: exact while the archive stays as it is; what takes seconds is given at once and made anew."""

import asyncio
import os
from pathlib import Path

import pytest

from archive.publish.metadata import load, queries
from archive.publish.pictures import of_county
from archive.publish.remembered import remembered, remembered_meanwhile


class Served:
    """As much of Datasette's database as is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)


class Counter:
    """Answers 1, 2, 3…"""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> int:
        self.made += 1
        return self.made


@pytest.fixture
def served(tmp_path: Path) -> Served:
    path = tmp_path / "archive.db"
    path.touch()
    return Served(path)


def changed(served: Served, second: int) -> None:
    os.utime(served.path, (second, second))


def test_an_answer_is_made_once_and_again_when_the_archive_changes(served: Served) -> None:
    async def visits() -> list[int]:
        make = Counter()
        seen = [await remembered(served, "key", make), await remembered(served, "key", make)]
        changed(served, 1)
        return [*seen, await remembered(served, "key", make)]

    assert asyncio.run(visits()) == [1, 1, 2]


def test_nobody_waits_for_a_newer_answer_and_the_next_gets_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.publish.remembered.REST", 0)

    async def visits() -> list[int]:
        make = Counter()
        seen = [await remembered_meanwhile(served, "key", make)]
        changed(served, 1)
        seen += [
            await remembered_meanwhile(served, "key", make),
            await remembered_meanwhile(served, "key", make),
        ]
        await asyncio.sleep(0)
        return [*seen, await remembered_meanwhile(served, "key", make), make.made]

    assert asyncio.run(visits()) == [1, 1, 1, 2, 2]


def test_all_who_come_first_wait_for_the_same_answer(served: Served) -> None:
    async def visits() -> list[int]:
        make = Counter()
        both = await asyncio.gather(*(remembered_meanwhile(served, "key", make) for _ in range(2)))
        return [*both, make.made]

    assert asyncio.run(visits()) == [1, 1, 1]


def test_what_takes_seconds_is_not_made_anew_at_every_change(served: Served) -> None:
    async def visits() -> list[int]:
        make = Counter()
        seen = [await remembered_meanwhile(served, "key", make)]
        changed(served, 1)
        seen.append(await remembered_meanwhile(served, "key", make))
        await asyncio.sleep(0)
        return [*seen, make.made]

    assert asyncio.run(visits()) == [1, 1, 1]


@pytest.mark.parametrize("name", load("charts"))
def test_a_chart_of_one_county_reads_no_other(name: str) -> None:
    asked = of_county(queries()[name]["sql"], "500113")
    assert "county_code = :county_code" in asked
    assert ":county_code = ''" not in asked
    assert of_county(queries()[name]["sql"], "") == queries()[name]["sql"]
