# Everything a developer does here. `make` alone lists it. Needs make and Python 3.11 to 3.13, nothing else.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 5

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq
SITE_TOOLS := .venv/site.stamp
TEST_TOOLS := .venv/test.stamp
JS_TESTS := $(wildcard chat/tests/js/*.test.js)
CODE := mysite chat bin benchmarks chaos

# What README.md names as a production site's environment: `manage.py check --deploy` must be clean with it.
PRODUCTION := SECRET_KEY=0mQ8w3vN5tJx-Zr7LkYb2HdPcUa9_Gf4SeTi6Wo1XnMBVCyRq2Jz DEBUG=off HTTPS=on \
	ALLOWED_HOSTS=chat.example.org CSRF_TRUSTED_ORIGINS=https://chat.example.org TRUSTED_PROXIES=1 \
	DATABASE_URL=postgres://lobby:secret@127.0.0.1:5432/lobby REDIS_URL=redis://127.0.0.1:6379/0
SCRATCH := SECRET_KEY=only-for-checks DEBUG=off REDIS_URL= DATABASE_URL=sqlite:///:memory:

SCHEDULES ?= 200
SEED ?= 1

export HOST PORT
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test endurance check bench chaos screenshots format messages clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '%-14s %s\n' "$$name" "$$what"; done

setup: $(SITE_TOOLS) .env ## make .venv, install the site's requirements, write a .env

run: setup ## serve on http://127.0.0.1:8000/chat/ (HOST=… PORT=… to change it)
	@exec $(BIN)/python bin/run.py

test: $(TEST_TOOLS) .env ## what a change needs to be trusted: Python, browser and JavaScript
	@bin/services redis-server postgresql chromium nodejs fonts-noto-cjk
	@js=$$(mktemp); status=0; \
	bin/node-tests $(JS_TESTS) >$$js 2>&1 & node=$$!; \
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --ignore=chat/tests/endurance -n $(WORKERS) --dist worksteal -q || status=$$?; \
	wait $$node && grep -E '^SKIPPED|^# (pass|fail)' $$js || { status=$$?; cat $$js; }; rm -f $$js; \
	exit $$status

endurance: $(TEST_TOOLS) .env ## what is long or strict about time: floods, crowds, waits; under 20 minutes
	@bin/services redis-server postgresql chromium
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest chat/tests/endurance -n 2 --dist loadgroup -q --durations=15

check: $(TEST_TOOLS) ## format, lint and types of Python, JavaScript and CSS; settings; migrations; translations
	@bin/services npm
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	@echo "lint-imports"; PYTHONPATH=. $(BIN)/lint-imports --no-cache
	@echo "mypy --strict"; $(SCRATCH) $(BIN)/mypy $(CODE)
	@echo "bin/messages.py --check"; $(BIN)/python bin/messages.py --check
	@echo "manage.py makemigrations --check"; $(SCRATCH) $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "manage.py check --deploy"; $(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@bin/biome ci

bench: $(TEST_TOOLS) .env ## speed beside its peers, under 20 minutes (QUICK=1: 5); writes docs/BENCHMARKS.md
	@bin/services redis-server postgresql nodejs npm
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

chaos: $(TEST_TOOLS) .env ## nothing lost under faults: SCHEDULES=200 SEED=1; writes docs/CHAOS.md
	@bin/services redis-server postgresql
	@$(BIN)/python -m chaos --schedules $(SCHEDULES) --seed $(SEED) --report docs/CHAOS.md

screenshots: $(TEST_TOOLS) .env ## pictures of every state of the pages, into test-results/screenshots (ONLY="talk offline"; README=1: docs/images)
	@bin/services chromium fonts-noto-cjk fonts-noto-color-emoji
	@$(BIN)/python -m bin.screenshots $(if $(README),--readme) $(ONLY)

format: $(TEST_TOOLS) ## format all code
	$(BIN)/ruff check --fix-only -q $(CODE)
	$(BIN)/ruff format $(CODE)
	@bin/biome check --write

messages: $(TEST_TOOLS) ## the catalogs of translations: what is new is added, what is translated compiled
	@$(BIN)/python bin/messages.py

clean: ## remove what the other targets made; data/ and .env stay
	rm -rf .venv node_modules staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/pyvenv.cfg:
	@bin/make-venv "$(PYTHON)"

$(SITE_TOOLS): requirements.txt .venv/pyvenv.cfg
	@echo "Installing what the site runs on ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(TEST_TOOLS): requirements.txt requirements-dev.txt .venv/pyvenv.cfg
	@echo "Installing what the tests and checks need ..."
	@$(PIP) -r requirements-dev.txt
	@touch $(SITE_TOOLS) $@

.env:
	@umask 077; $(PYTHON) -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' > $@
