# SPDX-License-Identifier: Apache-2.0
# Tests that boot a kernel: qemu, Debian's cloud kernel, and an initramfs made here.

VM_UNIT_TESTS := build/unit/test_cgroup_limits build/unit/test_cgroup_life build/unit/test_ids_live

.PHONY: vm vm-build appliance appliance-build
vm-build: build/nidus build/nidus-init $(VM_UNIT_TESTS) $(PROBES)

# If something can't be installed or downloaded, the tests skip and give that as the reason.
vm:
	$(Q)tools/setup.sh vm || :
	$(Q)$(MAKE) --no-print-directory $(JOBS) vm-build
	$(Q)tests/vm/image $(VM_UNIT_TESTS)
	$(Q)tests/vm/machine-image
	$(Q)mkdir -p build/logs
	$(Q)prove --timer --failures --comments $(if $(VERBOSE),--verbose) \
		--exec 'tests/e2e/helpers/record build/logs/vm-' tests/vm/*.t </dev/null

# The machine of docs/APPLIANCE.md.
appliance-build: build/nidus build/nidus-init
	$(Q)tools/appliance.sh

appliance:
	$(Q)tools/setup.sh vm
	$(Q)$(MAKE) --no-print-directory $(JOBS) appliance-build
