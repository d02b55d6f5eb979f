"""Parses a composite alarm's rule: ALARM(...), OK(...), INSUFFICIENT_DATA(...), AT_LEAST, AND, OR, NOT, TRUE, FALSE.

Source: the API reference of PutCompositeAlarm, AlarmRule. Alarms are given by name or ARN, bare or in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leeward.twin.errors import TwinError
from leeward.twin.events.alarms.metric_alarms import AlarmState

_TOKEN = re.compile(r'\s*(?:(?P<mark>[(),])|"(?P<quoted>[^"]*)"|(?P<word>[^\s(),"]+))')
AlarmPredicate = Callable[[Mapping[str, AlarmState]], bool]
_STATES = {"ALARM": AlarmState.ALARM, "OK": AlarmState.OK, "INSUFFICIENT_DATA": AlarmState.INSUFFICIENT_DATA}


class InvalidAlarmRule(TwinError):
    """An AlarmRule that AWS would reject. The message says what was expected."""


@dataclass(frozen=True, slots=True)
class CompositeRule:
    """A parsed rule, and the names of the alarms that it references, in the order of the rule."""

    text: str
    predicate: AlarmPredicate
    child_alarms: tuple[str, ...]


def parse_alarm_rule(text: str) -> CompositeRule:
    """Parse an AlarmRule. Raises InvalidAlarmRule."""
    parser = _AlarmRuleParser(text)
    rule = parser.parse_disjunction()
    if parser.current_token is not None:
        raise InvalidAlarmRule(f"{text!r}: expected AND, OR or the end at {parser.current_token!r}")
    return CompositeRule(text, rule, tuple(dict.fromkeys(parser.child_alarms)))


def alarm_name(alarm: str) -> str:
    """Return the name of an alarm that is given by name or by ARN."""
    return alarm.split(":alarm:", 1)[1] if alarm.startswith("arn:") else alarm


class _AlarmRuleParser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise InvalidAlarmRule(f"{text!r}: not understood from character {position}")
            self._tokens.append(match.group("mark") or match.group("word") or f'"{match.group("quoted")}')
            position = match.end()
        self._next = 0
        self.child_alarms: list[str] = []

    @property
    def current_token(self) -> str | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def parse_disjunction(self) -> AlarmPredicate:
        parts = [self._parse_conjunction()]
        while self._accept("OR"):
            parts.append(self._parse_conjunction())
        return parts[0] if len(parts) == 1 else lambda states: any(part(states) for part in parts)

    def _parse_conjunction(self) -> AlarmPredicate:
        parts = [self._parse_factor()]
        while self._accept("AND"):
            parts.append(self._parse_factor())
        return parts[0] if len(parts) == 1 else lambda states: all(part(states) for part in parts)

    def _parse_factor(self) -> AlarmPredicate:
        if self._accept("NOT"):
            inner = self._parse_factor()
            return lambda states: not inner(states)
        if self._accept("("):
            inner = self.parse_disjunction()
            self._expect(")")
            return inner
        if self._accept("TRUE"):
            return lambda _: True
        if self._accept("FALSE"):
            return lambda _: False
        if self._accept("AT_LEAST"):
            return self._parse_at_least()
        return self._parse_state_test()

    def _parse_at_least(self) -> AlarmPredicate:
        self._expect("(")
        count = self._next_word()
        if not count.isdigit():
            raise InvalidAlarmRule(f"{self._text!r}: AT_LEAST needs a number, not {count!r}")
        self._expect(",")
        state = self._parse_state_name()
        self._expect(",")
        self._expect("(")
        names = [self._parse_alarm_name()]
        while self._accept(","):
            names.append(self._parse_alarm_name())
        self._expect(")")
        self._expect(")")
        return lambda states: sum(states[name] is state for name in names) >= int(count)

    def _parse_state_test(self) -> AlarmPredicate:
        state = self._parse_state_name()
        self._expect("(")
        name = self._parse_alarm_name()
        self._expect(")")
        return lambda states: states[name] is state

    def _parse_state_name(self) -> AlarmState:
        word = self._next_word()
        if word not in _STATES:
            raise InvalidAlarmRule(f"{self._text!r}: expected one of {', '.join(_STATES)}, not {word!r}")
        return _STATES[word]

    def _parse_alarm_name(self) -> str:
        name = alarm_name(self._next_word().removeprefix('"'))
        self.child_alarms.append(name)
        return name

    def _next_word(self) -> str:
        if self.current_token is None:
            raise InvalidAlarmRule(f"{self._text!r} ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _accept(self, token: str) -> bool:
        accepted = self.current_token == token
        self._next += accepted
        return accepted

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise InvalidAlarmRule(f"{self._text!r}: expected {token!r}, not {self.current_token!r}")
