"""A source that is removed while it is being synced leaves nothing, whoever comes first."""

import random
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from ingestion.performing import perform
from tests.ingestion.fakes import MeteredIndex, Workbench
from tests.ingestion.tooling import tools_of


def test_a_removal_that_races_with_a_sync_leaves_nothing(workbench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.md").write_text(f"# Page {number}\n\nSome words on {number}.")
    slow = MeteredIndex(workbench.index, lambda: sleep(0.002))
    tools = tools_of(workbench, tmp_path, index=slow)
    moments = random.Random(5)  # noqa: S311 - moments, not secrets
    for _ in range(20):
        source = workbench.catalogue.add_source(
            "docs", kind="folder", location=str(folder), readers=["public"]
        )
        run = workbench.runs.request(source.id, "sync", "U1")
        syncing = Thread(target=perform, args=(run.id,), kwargs={"owner": "w1", "tools": tools})
        syncing.start()
        sleep(moments.uniform(0, 0.15))
        removal = workbench.runs.request(source.id, "remove", "U1")
        end = monotonic() + 20
        while (found := workbench.runs.get(removal.id)) and not found.is_finished and monotonic() < end:
            perform(removal.id, owner="w2", tools=tools)
            sleep(0.01)
        syncing.join()
        assert found is not None
        assert found.state == "done"
        assert workbench.index.count("T1") == 0
        assert workbench.catalogue.documents(source.id) == {}
        assert workbench.catalogue.sources() == []
