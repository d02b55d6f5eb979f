"""What a run of a document does, written without the compiler's frame, failure handling, rollback, and redrive.

run_model    the run: begin, steps in order, what follows a failure, rollback, end, redrive
model_tasks  the payloads of the tasks that don't belong to a step's action
"""
