"""AWS Elastic Disaster Recovery (DRS): recovery, failback, protection, preflight checks, and cleanup.

Each operation first decides in a pure module, then acts in another:

    api         models of DRS responses, and the calls that read them
    inventory   server groups, recovery instances, jobs, and recovery points of a Region
    preflight   checks whether a recovery can succeed
    launch      decides what to launch (`launch_plan`) and into which instances (`target_instances`)
    recovery    launches a group or runs a DRS Recovery Plan, and undoes a recovery
    protection  reverses replication, waits for it, and proves protection
    cleanup     retires copies after a failback (`retire_policy`, `retire_copies`), and cleans up after a drill

The package doesn't import traffic, Step Functions code, or the twin. Imports base and common.
"""
