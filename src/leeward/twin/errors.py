"""Errors of the simulation itself.

TwinError
├── Deadlock                 no timer is pending, but tasks still wait
├── HorizonReached           virtual time went past the run's horizon: something ticks for ever
├── ActorFailed              a scripted actor or a thread of the interpreter raised
├── HandlerStuck             a handler or an actor computed for too long in real time
├── ForeignThread            a thread that the simulation does not know touched it
├── ThreadsRefused           a handler started a thread of its own
├── InlineCallbackWaited     an inline callback tried to wait
├── EngineNotOpen            something that exists only inside an open engine was used outside one
├── ExecutionStillRunning    an execution did not end within the time given
├── NotSimulated             a call to something that nothing simulates: it never reaches the real network
└── MotoPatchFailed          moto is not the version that the patches were written for

They share no base class with the errors of the code under test. A state machine must never retry or catch a defect of
the simulation.
"""

from __future__ import annotations


class TwinError(Exception):
    """Base of every error of the simulation itself."""


class Deadlock(TwinError):
    """Nothing can ever happen again, and somebody still waits; the text lists who waits for what."""


class HorizonReached(TwinError):
    """Virtual time went past the run's horizon; the text lists who waits for what."""


class ActorFailed(TwinError):
    """A scripted actor or a thread of the interpreter raised; the cause is the original."""


class HandlerStuck(TwinError):
    """A handler or an actor computed for too long in real time; the text names it."""


class ForeignThread(TwinError):
    """A thread that the simulation does not know touched it."""


class ThreadsRefused(TwinError):
    """A handler started a thread of its own, which would make the run depend on chance."""


class InlineCallbackWaited(TwinError):
    """An inline callback tried to sleep or to wait; register it without `inline=True`."""


class EngineNotOpen(TwinError):
    """Something that lives only inside an open engine was used outside one."""


class ExecutionStillRunning(TwinError, TimeoutError):
    """An execution did not end within the virtual time given."""


class NotSimulated(TwinError):
    """A call to something that nothing simulates; the text names service, operation and Region."""


class MotoPatchFailed(TwinError):
    """moto is not the version that the patches were written for."""


class TaskCancelled(BaseException):
    """Raised inside a parked task when its run is torn down. Not an Exception: handlers must not catch it."""


class FunctionTimedOut(BaseException):
    """Raised inside a handler at the end of its function's time. Not an Exception: handlers must not catch it."""


class WatchdogInterrupt(BaseException):
    """Raised by the watchdog inside a handler that does not give way. Not an Exception, for the same reason."""
