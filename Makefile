# Two commands matter: `make rehearse` and `make test`. Each sets up what it needs in .venv; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_MODULES := tools/asl-validator/node_modules
REPLAY_MODULES := tools/asl-replay/node_modules
CDK_MODULES := tools/aws-cdk/node_modules
APP ?= website
RUNBOOK ?= failover
ENV ?= example
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
  --custom-compile-command "make lock"
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without compiled files, each of the many processes that the tests start would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help rehearse demo board report sweep test test-fast verify check bench dist mutants compile format lock synth deploy destroy measure clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

rehearse: $(VENV)/.rehearse $(if $(TRIGGER),synth) ## Rehearse a failover on the twin (APP=website RUNBOOK=failover; TRIGGER=alarm, schedule or console)
	@$(BIN)/leeward rehearse $(APP) $(if $(TRIGGER),$(if $(filter command,$(origin RUNBOOK)),$(RUNBOOK)) --trigger $(TRIGGER),$(RUNBOOK)) \
	  || [ $$? = 1 ] # 1 means that the rehearsal did not pass, which it has shown. Scripts use the command's exit code.

board: $(VENV)/.rehearse ## Write the board to build/board/ from the rehearsals in build/rehearsals
	@$(BIN)/leeward board

report: $(VENV)/.report ## Rehearse, and write the report to build/report/ (APP=website RUNBOOK=failover)
	@$(BIN)/leeward rehearse $(APP) $(RUNBOOK) --report build/report

demo: $(VENV)/.rehearse ## Open the ticketing page on the twin, fail a Region, and watch
	@$(BIN)/leeward twin serve ticketing --pace 1

