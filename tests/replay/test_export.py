"""What the server holds can be taken away as a file, and replays from it."""

from __future__ import annotations

import base64

import pytest

from activities.targets import Targets
from audit.export import export, load
from audit.replay import replay_chain
from db.engine import make_engine
from db.keys import Keys
from db.masters import Masters
from stack.temporal import TemporalServer
from tests.conftest import ENCRYPTION_KEY
from tests.keys import MASTERS
from tests.replay.record import workers
from tests.replay.scripts import Recorded, continued_as_new
from workflows.client import UnknownComplaint, connect
from workflows.settings import load_settings


async def test_export_holds_every_run_and_replays(temporal_server: TemporalServer, database_url: str) -> None:
    settings = load_settings(
        database_url=database_url,
        encryption_key=base64.b64encode(ENCRYPTION_KEY).decode(),
        temporal_address=temporal_server.address,
        shutdown_seconds=1,
    )
    client = await connect(settings)
    engine = make_engine(database_url, application_name="tests")
    life = Recorded(client, Keys(engine, MASTERS), "exported")
    async with workers(client, settings, Targets()):
        await continued_as_new(life)
    engine.dispose()
    text = await export(client, life.number)
    runs = load(text)
    assert len(runs) >= 3
    assert {run.workflow_id for run in runs} == {life.number}
    reports = await replay_chain(runs, masters=Masters([ENCRYPTION_KEY]))
    assert [difference for report in reports for difference in report.differences] == []
    for personal in ("王秀英", "138 0000 2031", "电表"):
        assert personal not in text


async def test_export_of_an_unknown_number_is_refused_by_name(temporal_server: TemporalServer) -> None:
    settings = load_settings(
        database_url="postgresql://nobody@127.0.0.1/nothing",
        encryption_key=base64.b64encode(ENCRYPTION_KEY).decode(),
        temporal_address=temporal_server.address,
    )
    with pytest.raises(UnknownComplaint, match="crm-0"):
        await export(await connect(settings), "crm-0")
