"""The rows of the table: everything that may go wrong, by name.

Those of the platform strike one operation, those of the network its requests: the first are arranged
at the sandbox, the second at the proxy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.sandbox.faults import Fault

from .proxy import Door
from .scenes import Scene
from .stage import BEYOND, LONG, SHORT, UNCONNECTED, Stage
from .toxics import Drip, HalfClose, Hole, Latency, Reset, Toxic


@dataclass(frozen=True)
class Platform:
    """The platform fails in this way at the operation, or at all of them."""

    fault: Fault
    everywhere: bool = False

    def strike(self, stage: Stage, scene: Scene) -> None:
        operation = None if self.everywhere else scene.operation
        stage.world.sandbox.faults.add(replace(self.fault, operation=operation))

    @property
    def deadlines(self) -> Mapping[str, float]:
        return SHORT if self.fault.seconds else LONG


@dataclass(frozen=True)
class Network:
    """This happens to what is asked and to what is answered."""

    requests: Toxic | None = None
    answers: Toxic | None = None
    deadlines: Mapping[str, float] = field(default_factory=lambda: LONG)

    def strike(self, stage: Stage, scene: Scene) -> None:
        stage.proxy.turn(requests=self.requests, answers=self.answers, when=scene.line)


@dataclass(frozen=True)
class Unreachable:
    """Nobody gets a connection any more."""

    door: Door

    @property
    def deadlines(self) -> Mapping[str, float]:
        return UNCONNECTED if self.door is Door.DEAF else LONG

    def strike(self, stage: Stage, _scene: Scene) -> None:
        stage.proxy.door(self.door)


def always(fault: Fault) -> Fault:
    return replace(fault, times=None)


def done(fault: Fault) -> Fault:
    """Not before it was carried out."""
    return replace(fault, times=None, after_effect=True)


FAULTS: dict[str, Platform | Network | Unreachable] = {
    "latency": Platform(done(Fault("latency", seconds=BEYOND))),
    "drip": Platform(done(Fault("drip", seconds=BEYOND))),
    "500": Platform(always(Fault("status", status=500))),
    "500-done": Platform(done(Fault("status", status=500))),
    "500-once": Platform(Fault("status", status=500)),
    "503": Platform(always(Fault("status", status=503))),
    "503-later": Platform(always(Fault("status", status=503, retry_after="30"))),
    "503-everywhere": Platform(always(Fault("status", status=503)), everywhere=True),
    "429": Platform(always(Fault("rate-limit", retry_after="30"))),
    "reset": Platform(always(Fault("reset"))),
    "reset-done": Platform(done(Fault("reset"))),
    "reset-midway": Platform(done(Fault("reset", body='{"success":true,'))),
    "reset-once": Platform(Fault("reset")),
    "garbage": Platform(always(Fault("garbage"))),
    "garbage-done": Platform(done(Fault("garbage"))),
    "content-type": Platform(always(Fault("content-type"))),
    "content-type-done": Platform(done(Fault("content-type"))),
    "unsuccessful": Platform(always(Fault("unsuccessful"))),
    "unsuccessful-done": Platform(done(Fault("unsuccessful"))),
    "token-expired": Platform(always(Fault("token-expired"))),
    "token-expired-once": Platform(Fault("token-expired")),
    "key-revoked": Platform(always(Fault("key-revoked"))),
    "key-revoked-everywhere": Platform(always(Fault("key-revoked")), everywhere=True),
    "slower": Network(Latency(0.02), Latency(0.02)),
    "cut-request-0": Network(requests=Reset()),
    "cut-request-20": Network(requests=Reset(after=20)),
    "cut-answer-0": Network(answers=Reset()),
    "cut-answer-50": Network(answers=Reset(after=50)),
    "end-request-20": Network(requests=HalfClose(after=20)),
    "end-answer-0": Network(answers=HalfClose()),
    "end-answer-50": Network(answers=HalfClose(after=50)),
    "drip-answer": Network(answers=Drip(10, every=BEYOND / 4), deadlines=SHORT),
    "hole-request": Network(requests=Hole(), deadlines=SHORT),
    "hole-answer": Network(answers=Hole(), deadlines=SHORT),
    "refused": Unreachable(Door.SHUT),
    "deaf": Unreachable(Door.DEAF),
}
