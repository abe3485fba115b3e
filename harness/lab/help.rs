//! What `lab VERB --help` adds to the options: examples, and what the exit codes mean.

pub const LAB: &str = "\
Examples:
  lab doctor --lab netns             what is missing here, and how to get it
  lab up --lab netns                 a lab to work in
  lab ping --lab netns docker1 docker2
  lab ssh --lab netns node-1
  lab down --lab netns

LAB, LAB_TOPOLOGY and LAB_SSH_CONFIG say the same as --lab, --topology and --ssh-config.
Exit codes: 0 done, 1 not done, 2 wrong usage; of ping, trace and diagnose 0 pass, 1 fail, 3 inconclusive,
2 nothing could be judged. NO_COLOR and an output that is no terminal give plain text.";

pub const DECODE: &str = "\
Examples:
  lab decode target/e2e/latest/*/node-2.ens33.pcap
  lab decode --topology fixtures/topologies/tutorial.toml yours.pcapng
  tcpdump -i any -U -w - | lab decode --format json -

Exit codes: 0 all was read, 1 a capture is unreadable or damaged (what came before the damage is told), 2 usage.";

pub const DIAGNOSE: &str = "\
Examples:
  lab diagnose node-1:docker1 node-2:docker2
  lab diagnose node-1:4711 node-2:/var/run/docker/netns/5f3a
  lab diagnose --probes 20 --format json node-1:docker1 node-2

Exit codes: 0 the probes are answered, 1 one is not, 3 the evidence is not good enough to say, 2 it can't be tried.";

pub const DOCTOR: &str = "\
Examples:
  lab doctor                         for the default lab, qemu
  lab doctor --lab netns --fix       and installs what apt has
  lab doctor --lab vagrant --format json

Exit codes: 0 nothing is missing (a note is no lack), 1 something is, 2 usage.";

pub const IMAGE: &str = "\
Examples:
  lab image build                    Debian 12, the default
  lab image build --release jammy    Ubuntu 22.04
  lab image build --box              a Vagrant box; prints its path
  lab image list --format json

Exit codes: 0 done, 1 not done, 2 usage.";

pub const IMAGE_BUILD: &str = "\
Examples:
  lab image build
  lab image build --release trixie
  lab image build --nic e1000

It prints where the image is. Exit codes: 0 done, 1 not done, 2 usage.";

pub const IMAGE_LIST: &str = "\
Examples:
  lab image list
  lab image list --format json

Exit codes: 0 done, 1 not done, 2 usage.";

pub const TOPOLOGY: &str = "\
Examples:
  lab topology
  lab topology --topology mine.toml

Exit codes: 0 it can be used, 1 it can't, 2 usage.";

pub const PLAN: &str = "\
Examples:
  lab plan --lab ssh --topology mine.toml
  lab plan --lab netns --format json

Exit codes: 0 told, 1 the topology can't be used, 2 usage.";

pub const UP: &str = "\
Examples:
  lab up                             two virtual machines
  lab up --lab netns --topology mine.toml

Exit codes: 0 it is up, 1 it is not, 2 usage.";

pub const STATUS: &str = "\
Examples:
  lab status --lab netns
  lab status --lab netns --format json

Exit codes: 0 a lab is up; 1 none is, it is coming up, or its state can't be told (then nothing is printed but why); 2 usage.";

pub const SSH: &str = "\
Examples:
  lab ssh --lab netns node-1
  lab ssh --lab netns node-1 -- ip -brief link

Exit codes: the command's own; 255 where ssh fails; 1 where no lab is up, 2 usage.";

pub const EXEC: &str = "\
Examples:
  lab exec --lab netns docker1 -- ip -brief address
  lab exec --lab netns host -- bridge fdb show

Exit codes: the command's own; 1 where no lab is up, 2 usage.";

pub const CAPTURE: &str = "\
Examples:
  lab capture node-2/ens33           names in place of addresses, a line a frame
  lab capture docker1 --count 4 -- arp or icmp
  lab capture node-2/ens33 --raw | wireshark -k -i -
  lab capture host/port-node-1 --raw >port.pcap

^C ends it, and tcpdump with it; so do a reader that goes away and an interface that does.
Exit codes: 0 it was captured, 1 it could not be, 2 usage.";

pub const PING: &str = "\
Examples:
  lab ping docker1 docker2
  lab ping --format json host docker1

Caches are left as they are: a second ping asks nobody for an address. The folder that it prints is for `lab trace`.
Exit codes: 0 pass, 1 fail, 3 inconclusive, 2 nothing could be judged.";

pub const RESET: &str = "\
Examples:
  lab reset --lab netns

What was recorded is undone. A lab that is then not as it was when it came up is replaced by another one.
Exit codes: 0 it is as it was, or another one is up; 1 neither; 2 usage.";

pub const SWEEP: &str = "\
Examples:
  lab sweep --lab ssh --topology mine.toml
  lab sweep --lab vagrant

Machines undo by themselves what a run that died has left, or the next run does. This is for when there is no next run:
it runs the lines that the dead run has recorded there, and nothing else.
Exit codes: 0 nothing is left, 1 a run that lives has a machine, or one can't be reached; 2 usage.";

pub const DOWN: &str = "\
Examples:
  lab down --lab netns

A scenario that has the lab is waited for. Vagrant's machines are destroyed.
Exit codes: 0 no such lab is up any more, 1 it could not be ended, 2 usage.";

pub const TRACE: &str = "\
Examples:
  lab trace target/e2e/latest/docker1_pings_docker2
  lab trace fixtures/runs/bridge-netfilter
  lab trace --topology yours.toml --probe docker1:docker2 --format json captures/

Exit codes: 0 pass, 1 fail, 3 inconclusive, 2 the call or the folder can't be used.";

pub const REPORT: &str = "\
Examples:
  lab report                         the last run's
  lab report target/e2e/2026-11-24T11-43-56Z-4711

Exit codes: 0 the page is written, 1 it could not be, 2 usage or no such folder.";

pub const COMPLETIONS: &str = "\
Examples:
  source <(lab completions bash)
  lab completions fish >~/.config/fish/completions/lab.fish
  lab completions zsh >~/.zfunc/_lab

Exit codes: 0 done, 2 usage.";

pub const GATE: &str = "\
Examples:
  lab gate                                   the last run's table
  lab gate target/gate/latest --since last/gate.json
  lab gate --format github                   annotations at the scenarios' source lines

`make gate LAB=\"netns qemu\"` runs all scenarios and calls this.
Exit codes: 0 nothing is red or inconclusive, 1 something is or nothing has run, 2 usage or no
such folder.";
