# SPDX-License-Identifier: GPL-3.0-or-later
# Every target installs what it needs: the virtual environment into build/, Docker from Debian (as root).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo demo-down check test soak molecule heroku-cli bench build docs hosts hosts-down pins clean tools-demo tools-test docker

export VENV ?= build/venv
export PATH := $(abspath $(VENV))/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

N ?= 1
DEBIAN ?= 12
GROUP ?= nginx_uwsgi
LOGIN ?= root
S ?= nginx_uwsgi
RUNS ?= 5

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

demo: tools-demo docker ## ship the bundled blog to a throwaway Debian host: http://127.0.0.1:8080
	@python -m tests.demo

demo-down: tools-demo ## end the demo's host
	@python -m tests.hosts down demo

check: tools-test ## lint, types, unit, template and architecture tests; no container
	@tools/check

test: tools-test docker ## what CI runs: check, build, molecule, ship tests on real hosts
	@tools/test

soak: tools-test docker ## long load, faults, every case on both Debians
	@tools/test soak

molecule: tools-test docker ## one scenario on hosts of its own (S=nginx_uwsgi)
	@molecule test --scenario-name $(S)

heroku-cli: tools-test docker ## Heroku's own command line reads back what the role did (400 MB of npm, Node 20)
	@pytest tests/platforms/heroku/test_cli.py

bench: tools-test docker ## beside Fabric, pyinfra and Mitogen, on equal hosts (RUNS=5); then each stack beside its bare server, and steps
	@tools/peers
	@python -m tests.bench --runs $(RUNS)
	@tools/hey
	@python -m tests.bench.stacks
	@python -m tests.bench.steps

build: tools-demo ## the Galaxy artifact, in build/
	@ansible-galaxy collection build --force --output-path build

docs: tools-test ## the reference of roles and plugins, in build/docs
	@tools/docs

hosts: tools-demo docker ## throwaway hosts for hand work (N=1 DEBIAN=12 GROUP=nginx_uwsgi LOGIN=root); inventory: build/hosts/hand
	@python -m tests.hosts up hand --count $(N) --debian $(DEBIAN) --group $(GROUP) --login $(LOGIN)

hosts-down: tools-demo ## end them
	@python -m tests.hosts down hand

pins: tools-demo ## resolve requirements/*.in anew into the committed pin files
	@tools/pins

clean: ## remove everything made here, hosts included
	@if [ -x $(VENV)/bin/python ]; then python -m tests.hosts down --all; fi
	@rm -rf build

tools-demo tools-test: tools-%:
	@tools/venv $*
	@tools/collection $*

docker:
	@tools/docker
