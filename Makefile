# Every target works from a bare checkout: it makes .venv first if need be.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
SOURCES := bot demo domain handlers storage templates tests bench

.PHONY: help setup demo demo-matrix test test-browser test-clients test-matrix siege chaos bench year words lint format clean

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Make .venv with everything pinned in it
	@./scripts/setup

demo: setup  ## Try the bot in a web page, on embedded parts only
	@$(BIN)/sipbot demo

demo-matrix: setup  ## The bot on a real Matrix server, which is installed into .cache; it stays up until Ctrl-C
	@$(BIN)/python -m tests.matrix.play

test: setup  ## Run all tests but sieges, and those that drive a real browser, real client programs or a Matrix server
	@$(BIN)/python -m pytest -m "not siege and not browser and not clients and not matrix" --workers auto

test-browser: setup  ## Run only the tests that drive the demo page in a real browser
	@$(BIN)/python -m pytest -m browser --workers auto

test-clients: setup  ## Run only the tests that drive real client programs
	@$(BIN)/python -m pytest -m clients

siege: setup  ## Run only the sieges, in their short form: the program is killed, cut off and worn down
	@$(BIN)/python -m pytest -m siege --workers auto

chaos: setup  ## Kill, cut off and wear down the bot for a long time, and print what it held at
	@CHAOS=long $(BIN)/python -m pytest tests/chaos

test-matrix: setup  ## Run only the tests on a real Matrix server, which is installed into .cache
	@$(BIN)/python -m pytest -m matrix --workers 2

bench: setup  ## Measure, and print the results as ratios
	@$(BIN)/python -m bench

year: setup  ## Play a region's year through the bot, and hold its budgets of calm
	@$(BIN)/python -m bench.year

words: setup  ## Print every text that people read, by screen, Swedish beside English (PART=consent: only those)
	@$(BIN)/python scripts/words $(PART)

lint: setup  ## Check style, types and imports
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --cache-dir .cache/imports

format: setup  ## Put the code into shape
	@$(BIN)/ruff check --fix-only $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

clean:  ## Remove what the targets above made, but for the data of a running bot
	@rm -rf .venv .cache .hypothesis dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
