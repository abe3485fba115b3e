# The lab that `make e2e` uses: qemu (two virtual machines) or netns (two network namespaces).
LAB ?= qemu
export LAB

lab := cargo lab

.PHONY: e2e test check setup bench

# Everything from nothing: the packages, the image, and the scenarios on one lab.
e2e: setup
	cargo test --test e2e --test hazardous

# All checks. Snapshots are compared and never written.
test: export INSTA_UPDATE = no
test: check
	$(MAKE) setup LAB=netns
	$(MAKE) setup LAB=qemu
	cargo test --test lifecycle
	LAB=netns cargo test --test gate
	LAB=netns cargo test --test e2e --test hazardous -- --include-ignored
	LAB=qemu cargo test --test e2e --test hazardous

# What needs no lab.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo test --bins
	cargo test --package harness

# What the lab needs on this machine.
setup:
	$(lab) doctor --fix
	$(if $(filter qemu,$(LAB)),$(lab) image build)

# How long the suite takes on each lab.
bench:
	cargo bench --bench suite