sweep: $(VENV)/.rehearse ## Inject a fault at every call of every runbook (hours; resumes; LIMIT=500 of each)
	@code=0; for app in $(if $(filter command,$(origin APP)),$(APP),$(notdir $(wildcard runbooks/*))); do \
	  $(BIN)/leeward sweep $$app --resume $(if $(LIMIT),--limit $(LIMIT)) || code=$$?; [ $$code = 130 ] && break; done; exit $$code

test: $(VENV)/.dev $(NODE_MODULES)/.installed $(REPLAY_MODULES)/.installed ## Run the tests (five minutes at most on two cores)
	@LEEWARD_REQUIRE_NODE=1 $(BIN)/python -m pytest -m "not verify" -n $(JOBS) --dist loadfile --no-loadscope-reorder

test-fast: $(VENV)/.dev ## Run the tests of tests/fast.txt while you work
	@$(BIN)/python -m pytest -m "not verify" -n $(JOBS) --dist worksteal $$(grep -v '^#' tests/fast.txt)

verify: $(VENV)/.dev $(NODE_MODULES)/.installed $(REPLAY_MODULES)/.installed ## Run what is too long for `make test` (SHARD=2/4 for a part of it)
	@LEEWARD_REQUIRE_NODE=1 $(BIN)/python -m pytest -m verify --shard $(or $(SHARD),1/1) -n $(JOBS) --dist loadfile
	@$(BIN)/python tools/verify_sweeps.py --shard $(or $(SHARD),1/1)

check: $(VENV)/.dev $(NODE_MODULES)/.installed ## Lint, types, import rules, drift of generated files, the templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.checks.import_contracts --check
	$(BIN)/python -m tools.checks.names
	$(BIN)/python -m tools.checks.kind_names
	$(BIN)/python -m tools.checks.structure
	$(BIN)/python -m tools.checks.prose
	$(BIN)/python -m tools.checks.empty_loops
	$(BIN)/python tools/generate_docs.py --check
	$(BIN)/python tools/dependency_tables.py --check
	$(BIN)/leeward compile --check
	$(BIN)/leeward validate
	for app in $(notdir $(wildcard runbooks/*)); do $(BIN)/python -m leeward.infra repeat $$app || exit 1; done
	$(BIN)/cfn-lint

bench: $(VENV)/.rehearse ## Measure the failover of 3 to 300 servers, and write docs/generated/performance.md
	@$(BIN)/python -m tools.performance

mutants: $(VENV)/.dev ## Mutation-test a sample of the task logic (SEED=7 SAMPLE=20)
	@nice $(BIN)/python -m tools.mutants --seed $(or $(SEED),7) --sample $(or $(SAMPLE),20)

compile: $(VENV)/.rehearse ## Compile runbooks/ to state_machines/generated/
	@$(BIN)/leeward compile

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev ## Resolve the dependencies again, into locks/
	$(LOCK) --group build -o locks/build.txt
	$(LOCK) --extra rehearse pyproject.toml -o locks/rehearse.txt
	$(LOCK) -c locks/rehearse.txt infra/packaging/lambda-requirements.in -o locks/lambda.txt
	$(LOCK) -c locks/rehearse.txt workloads/ticketing/api/requirements.txt -o locks/ticketing.txt
	$(LOCK) -c locks/rehearse.txt -c locks/build.txt --extra rehearse --extra report --extra deploy --group dev \
	  pyproject.toml -o locks/dev.txt
	$(LOCK) -c locks/dev.txt --extra rehearse --extra report pyproject.toml -o locks/report.txt

dist: $(VENV)/.dev ## Build the wheel and the sdist into dist/, the same bytes each time
	@$(BIN)/python tools/build_distributions.py dist
	@$(BIN)/twine check --strict dist/leeward-*

synth: $(VENV)/.dev ## Write the CloudFormation templates to build/cdk.out (APP=website ENV=example)
	@$(BIN)/python -m leeward.infra synth $(APP) $(ENV)

deploy: $(VENV)/.dev $(CDK_MODULES)/.installed ## Show what would change in AWS, ask, and deploy it (APP=website ENV=example)
	@$(BIN)/python -m leeward.infra deploy $(APP) $(ENV) --stacks '$(STACKS)'

destroy: $(VENV)/.dev $(CDK_MODULES)/.installed ## Delete all stacks except the journal, after asking (APP=website ENV=example)
	@$(BIN)/python -m leeward.infra destroy $(APP) $(ENV)

measure: $(VENV)/.dev ## Measure the size of the Lambda assets and the import time of their tasks
	@$(BIN)/python -m leeward.infra measure

clean: ## Remove the environment and everything built
	rm -rf $(VENV) $(NODE_MODULES) $(REPLAY_MODULES) $(CDK_MODULES) build *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Leeward needs Python 3.11 or later; {sys.executable} is {v.major}.{v.minor}. Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.rehearse: locks/build.txt locks/rehearse.txt pyproject.toml | $(BIN)/python
	@echo "Installing what a rehearsal needs (once) ..."
	@$(BIN)/python -m pip install -q --require-hashes -r locks/build.txt -r locks/rehearse.txt
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src drs lambdas state_machines infra
	@touch $@

$(VENV)/.report: locks/report.txt $(VENV)/.rehearse
	@echo "Installing what draws the report (once) ..."
	@$(BIN)/python -m pip install -q --require-hashes -r locks/report.txt
	@touch $@

$(VENV)/.dev: locks/dev.txt $(VENV)/.rehearse
	@echo "Installing what the tests and checks need (once) ..."
	@awk '/^uv==/ {p = 1} p {print; if (!/\\$$/) exit}' locks/dev.txt > $(VENV)/uv.txt
	@$(BIN)/python -m pip install -q --require-hashes -r $(VENV)/uv.txt
	@VIRTUAL_ENV="$(CURDIR)/$(VENV)" UV_HTTP_TIMEOUT=15 $(BIN)/uv pip install -q --require-hashes -r locks/dev.txt 2>/dev/null \
	  || $(BIN)/python -m pip install -q --require-hashes -r locks/dev.txt
	@touch $@

# A state-machine validator that exists only for Node. Node itself comes from a wheel.
$(NODE_MODULES)/.installed: tools/asl-validator/package-lock.json $(VENV)/.dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent --no-audit --no-fund --prefix tools/asl-validator
	@touch $@

# A second Step Functions engine, which replays what the twin's engine did.
$(REPLAY_MODULES)/.installed: tools/asl-replay/package-lock.json $(VENV)/.dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent --no-audit --no-fund --prefix tools/asl-replay
	@touch $@

# The cdk command, for deploying only.
$(CDK_MODULES)/.installed: tools/aws-cdk/package-lock.json $(VENV)/.dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent --no-audit --no-fund --prefix tools/aws-cdk
	@touch $@
