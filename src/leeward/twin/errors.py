"""Errors of the simulation itself.

TwinError
├── Deadlock                 no timer is pending, but tasks are still waiting
├── HorizonReached           virtual time passed the run's horizon, for example because a callback repeats without end
├── ActorFailed              a scripted actor or a thread of the interpreter raised an error
├── HandlerStuck             a handler or an actor computed for too long in real time
├── ForeignThread            a thread outside the simulation called it
├── ThreadsRefused           a handler started a thread
├── InlineCallbackWaited     an inline callback tried to wait
├── EngineNotOpen            code that requires an open engine ran without one
├── ExecutionStillRunning    an execution did not end before the timeout
├── NotSimulated             a call that nothing simulates, which never reaches the real network
└── MotoPatchFailed          the installed moto is not the version that the patches were written for

They share no base class with the errors of the code under test. A state machine must never retry or catch a defect of
the simulation.
"""

from __future__ import annotations


class TwinError(Exception):
    """Base of every error of the simulation itself."""


class Deadlock(TwinError):
    """Raised on deadlock: no timer is pending but tasks are still waiting. The message lists them."""


class HorizonReached(TwinError):
    """Raised when virtual time passes the run's horizon. The message lists the waiting tasks."""


class ActorFailed(TwinError):
    """Raised when a scripted actor or a thread of the interpreter fails. The cause is the original error."""


class HandlerStuck(TwinError):
    """Raised when a handler or an actor computes for too long in real time. The message names it."""


class ForeignThread(TwinError):
    """Raised when a thread outside the simulation calls it."""


class ThreadsRefused(TwinError):
    """Raised when a handler starts a thread, because the run would depend on how the threads are scheduled."""


class InlineCallbackWaited(TwinError):
    """Raised when an inline callback tries to sleep or to wait. Register the callback without `inline=True`."""


class EngineNotOpen(TwinError):
    """Raised when code that requires an open engine runs without one."""


class ExecutionStillRunning(TwinError, TimeoutError):
    """Raised when an execution does not end within the given virtual time."""


class NotSimulated(TwinError):
    """Raised for a call that nothing simulates. The message names the service, operation, and Region."""


class MotoPatchFailed(TwinError):
    """Raised when the installed moto is not the version that the patches were written for."""


class TaskCancelled(BaseException):
    """Raised inside a parked task when its run ends. Not an Exception: handlers must not catch it."""


class FunctionTimedOut(BaseException):
    """Raised inside a handler when its function times out. Not an Exception: handlers must not catch it."""


class WatchdogInterrupt(BaseException):
    """Raised by the watchdog inside a handler that never waits. Not an Exception: handlers must not catch it."""
