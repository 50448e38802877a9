# What people do with this project. `make` alone lists it.

PORT ?= 8000
PYTEST_ARGS ?=
SECONDS ?= 600
AT_ONCE := $(shell processors=$$(getconf _NPROCESSORS_ONLN); echo $$((processors > 4 ? 8 : 2 * processors)))
WITH_BROWSERS := tests/console tests/examples tests/spa
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test cluster soak bench bench-quick check check-style check-types check-layers check-openapi check-image \
	check-manifests check-words check-documents openapi documents screenshots lock image-rehearsal venv-run venv-test

help: ## list the targets
	@echo "make TARGET, where TARGET is one of"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/^\([a-z-]*\):.*## /\1|/' \
		| while IFS='|' read -r name words; do printf '  %-16s %s\n' "$$name" "$$words"; done

venv-run venv-test: venv-%:
	@scripts/venv $*

run: venv-run ## start the gateway with the embedded sandbox: make run [PORT=8000]
	@exec $(BIN)/bff serve --port $(PORT)

test: venv-test ## install what tests need and run all of them: make test [PYTEST_ARGS="-k words"]
	@scripts/system-packages test bench
	@scripts/node-packages
ifeq ($(strip $(PYTEST_ARGS)),)
	@# Tests wait a third of their time: twice as many at once as there are processors. Browsers take all
	@# of these: they come afterwards, and no more of them.
	$(BIN)/pytest --numprocesses $(AT_ONCE) $(addprefix --ignore=,$(WITH_BROWSERS))
	$(BIN)/pytest --numprocesses auto $(WITH_BROWSERS)
else
	$(BIN)/pytest --numprocesses $(AT_ONCE) $(PYTEST_ARGS)
endif

cluster: venv-run ## three gateways behind nginx, with Redis and the sandbox: make cluster [PORT=8080]
	@scripts/system-packages cluster
	@exec $(BIN)/python -m deploy.cluster $(if $(filter command line environment,$(origin PORT)),--port $(PORT))

soak: venv-test ## a long mixed load with faults, its report in var/soak.json: make soak [SECONDS=60] [SEED=1]
	@scripts/system-packages
	$(BIN)/python -m tests.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

bench: venv-test ## measure the gateway beside its peers, 20 minutes: the report in bench/results
	@scripts/system-packages bench
	@scripts/node-packages
	$(BIN)/python -m bench

bench-quick: venv-test ## the same in 2 minutes, only to see that it runs: the report in var/bench
	@scripts/system-packages bench
	@scripts/node-packages
	$(BIN)/python -m bench --plan quick --results var/bench

check: check-style check-types check-layers check-openapi check-image check-manifests check-words check-documents ## everything that is proven without running the gateway
	@echo "make check: all is well."

check-style: venv-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types: venv-test
	$(BIN)/mypy

check-layers: venv-test
	$(BIN)/lint-imports

check-openapi: venv-test
	$(BIN)/python scripts/lint_openapi.py
	$(BIN)/python scripts/openapi_breaks.py

check-image: venv-test
	$(BIN)/hadolint Dockerfile

check-manifests: venv-test
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml deploy/compose/*.yaml
	$(BIN)/kubernetes-validate --strict deploy/kubernetes/*.yaml

check-words: venv-test
	$(BIN)/python scripts/check_words.py

check-documents: venv-test
	$(BIN)/python scripts/env_example.py --check
	$(BIN)/python scripts/settings_table.py --check
	$(BIN)/python scripts/board.py --check
	$(BIN)/python scripts/audit_schema.py --check
	$(BIN)/python scripts/requirements_coverage.py --check

openapi: venv-test ## regenerate openapi/: both documents, and the types of ours
	$(BIN)/bff openapi
	@scripts/node-packages
	@scripts/openapi-types

documents: venv-test ## regenerate .env.example, README's settings, the board, requirements-coverage.md, audit.schema.json
	$(BIN)/python scripts/env_example.py
	$(BIN)/python scripts/settings_table.py
	$(BIN)/python scripts/board.py
	$(BIN)/python scripts/audit_schema.py
	$(BIN)/python scripts/requirements_coverage.py

screenshots: venv-test ## take the pictures of the console anew: docs/screenshots
	@scripts/system-packages
	$(BIN)/python scripts/screenshots.py

lock: venv-test ## rewrite the lock files from pyproject.toml: make lock [UPGRADE=1]
	scripts/lock

image-rehearsal: venv-test ## carry out the Dockerfile's steps without an engine
	$(BIN)/python scripts/rehearse_image.py
