#!/bin/sh
# Makes a small, quickly booting image for nodes out of a distribution's root file system.
# Runs inside it, when its packages are configured.
set -eu
systemd=/etc/systemd/system

# The build takes these two; the machines are started with them directly.
mv /boot/vmlinuz-* /boot/vmlinuz
mv /boot/initrd.img-* /boot/initrd.img

# No identity: a node gets its keys and its name from its seed, and its machine-id at its first boot.
: >/etc/machine-id
rm -f /etc/ssh/ssh_host_* /etc/hostname /var/lib/dbus/machine-id
echo '127.0.0.1 localhost' >/etc/hosts
sed -i 's,^root:[^:]*:,root:*:,' /etc/shadow
sed -i 's,^\(root:.*\):/bin/bash$,\1:/bin/sh,' /etc/passwd
install -d -m 700 /root/.ssh

# A node lives for minutes: nothing is due, nobody logs in at its console, nothing is kept.
mkdir -p "$systemd/multi-user.target.wants" /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\n' >/etc/systemd/journald.conf.d/lab.conf
for unit in ssh.socket \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer motd-news.timer systemd-tmpfiles-clean.timer \
    getty.target getty@tty1.service serial-getty@ttyS0.service console-getty.service getty-static.service \
    systemd-logind.service systemd-user-sessions.service systemd-update-utmp.service \
    systemd-update-utmp-runlevel.service systemd-ask-password-wall.path systemd-ask-password-console.path \
    systemd-firstboot.service systemd-journal-flush.service systemd-machine-id-commit.service \
    systemd-random-seed.service systemd-pstore.service systemd-repart.service systemd-sysusers.service \
    systemd-networkd.service systemd-networkd.socket systemd-resolved.service systemd-timesyncd.service \
    systemd-binfmt.service systemd-hwdb-update.service systemd-udev-settle.service \
    podman.socket podman.service podman-restart.service podman-auto-update.timer podman-auto-update.service \
    podman-clean-transient.service nftables.service netavark-dhcp-proxy.socket netavark-firewalld-reload.service \
    modprobe@drm.service modprobe@efi_pstore.service modprobe@configfs.service modprobe@fuse.service \
    dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount sys-kernel-config.mount \
    sys-kernel-debug.mount sys-kernel-tracing.mount; do
    ln -sf /dev/null "$systemd/$unit"
done
# Sandboxing two daemons of such a machine takes an emulated processor half a second.
for daemon in systemd-journald systemd-udevd; do
    mkdir -p "$systemd/$daemon.service.d"
    cat >"$systemd/$daemon.service.d/lab.conf" <<'END'
[Service]
SystemCallFilter=
SystemCallArchitectures=
RestrictAddressFamilies=
MemoryDenyWriteExecute=no
RestrictRealtime=no
RestrictSUIDSGID=no
RestrictNamespaces=no
LockPersonality=no
NoNewPrivileges=no
ProtectClock=no
ProtectHostname=no
IPAddressDeny=
END
done
# The disks are known, and the network cards are looked for when the seed has named them.
for unit in systemd-udev-trigger.service systemd-modules-load.service kmod-static-nodes.service \
    systemd-remount-fs.service systemd-fsck-root.service systemd-tmpfiles-setup-dev.service; do
    ln -sf /dev/null "$systemd/$unit"
done
mkdir -p /etc/systemd/system-generators
for generator in /lib/systemd/system-generators/*; do
    ln -sf /dev/null "/etc/systemd/system-generators/${generator##*/}"
done
ln -sf ../lab-ready.service "$systemd/multi-user.target.wants/lab-ready.service"
ln -sf /lib/systemd/system/multi-user.target "$systemd/default.target"
rm /customize.sh
