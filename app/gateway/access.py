"""May this caller do this to these objects? Decided before cache and upstream, from facts.

An operation lists its rules (rules.py has a method for each); all must hold, in order. Unknown
means no: AccessUnavailable where the facts cannot be had. Every refusal is counted and logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from structlog.typing import FilteringBoundLogger

from app.caller import Caller, pseudonym
from app.catalogue.known import Known
from app.catalogue.operation import Operation, Rule
from app.errors import AccessUnavailable, Problem, UpstreamProblem
from app.gateway.decisions import Decisions, is_read
from app.gateway.fact_shapes import Unreadable
from app.gateway.facts import Facts, Unknowable
from app.gateway.rules import Asked, Rules
from app.ledger.grants import Grants
from app.observe.counters import Counters
from app.observe.trail import trail
from app.settings import AccessSettings

# Writes and everything that only admins may do decide on facts no older than this (seconds).
STRICT_AGE = 5.0

ADMIN_RULES = frozenset({Rule.WORKSPACE_ADMIN, Rule.TEAM_ADMIN})


class Access:
    """Judges requests."""

    def __init__(
        self,
        facts: Facts,
        grants: Grants,
        settings: AccessSettings,
        consenting: Callable[[str], bool],
        decisions: Decisions,
        counters: Counters,
        log: FilteringBoundLogger,
        salt: bytes,
        *,
        insights_by_internal_id: bool,
    ) -> None:
        self._rules = Rules(facts, grants, settings, consenting)
        self._decisions = decisions
        self._ttl = settings.ttl_seconds
        self._counters = counters
        self._log = log
        self._salt = salt
        self._insights_by_internal_id = insights_by_internal_id

    async def check(self, operation: Operation[Any], caller: Caller) -> Known:
        """What was established; raises a Problem when the caller may not."""
        known = self._decisions.taken(operation, caller)
        if known is None:
            began = self._decisions.moment
            known = await self._decide(operation, caller)
            self._decisions.take(began, operation, known)
        if told := trail():
            told.access = operation.access[-1]
        return known

    async def _decide(self, operation: Operation[Any], caller: Caller) -> Known:
        known = Known(caller, insights_by_internal_id=self._insights_by_internal_id)
        asked = Asked(operation, caller, self._age(operation), known)
        for rule in operation.access:
            try:
                asked = await self._rules.by_rule[rule](asked)
            except Unknowable as unknowable:
                raise self._refuse(asked, rule, AccessUnavailable(reason=str(unknowable))) from None
            except Unreadable:
                raise self._refuse(asked, rule, self._unreadable(rule)) from None
            except UpstreamProblem:
                raise
            except Problem as problem:
                raise self._refuse(asked, rule, problem) from None
        if asked.known.believed and not is_read(operation):
            raise self._refuse(asked, operation.access[-1], AccessUnavailable(reason="outage"))
        return asked.known

    def _age(self, operation: Operation[Any]) -> float:
        strict = not is_read(operation) or bool(ADMIN_RULES & set(operation.access))
        return min(STRICT_AGE, self._ttl) if strict else self._ttl

    def _refuse(self, asked: Asked, rule: Rule, problem: Problem) -> Problem:
        if told := trail():
            told.access = f"refused: {rule}"
        self._counters.add(
            "access_refused", operation=asked.operation.id, rule=rule, code=problem.code
        )
        self._log.info(
            "access refused",
            operation=asked.operation.id,
            rule=rule,
            code=problem.code,
            reason=problem.reason,
            actor=pseudonym(self._salt, asked.caller.user),
        )
        return problem

    @staticmethod
    def _unreadable(rule: Rule) -> Problem:
        return AccessUnavailable(
            "The ads platform's answer does not show what is needed to check your permissions.",
            reason=f"facts for `{rule}` have another shape than the contract's",
        )
