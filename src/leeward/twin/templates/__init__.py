"""Reads CloudFormation templates as `cdk synth` writes them, and deploys them to the simulated account.

    cloud_assembly         a folder of templates: stacks with their Regions, resources with their values
    intrinsic_functions    `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, `Fn::Select`, `Fn::Split`, `Fn::ImportValue`
    resource_names         what `Ref` and `Fn::GetAtt` of a resource return, by its type
    template_deployment    creates the tables, topics, queues, buckets, and functions in the simulated account

A value is resolved when it is read, so a template may contain resources that no caller reads. A value that cannot be
resolved is an error, never a guess. May import the engine.
"""
