//! Evidence that is not what it seems: no verdict may rest on it.

use rstest::{Context, rstest};

use super::{
    injection::{NOTHING, Step},
    mutation::{Kind, Mutation},
    scenario::{DOCKER1_DOCKER2, HOST_DOCKER2, Scenario},
    trial::try_out,
};

/// A tcpdump on one interface that is another program for that; on others it is itself.
macro_rules! at {
    ($interface:literal, $script:literal) => {
        concat!("[ \"$2\" = ", $interface, " ] || exec $real \"$@\"\n", $script)
    };
}

const fn on_node_2(script: &'static str) -> Step {
    Step::Replace("node-2", "tcpdump", script)
}

const NOTED: &str = at!("ens33", "echo $$ >$folder/pid\nexec $real \"$@\"");
const KILLED: Step = Step::Meanwhile("node-2", "kill -9 $(cat /run/macvlan-e2e/pid)", NOTHING);
const STOPPED: Step = Step::Meanwhile("node-2", "kill -INT $(cat /run/macvlan-e2e/pid)", NOTHING);
const LATE: &str = at!(
    "ens33",
    "mkfifo $folder/fifo\necho 'tcpdump: listening on ens33, link-type EN10MB (Ethernet)' >&2\nread go <$folder/fifo\nexec $real \"$@\""
);
const GO: Step = Step::Afterwards("node-2", "echo go >/run/macvlan-e2e/fifo");
const DROPPING: &str = at!(
    "ens33",
    "mkfifo $folder/fifo\nsed -u 's/^0 packets dropped by kernel/3 packets dropped by kernel/' <$folder/fifo >&2 &\n\
     exec $real \"$@\" 2>$folder/fifo"
);
const CUT_SHORT: &str = at!(
    "ens33",
    "mkfifo $folder/fifo\n{ head -c 130; cat >/dev/null; } <$folder/fifo &\nexec $real \"$@\" >$folder/fifo"
);
/// The records before the end are whole, and tcpdump's counts are of all.
const CUT_BETWEEN_RECORDS: &str = at!(
    "ens33",
    "mkfifo $folder/fifo\n{ $real -r - -U -w - -c 2 2>/dev/null; cat >/dev/null; } <$folder/fifo &\n\
     exec $real \"$@\" >$folder/fifo"
);
const ELSEWHERE: &str = at!("ens33", "shift 2\nexec $real -i lo \"$@\"");
const ELSEWHERE_IN_DOCKER2: &str = at!("macvlan1", "shift 2\nexec $real -i lo \"$@\"");
const ELSEWHERE_AT_THE_PORT: &str = at!("port-node-2", "shift 2\nexec $real -i lo \"$@\"");
/// The same frames pass there.
const AT_THE_OTHER_PORT: &str = at!("port-node-2", "shift 2\nexec $real -i port-node-1 \"$@\"");
const ONE_WAY: &str = at!("ens33", "exec $real \"$@\" -Q in");
const NO_ARP: &str = at!("ens33", "exec $real \"$@\" not arp");
const NO_ECHO: &str = at!("macvlan1", "exec $real \"$@\" 'not (icmp and not dst host 255.255.255.255)'");
const FIRST_BYTES: &str = at!("ens33", "exec $real \"$@\" -s 20");

#[rstest]
#[case::a_capture_that_is_killed(&[on_node_2(NOTED), KILLED])]
#[case::a_capture_that_is_stopped_early(&[on_node_2(NOTED), STOPPED])]
#[case::a_capture_that_starts_late(&[on_node_2(LATE), GO])]
#[case::a_capture_that_drops(&[on_node_2(DROPPING)])]
#[case::a_capture_that_is_cut_short(&[on_node_2(CUT_SHORT)])]
#[case::a_capture_that_is_cut_between_two_records(&[on_node_2(CUT_BETWEEN_RECORDS)])]
#[case::a_capture_of_another_interface(&[on_node_2(ELSEWHERE)])]
#[case::a_capture_of_another_interface_at_the_end(&[on_node_2(ELSEWHERE_IN_DOCKER2)])]
#[case::a_capture_of_another_interface_at_the_switch(&[Step::Replace("host", "tcpdump", ELSEWHERE_AT_THE_PORT)])]
#[case::a_capture_of_the_other_port(&[Step::Replace("host", "tcpdump", AT_THE_OTHER_PORT)])]
#[case::a_capture_of_one_direction(&[on_node_2(ONE_WAY)])]
#[case::a_capture_without_arp(&[on_node_2(NO_ARP)])]
#[case::a_capture_without_echoes_at_the_end(&[on_node_2(NO_ECHO)])]
#[case::a_capture_of_the_first_bytes(&[on_node_2(FIRST_BYTES)])]
#[tokio::test]
async fn attacked(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    let crossed = &[DOCKER1_DOCKER2, HOST_DOCKER2];
    try_out(&context, Mutation { kind: Kind::Attack, steps, crossed, places: &[], causes: &[] }).await
}

/// Those that close captures are themselves.
macro_rules! ping {
    ($script:literal) => {
        concat!("case \"$*\" in *255.255.255.255*) exec $real \"$@\";; esac\n", $script)
    };
}

const SAYS_YES: &str = ping!("echo '64 bytes from 192.168.245.181: icmp_seq=1 ttl=64 time=0.05 ms'\nexit 0");
const SAYS_NO: &str =
    ping!("$real \"$@\" >/dev/null\necho '1 packets transmitted, 0 received, 100% packet loss'\nexit 1");

#[rstest]
#[case::a_ping_that_sends_nothing_and_says_yes(SAYS_YES, &[DOCKER1_DOCKER2])]
#[case::a_ping_that_is_answered_and_says_no(SAYS_NO, &[DOCKER1_DOCKER2])]
#[tokio::test]
async fn lies(
    #[context] context: Context,
    #[case] script: &'static str,
    #[case] crossed: &[Scenario],
) -> miette::Result<()> {
    let steps = &[Step::Replace("node-1", "ping", script)];
    try_out(&context, Mutation { kind: Kind::Attack, steps, crossed, places: &[], causes: &[] }).await
}

const DEAF: Step =
    Step::Change("docker2", "sh -c 'echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all'", NOTHING);
const SENDS_AND_SAYS_YES: &str = ping!(
    "$real \"$@\" >/dev/null\necho '64 bytes from 192.168.245.181: icmp_seq=1 ttl=64 time=0.05 ms'\nexit 0"
);

/// The network is broken and ping says that it is not: one of the two is wrong.
#[rstest]
#[case::a_ping_that_is_not_answered_and_says_yes(&[Step::Replace("node-1", "ping", SENDS_AND_SAYS_YES), DEAF])]
#[tokio::test]
async fn contradicts(#[context] context: Context, #[case] steps: &[Step]) -> miette::Result<()> {
    let crossed = &[DOCKER1_DOCKER2];
    try_out(&context, Mutation { kind: Kind::Attack, steps, crossed, places: &[], causes: &[] }).await
}
