"""Resumes a redriven execution from the states that did not succeed.

Source of what is done for each type of state: AWS Step Functions Developer Guide, "Restarting state machine executions
with redrive". Succeeded states, and succeeded branches of a Parallel, do not run again. A Task is scheduled again
without being entered again. A Fail state is entered again and fails again. Timeouts and retries start over.
"""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded
from moto.stepfunctions.parser.backend import execution_worker

from leeward.twin.engine.step_functions.execution_position import ProgramPosition, get_position, set_position
from leeward.twin.patching.attribute_replacement import replace_attribute


def resume_redriven_execution() -> None:
    """Resume a redriven execution from its last position.

    Unpatched moto does not record the position of an execution, and starts every execution at its first state.
    """
    _track_positions()
    _resume_worker()


def _track_positions() -> None:
    _share_position_with_frames()
    _resume_programs()

    def enter(self: Any, env: Any) -> None:
        position = get_position(env)
        position.enter_state(self.name, env.states._states_data["input"])
        if position.skips_entered_event:
            env.event_history_context.twin_silent = self.state_entered_event_type
        evaluate(self, env)

    def fork(self: Any, env: Any) -> None:
        get_position(env).begin_branches()
        evaluate_branches(self, env)

    def add_event(self: Any, context: Any, event_type: Any, *args: Any, **options: Any) -> Any:
        silent = context.__dict__.pop("twin_silent", None)
        if silent is event_type and event_type is not HistoryEventType.FailStateEntered:
            return context.source_event_id
        return add(self, context, event_type, *args, **options)

    evaluate = replace_attribute(CommonStateField, "_eval_body", enter)
    evaluate_branches = replace_attribute(BranchesDecl, "_eval_body", fork)
    add = replace_attribute(EventManager, "add_event", add_event)


def _share_position_with_frames() -> None:
    """Give the frame of a state the position of its program, and an inner frame the position of its branch."""

    def open_frame(self: Any, *args: Any, **options: Any) -> Any:
        frame = original(self, *args, **options)
        set_position(frame, get_position(self))
        return frame

    def open_inner_frame(self: Any, *args: Any, **options: Any) -> Any:
        frame = original_inner(self, *args, **options)
        set_position(frame, get_position(self).add_branch())
        return frame

    original = replace_attribute(Environment, "open_frame", open_frame)
    original_inner = replace_attribute(Environment, "open_inner_frame", open_inner_frame)


def _resume_programs() -> None:
    def begin(self: Any, env: Any) -> None:
        before = get_position(env).resume_from
        if before is not None and before.has_ended:  # a branch that had succeeded does not run again
            env.next_state_name = self.start_at.start_at_name
            env.states.reset(input_value=before.output)
            get_position(env).record_end(before.output)
            env.set_ended()
            return
        original(self, env)

    def go(self: Any, env: Any) -> None:
        before = get_position(env).resume_from
        if before is not None and before.state_name is not None:
            env.next_state_name = before.state_name
            env.states.reset(input_value=before.state_input)
        original_body(self, env)
        if isinstance(env.program_state(), ProgramEnded):
            get_position(env).record_end(env.states.get_input())

    original = replace_attribute(Program, "eval", begin)
    original_body = replace_attribute(Program, "_eval_body", go)


def _resume_worker() -> None:
    def environment(self: Any) -> Any:
        evaluation_environment = make(self)
        ended_environment = self.__dict__.get("twin_resumes_from")
        set_position(
            evaluation_environment,
            ProgramPosition(resume_from=get_position(ended_environment) if ended_environment else None),
        )
        if ended_environment is not None:
            manager = ended_environment.event_manager
            evaluation_environment.event_manager = manager
            evaluation_environment.event_history_context = EventHistoryContext(len(manager._history_event_list))
            # A token from before the redrive belongs to a task that no longer waits.
            evaluation_environment.callback_pool_manager = ended_environment.callback_pool_manager
            execution_context = evaluation_environment.states.context_object.context_object_data["Execution"]
            execution_context.update(RedriveCount=self.twin_redrives, RedriveTime=self.twin_redriven_at)
        return evaluation_environment

    def logic(self: Any) -> None:
        if "twin_resumes_from" not in self.__dict__:
            original(self)
            return
        program = self._get_evaluation_entrypoint()
        env = self._get_evaluation_environment()
        self.env = env
        details = {"executionRedrivenEventDetails": {"redriveCount": self.twin_redrives}}
        env.event_manager.add_event(env.event_history_context, HistoryEventType.ExecutionRedriven, details)
        program.eval(env)
        self._execution_communication.terminated()

    make = replace_attribute(execution_worker.ExecutionWorker, "_get_evaluation_environment", environment)
    original = replace_attribute(execution_worker.ExecutionWorker, "_execution_logic", logic)
