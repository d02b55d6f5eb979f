"""A composite alarm's rule: ALARM(...), OK(...), INSUFFICIENT_DATA(...), AT_LEAST, AND, OR, NOT, TRUE, FALSE.

Source: the API reference of PutCompositeAlarm, AlarmRule. Names may stand bare or in double quotes, and may be ARNs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leeward.twin.errors import TwinError
from leeward.twin.events.alarms import State

_TOKEN = re.compile(r'\s*(?:(?P<mark>[(),])|"(?P<quoted>[^"]*)"|(?P<word>[^\s(),"]+))')
Rule = Callable[[Mapping[str, State]], bool]
_STATES = {"ALARM": State.ALARM, "OK": State.OK, "INSUFFICIENT_DATA": State.INSUFFICIENT_DATA}


class BadRule(TwinError):
    """An AlarmRule that AWS would refuse; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class CompositeRule:
    """The rule, and the names of the alarms that it speaks of, in its order."""

    text: str
    holds: Rule
    children: tuple[str, ...]


def parse(text: str) -> CompositeRule:
    """Raises BadRule."""
    parser = _Parser(text)
    rule = parser.disjunction()
    if parser.here is not None:
        raise BadRule(f"{text!r}: expected AND, OR or the end at {parser.here!r}")
    return CompositeRule(text, rule, tuple(dict.fromkeys(parser.children)))


def name_of(alarm: str) -> str:
    """The name of an alarm that is given by name or by ARN."""
    return alarm.split(":alarm:", 1)[1] if alarm.startswith("arn:") else alarm


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise BadRule(f"{text!r}: not understood from character {at}")
            self._tokens.append(match.group("mark") or match.group("word") or f'"{match.group("quoted")}')
            at = match.end()
        self._next = 0
        self.children: list[str] = []

    @property
    def here(self) -> str | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def disjunction(self) -> Rule:
        parts = [self._conjunction()]
        while self._take("OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda states: any(part(states) for part in parts)

    def _conjunction(self) -> Rule:
        parts = [self._factor()]
        while self._take("AND"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else lambda states: all(part(states) for part in parts)

    def _factor(self) -> Rule:
        if self._take("NOT"):
            inner = self._factor()
            return lambda states: not inner(states)
        if self._take("("):
            inner = self.disjunction()
            self._need(")")
            return inner
        if self._take("TRUE"):
            return lambda _: True
        if self._take("FALSE"):
            return lambda _: False
        if self._take("AT_LEAST"):
            return self._at_least()
        return self._state()

    def _at_least(self) -> Rule:
        self._need("(")
        count = self._word()
        if not count.isdigit():
            raise BadRule(f"{self._text!r}: AT_LEAST needs a number, not {count!r}")
        self._need(",")
        state = self._named_state()
        self._need(",")
        self._need("(")
        names = [self._child()]
        while self._take(","):
            names.append(self._child())
        self._need(")")
        self._need(")")
        return lambda states: sum(states[name] is state for name in names) >= int(count)

    def _state(self) -> Rule:
        state = self._named_state()
        self._need("(")
        name = self._child()
        self._need(")")
        return lambda states: states[name] is state

    def _named_state(self) -> State:
        word = self._word()
        if word not in _STATES:
            raise BadRule(f"{self._text!r}: expected one of {', '.join(_STATES)}, not {word!r}")
        return _STATES[word]

    def _child(self) -> str:
        name = name_of(self._word().removeprefix('"'))
        self.children.append(name)
        return name

    def _word(self) -> str:
        if self.here is None:
            raise BadRule(f"{self._text!r} ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _take(self, token: str) -> bool:
        taken = self.here == token
        self._next += taken
        return taken

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise BadRule(f"{self._text!r}: expected {token!r}, not {self.here!r}")
