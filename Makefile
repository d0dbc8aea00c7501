# All commands of the project. `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run demo parts test test-service browser cluster bench faults screenshots client contract overlays release compose compose-secrets disaster rehearse brokers postgres versions lint setup setup-dev lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

.venv/run.stamp: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# The wheels carry style sheet, icons and htmx of the console; nothing of their Python code is installed.
.venv/assets.stamp: console/assets.lock console/assets.toml .venv/run.stamp
	@$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest .venv/assets -r console/assets.lock
	@$(BIN)/python -m console.assets .venv/assets
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/assets.stamp
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# checkov needs other versions of our dependencies, so it has its own environment.
.venv/checkov.stamp: deploy/k8s/checkov.lock .venv/dev.stamp
	@test -x .venv/checkov/bin/python || $(BIN)/python -m venv .venv/checkov
	@.venv/checkov/bin/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/k8s/checkov.lock
	@touch $@

run: .venv/assets.stamp ## run the whole platform here, embedded, on http://127.0.0.1:8000
	@GUICHUANG_SEED=$${GUICHUANG_SEED-demo} GUICHUANG_LOG_LEVEL=$${GUICHUANG_LOG_LEVEL-WARNING} exec $(BIN)/guichuang run

demo: .venv/assets.stamp ## play a consortium's life on a running platform (starts one when none runs)
	@$(BIN)/python -m deploy.demo

parts: .venv/dev.stamp
	@$(BIN)/python -m deploy.local_services.install

test: parts .venv/checkov.stamp ## set up everything, real broker, database, store and browser included, and run the tests
	@$(BIN)/python -m tests

test-service: .venv/dev.stamp ## run one service's unit and integration tests: S=review (gateway, console, policy and kernel too)
	@$(if $(and $(S),$(wildcard tests/unit/$(S) tests/integration/$(S))),,$(error name a service that has tests, such as S=review))
	@$(BIN)/python -m pytest -q $(wildcard tests/unit/$(S) tests/integration/$(S))

browser: parts ## the other journeys in Debian's Chromium, every page by every role; `make test` has three journeys for each role
	@$(BIN)/python -m pytest -q -m browser tests/browser

cluster: parts ## the distributed shape on one machine; CITIES="450200 450300" names the cities with their own review
	@GUICHUANG_SEED=$${GUICHUANG_SEED-demo} $(BIN)/python -m deploy.cluster $(CITIES)

bench: parts ## measure, in ratios, and write bench/RESULTS.md
	@$(BIN)/python -m bench

faults: parts ## kill everything in turn for minutes and check that nothing was lost
	@$(BIN)/python -m tests.faults

disaster: parts ## destroy the broker, a database, the store, everything; recover it and check the promises
	@$(BIN)/python -m tests.faults.disaster

rehearse: parts ## upgrade from FROM=<git ref> while people work, and back, and forth again
	@$(BIN)/python -m tests.faults.rehearse $(FROM)

brokers: parts ## bus, fault and federation tests on RabbitMQ 4 (Debian trixie's, by debootstrap and chroot), and the change to it
	@$(BIN)/python -m tests.brokers

postgres: parts ## change from PostgreSQL 15 to 17 (Debian trixie's), in place while people work and by archive
	@$(BIN)/python -m tests.faults.new_postgres

versions: parts ## unit, bus and database tests on Debian trixie's Python 3.13, PostgreSQL 17 and RabbitMQ 4
	@$(BIN)/python -m tests.versions

client: .venv/dev.stamp ## generate the typed Python client into build/client
	@$(BIN)/python -m deploy.contract client

contract: .venv/dev.stamp ## write the public contract as released (docs/api); later ones may only add to it
	@$(BIN)/python -m deploy.contract release

compose-secrets: .venv/run.stamp ## create every password and key of a Docker Compose installation, once
	@$(BIN)/python -m deploy.compose.secrets

compose: compose-secrets ## the distributed shape by Docker Compose: build the image, start everything
	@docker compose --file deploy/compose/compose.yaml up --build --detach --wait

overlays: .venv/dev.stamp ## write the Kubernetes overlays from deploy/k8s/tenants.toml
	@$(BIN)/python -m deploy.k8s generate

release: .venv/dev.stamp ## check that everything names VERSION=1.2.3, and say how it is released
	@$(BIN)/python -m deploy.release "$(VERSION)"

screenshots: parts ## pictures of the console with the demonstration's data, into build/screenshots
	@$(BIN)/python -m tests.browser.screenshots

lint: .venv/dev.stamp ## ruff, mypy, the import rules and the language check (docs/style.md)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.architecture.language

setup: .venv/assets.stamp ## install what running needs into .venv
setup-dev: .venv/dev.stamp ## install what development needs into .venv

lock: .venv/dev.stamp ## resolve the dependencies again into the lock files
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" deploy/images/build.in -c requirements-dev.lock -o deploy/images/build.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" deploy/k8s/checkov.in -o deploy/k8s/checkov.lock

clean: ## remove the virtual environment and caches (never var/)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build *.egg-info
