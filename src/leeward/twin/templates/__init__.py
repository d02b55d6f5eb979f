"""Synthesised CloudFormation templates, read back: what is deployed is what is simulated.

    names        what `Ref` and `Fn::GetAtt` of a resource are, by its type
    intrinsics   values with `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, `Fn::Select`, `Fn::Split`, `Fn::ImportValue`
    assembly     a folder of templates as `cdk synth` leaves it: stacks with their Regions, resources with their values
    deployment   an assembly put into the simulated account: tables, topics, queues, functions, state machines

Values are resolved when they are asked for, so that a template may hold resources that nothing here reads. What is
asked for and cannot be resolved is an error, never a guess. May import the engine; knows nothing of infra/, which
writes the templates.
"""
