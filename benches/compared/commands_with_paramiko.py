"""Runs a command many times over one connection, and prints how many seconds they took."""

import sys
import time

import paramiko

config_path, node, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
config = paramiko.SSHConfig.from_path(config_path).lookup(node)
client = paramiko.SSHClient()
client.load_host_keys(config["userknownhostsfile"])
client.connect(
    config["hostkeyalias"],
    username=config["user"],
    key_filename=config["identityfile"],
    sock=paramiko.ProxyCommand(config["proxycommand"]),
    allow_agent=False,
    look_for_keys=False,
)
start = time.monotonic()
for _ in range(count):
    _, output, _ = client.exec_command("true")
    if output.channel.recv_exit_status() != 0:
        sys.exit("the command fails")
print(time.monotonic() - start)
client.close()
