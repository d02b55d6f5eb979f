"""Checks the definition that is committed for a runbook, as `leeward validate` and `leeward compile --check` do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.checks.machine_report import MachineReport, check_definition
from leeward.state_machines.compile.runbook_compiler import compile_runbook


def check_committed(documents: MachineDocuments, generated: Path) -> MachineReport:
    """Check the file of the runbook below `generated`. If there is none yet, check what would be written.

    A file that can't be read is a finding.
    """
    compiled = compile_runbook(documents.application, documents.runbook)
    path = generated / compiled.application / f"{compiled.runbook}.asl.json"
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        report = check_definition(compiled.text, compiled, documents)
        return replace(report, path=path, drift="is missing")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        report = MachineReport(compiled.application, compiled.runbook, 0, (), None, 0, ())
        finding = MachineFinding("definition", "", f"{path.name} can't be read: {reason}")
        return replace(report, path=path, findings=(finding,), drift="can't be read")
    return replace(check_definition(text, compiled, documents), path=path)
