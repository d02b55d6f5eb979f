"""The twin: a simulated AWS on virtual time, on which whole runbooks are rehearsed.

`engine` runs the generated state machines and the Lambda handlers; `wire` stands between a handler and the simulated
AWS, and is where every fault happens; `aws` adds the services that moto lacks; `internet` is what users see; `world`
builds a scenario; `invariants` judges a run. May import `lambdas`, `state_machines` and `common`; nothing but `cli`
and the tests may import the twin, and nothing but the twin and the tests may import moto.
"""

from leeward.twin import service_models

service_models.install_shared_loaders()
