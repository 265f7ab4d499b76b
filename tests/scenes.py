"""What the pictures show: the screen brought into each of its states, with clocks, ids and hosts that stay the same."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import msgspec
from textual.widgets import Input

from namestui.runs import commands, events, store, summary
from namestui.runs.eventlog import EventLog
from namestui.runs.events import State
from namestui.runs.notes import Notes, write_notes
from namestui.runs.recipes import make_config
from namestui.tui.dialogs import explain
from namestui.tui.screen import desk, opening_dialogs
from namestui.tui.words import runs as words
from tests.fake_engine import EventMaker
from tests.screen_stage import Stage

LABELS = (
    *("Arabic", "Chinese", "Czech", "Dutch", "English", "French", "German", "Greek", "Irish", "Italian"),
    *("Japanese", "Korean", "Polish", "Portuguese", "Russian", "Scottish", "Spanish", "Vietnamese"),
)
ROWS = (200, 27, 52, 30, 367, 28, 72, 20, 23, 71, 99, 9, 14, 7, 941, 10, 30, 7)
"""Of each class in the validation part."""


@contextmanager
def frozen() -> Iterator[None]:
    """Times, ids, hosts and sizes on disk that are the same every time, in UTC."""
    numbers = itertools.count()
    with (
        patch.dict("os.environ", {"TZ": "UTC"}),
        patch.object(store, "new_run_id", lambda model: f"20261123-2142{next(numbers):02}-{model}-k3f9"),
        patch.object(desk, "host_name", lambda: "gpu-box"),
        patch.object(opening_dialogs, "host_name", lambda: "gpu-box"),
        patch.object(summary, "host_name", lambda: "gpu-box"),
        patch.object(words, "age", lambda _seconds: "3 h"),
        patch.object(words, "size", lambda _count: "1.2 MB"),
        patch.object(explain.sys, "executable", str(Path(__file__).with_name("explains.sh"))),
    ):
        time.tzset()
        yield
    time.tzset()


def counts() -> list[list[int]]:
    """A matrix of a network that has learnt most of it; the errors are not many, and never the same for two classes."""
    dice = random.Random(7)
    matrix = []
    for row, total in enumerate(ROWS):
        left = round(total * dice.uniform(0.05, 0.5))
        line = [0] * len(ROWS)
        line[row] = total - left
        while left > 0:
            some = min(left, dice.randint(1, max(1, total // 12)))
            line[dice.choices(range(len(ROWS)), weights=ROWS)[0]] += some
            left -= some
        matrix.append(line)
    return matrix


def trained(stage: Stage, index: int = 0, state: State = "running", reason: str = "", *, epochs: int = 7) -> None:
    """A run on the real labels, so many epochs of 20 in."""
    maker = stage.makers[index]
    stage.deliver(maker.run_started(stage.state(index).model, labels=LABELS), maker.state("running"))
    for epoch in range(1, epochs + 1):
        stage.deliver(maker.epoch(), *([maker.probed(epoch)] if epoch in (1, 4) else []))
    stage.deliver(maker.confusion(counts()), maker.progress(81))
    if state != "running":
        stage.deliver(*([maker.scored()] if state == "finished" else []), maker.state(state, reason))


async def settled(stage: Stage, text: str) -> None:
    """Wait until ``text`` and the foot are shown and nothing moves: under a dialog nothing is laid out any more."""
    await stage.until_shown(text, "q leave")
    same, before = 0, ""
    while same < 3:
        await stage.pilot.pause()
        now = stage.text()
        same, before = (same + 1 if now == before and "q leave" in now else 0), now


async def training(stage: Stage) -> None:
    trained(stage)
    await settled(stage, "epoch  7/20")


async def paused(stage: Stage) -> None:
    trained(stage, state="paused", reason="the loss is not finite at epoch 8, batch 81")
    await stage.until_shown("paused")


async def finished(stage: Stage) -> None:
    trained(stage, state="finished", epochs=20)
    await stage.until_shown("finished")


async def interrupted(stage: Stage) -> None:
    trained(stage)
    stage.deliver(stage.makers[0].gone("the worker vanished", ["Killed by signal 9", "x" * 150]))
    await stage.until_shown("interrupted")


async def starting(stage: Stage) -> None:
    await stage.until_shown("starting")


async def no_finite_loss(stage: Stage) -> None:
    maker = stage.makers[0]
    stage.deliver(maker.run_started(), *(maker.epoch(train_loss=None, validation_loss=None) for _ in range(3)))
    stage.deliver(maker.state("failed", "the loss was not finite"))
    await stage.until_shown("failed")


async def two_runs(stage: Stage) -> None:
    trained(stage, 0)
    trained(stage, 1, "finished", epochs=20)
    write_notes(stage.store.get(stage.run_ids[1]), Notes(name="tuesday"))
    stage.main._runs.read_name_again(stage.store.get(stage.run_ids[1]))
    await settled(stage, "epoch  7/20")
    await stage.press("slash")
    await stage.type("Satoshi")
    await stage.press("enter")
    await stage.until(lambda: len(stage.engine.waiting()) == 2, "asked")
    for index, share in enumerate((0.971, 0.9996)):
        asked = stage.engine.last(commands.Predict, stage.run_ids[index])
        rest = {"Italian": (1 - share) / 2, "Polish": (1 - share) / 4, "Greek": 0.0, "Czech": 0.0}
        stage.deliver(stage.makers[index].predicted(asked.request, "Satoshi", {"Japanese": share, **rest}))
    await stage.until_shown("97.1%")


async def matrix(stage: Stage) -> None:
    trained(stage)
    await settled(stage, "epoch  7/20")
    await stage.press("m", "percent_sign", "j", "j", "l")
    await stage.until_shown("row %")


async def past(stage: Stage) -> None:
    """Epoch 5 of 7, of which every matrix is kept."""
    file = stage.store.get(stage.run_ids[0]).confusion(len(LABELS))
    for epoch in range(1, 8):
        share = epoch / (epoch + 3)
        kept = [
            [round(cell * share) if at == row else cell for at, cell in enumerate(line)]
            for row, line in enumerate(counts())
        ]
        file.put(epoch, kept)
    await training(stage)
    await stage.press("m", "less_than_sign", "less_than_sign")
    await stage.until(lambda: stage.main._view.matrix.shown.counts[14][14] == file.of(5)[14][14], "read")  # type: ignore[index]


async def classes(stage: Stage) -> None:
    await past(stage)
    await stage.press("t")
    await stage.until_shown("recall")


async def charts(stage: Stage) -> None:
    """All that fit of them, zoomed and smoothed."""
    await past(stage)
    await stage.press("g", "z", "full_stop")
    await stage.until(lambda: stage.main._view.is_zoomed, "zoomed")
    await stage.press("pagedown", "pageup")


async def alerts(stage: Stage) -> None:
    trained(stage)
    maker = stage.makers[0]
    rises = "over-fitting since epoch 3: the validation loss has risen from 0.8200 to 1.0300, the training loss falls"
    stage.deliver(
        maker.alert("the disk was full: training waited for 8 s", topic="disk"),
        maker.epoch(),
        maker.alert(rises, topic="over-fitting", epoch=8),
        maker.alert("plateau: no improvement since epoch 3", "info", topic="plateau", epoch=8),
        maker.alert("the loss is not finite at epoch 9, batch 3", "error", topic="not-finite"),
    )
    await stage.until_shown("4!!")
    stage.app.clear_notifications()
    await stage.until(lambda: not stage.main.query("Toast"), "no toast")
    await stage.press("exclamation_mark")
    await stage.until_shown("alerts: 4 new of 4")


async def machine(stage: Stage) -> None:
    trained(stage)
    stage.deliver(*hours(stage.makers[0]))
    await settled(stage, "epoch  7/20")
    await stage.press("M")
    await stage.until_shown("GPU 0 power")


def hours(maker: EventMaker) -> list[events.Machine]:
    """What a box with one GPU did for two hours: a warm-up, two trainings, and a pause between them."""
    dice = random.Random(3)
    found = []
    for minute in range(120):
        busy = 0.0 if 50 < minute < 70 else min(1.0, 0.1 + minute / 20)
        found.append(
            maker.machine(
                60.0 * (minute - 119),
                seconds=60.0,
                cpu=0.06 + 0.6 * busy * dice.uniform(0.8, 1.0),
                memory=round(9e9 + 20e9 * busy),
                disk_free=round(180e9 - 0.2e9 * minute),
                disk_read=0.0 if minute > 3 else 210e6,
                disk_written=dice.uniform(0, 4e6),
                worker_cpu=1.02 * busy,
                worker_memory=round(0.3e9 + 2e9 * busy),
                use=0.97 * busy * dice.uniform(0.9, 1.0),
                temperature=38 + 30 * busy,
                power=60 + 250 * busy,
            )
        )
    return found


async def help_(stage: Stage) -> None:
    trained(stage)
    await settled(stage, "epoch  7/20")
    await stage.press("question_mark")
    await stage.until_shown("keys")


async def all_runs(stage: Stage) -> None:
    trained(stage)
    made = [
        stage.store.create(make_config("lstm", settings=["learning_rate=0.02", "dropout=0.1"])),
        stage.store.create(make_config("bilstm", seed=7)),
        stage.store.create(make_config("rnn", recipe="report")),
    ]
    write_notes(made[0], Notes(name="tuesday", tags=["sweep"]))
    await settled(stage, "epoch  7/20")
    await stage.press("o")
    await stage.until_shown("tuesday", "4 of 4")


async def runs_in_groups(stage: Stage) -> None:
    """Sorted by the best accuracy, in groups, two marked, and a filter that leaves one model out."""
    trained(stage)
    for model, accuracies in (("lstm", (0.79, 0.83)), ("gru", (0.81,)), ("rnn", (0.76,))):
        for number, accuracy in enumerate(accuracies):
            run = stage.store.create(make_config(model, seed=number, settings=[f"learning_rate=0.0{number + 1}"]))
            maker, log = EventMaker(run.id), EventLog(run.events_file)
            log.append(maker.run_started(model))
            log.append(maker.epoch(20, validation_accuracy=accuracy))
            log.append(maker.state("finished"))
            log.close()
    await settled(stage, "epoch  7/20")
    await stage.press("o")
    await stage.until_shown("5 of 5")
    await stage.press("right", "g", "space", "space", "slash")
    await stage.type("-model:gru state:finished")
    await stage.until_shown("2 marked  3 of 5")
    await stage.press("enter")
    await stage.until(lambda: not isinstance(stage.app.screen.focused, Input), "the list")


async def new_run(stage: Stage) -> None:
    await stage.press("n")
    await stage.until_shown("new runs")


async def leave(stage: Stage) -> None:
    trained(stage)
    await settled(stage, "epoch  7/20")
    await stage.press("q")
    await stage.until_shown("Come back with")


async def console(stage: Stage) -> None:
    stage.store.get(stage.run_ids[0]).log_file.write_text("loading the corpus\nepoch 1 of 20\n", encoding="utf-8")
    await stage.press("v")
    await stage.until_shown("loading the corpus")


async def examples(stage: Stage) -> None:
    trained(stage)
    await settled(stage, "epoch  7/20")
    await stage.press("m", "j", "enter")
    await stage.until(stage.engine.waiting, "asked")
    asked = stage.engine.last(commands.ListExamples, stage.run_ids[0])
    stage.deliver(stage.makers[0].examples(asked.request, ["Shen", "Kam", "Sai"]))
    await stage.until_shown("Shen")


async def explained(stage: Stage) -> None:
    trained(stage, 0)
    trained(stage, 1)
    await settled(stage, "epoch  7/20")
    await stage.press("e")
    await stage.until_shown("It rests on")


async def compared(stage: Stage) -> None:
    """One that trains, one that has finished, one that failed, one that has not begun."""
    trained(stage, 0)
    trained(stage, 1, "finished", epochs=20)
    maker = stage.makers[2]
    start = maker.run_started("gru", labels=LABELS)
    stage.deliver(msgspec.structs.replace(start, config={**start.config, "split": "random", "seed": 7}))
    stage.deliver(*(maker.epoch(seconds=4.0) for _ in range(12)), maker.state("failed", "no memory is left"))
    await settled(stage, "epoch  7/20")
    await stage.press("c", "2", "less_than_sign", "less_than_sign")
    await stage.until_shown("not a fair race", "epoch 18")


async def confirm(stage: Stage) -> None:
    await all_runs(stage)
    await stage.press("d")
    await stage.until_shown("Move")


async def palette(stage: Stage) -> None:
    trained(stage)
    await settled(stage, "epoch  7/20")
    await stage.press("colon")
    await stage.until_shown("alerts", "key !")


@dataclass(frozen=True)
class Scene:
    """Which runs are open, and how the screen gets into its state."""

    drive: Callable[[Stage], Awaitable[None]]
    models: tuple[str, ...] = ("rnn",)


SCENES = {
    "starting": Scene(starting),
    "training": Scene(training),
    "paused": Scene(paused),
    "finished": Scene(finished),
    "interrupted": Scene(interrupted),
    "no-finite-loss": Scene(no_finite_loss),
    "two-runs": Scene(two_runs, ("rnn", "lstm")),
    "matrix": Scene(matrix),
    "past": Scene(past),
    "classes": Scene(classes),
    "charts": Scene(charts),
    "alerts": Scene(alerts),
    "machine": Scene(machine),
    "help": Scene(help_),
    "all-runs": Scene(all_runs),
    "runs-in-groups": Scene(runs_in_groups),
    "new-run": Scene(new_run),
    "leave": Scene(leave),
    "console": Scene(console),
    "examples": Scene(examples),
    "explain": Scene(explained, ("rnn", "lstm")),
    "compare": Scene(compared, ("rnn", "lstm", "gru", "ngram")),
    "confirm": Scene(confirm),
    "palette": Scene(palette),
}


def stop_blinking(stage: Stage) -> None:
    """A cursor is in every picture, or in none."""
    for prompt in stage.app.screen.query(Input):
        prompt.cursor_blink = False
