# Makes a Vagrant box of it. Runs after the node's customize.sh, in the same shell.

# Vagrant logs in as this user, whose well-known key it replaces at once, and becomes root by sudo.
useradd --create-home --shell /bin/bash --password '*' vagrant
install -d -m 700 -o vagrant -g vagrant /home/vagrant/.ssh
install -m 600 -o vagrant -g vagrant /etc/ssh/vagrant.pub /home/vagrant/.ssh/authorized_keys
rm /etc/ssh/vagrant.pub

# There is no seed: the network cards are looked for at once, and systemd-networkd gives them addresses.
rm "$systemd/multi-user.target.wants/lab-ready.service"
for unit in systemd-udev-trigger.service systemd-networkd.service systemd-networkd.socket; do
    rm "$systemd/$unit"
done
ln -sf ../ssh.service "$systemd/multi-user.target.wants/ssh.service"
systemctl enable systemd-networkd.service
mkdir -p "$systemd/systemd-networkd.service.d"
cp "$systemd/systemd-udevd.service.d/lab.conf" "$systemd/systemd-networkd.service.d/"

# The file system keeps no file's capabilities, with which others than root would ping.
chmod u+s /usr/bin/ping
