//! The scenarios that mutations are crossed with: one ping with cold caches each, and the pictures of a test's.

/// A ping, and the snapshots that its pictures must be like.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// The snapshots' name.
    pub name: &'static str,
    /// Who pings.
    pub from: &'static str,
    /// Who is pinged.
    pub to: &'static str,
    /// Whether it is to be answered.
    pub is_reached: bool,
    /// How often, one each second.
    pub count: u32,
    /// The containers that there are.
    pub containers: &'static [&'static str],
}

const TWO: &[&str] = &["docker1", "docker2"];
const THREE: &[&str] = &["docker1", "docker2", "docker3"];

pub const DOCKER1_DOCKER2: Scenario = of_two("docker1_pings_docker2", "docker1", "docker2");
pub const DOCKER2_DOCKER1: Scenario = of_two("docker2_pings_docker1", "docker2", "docker1");
pub const HOST_DOCKER1: Scenario = of_two("host_pings_docker1", "host", "docker1");
pub const HOST_DOCKER2: Scenario = of_two("host_pings_docker2", "host", "docker2");
pub const NODE_1_DOCKER2: Scenario = of_two("node_1_pings_docker2", "node-1", "docker2");
pub const SIBLINGS: Scenario = of_three("matrix_docker1_to_docker3", "docker1", "docker3");
pub const DOCKER3_DOCKER2: Scenario = of_three("matrix_docker3_to_docker2", "docker3", "docker2");
pub const DOCKER1_HOST: Scenario = of_three("matrix_docker1_to_host", "docker1", "host");

/// A child and its own parent, which never meet.
pub const DOCKER1_NODE_1: Scenario = cut_off("matrix_docker1_to_node_1", "docker1", "node-1");
pub const NODE_1_DOCKER1: Scenario = cut_off("matrix_node_1_to_docker1", "node-1", "docker1");

/// Two echoes, of which one can overtake the other.
pub const TWICE: Scenario =
    Scenario { count: 2, ..of_two("docker1_pings_docker2_twice", "docker1", "docker2") };

/// The tutorial's.
pub const TUTORIAL: &[Scenario] =
    &[DOCKER1_DOCKER2, DOCKER2_DOCKER1, HOST_DOCKER1, HOST_DOCKER2, NODE_1_DOCKER2];
/// Those of the tutorial's whose frames pass between the nodes.
pub const ACROSS: &[Scenario] = &[DOCKER1_DOCKER2, DOCKER2_DOCKER1, NODE_1_DOCKER2];

const fn of_two(name: &'static str, from: &'static str, to: &'static str) -> Scenario {
    Scenario { name, from, to, is_reached: true, count: 1, containers: TWO }
}

const fn of_three(name: &'static str, from: &'static str, to: &'static str) -> Scenario {
    Scenario { name, from, to, is_reached: true, count: 1, containers: THREE }
}

const fn cut_off(name: &'static str, from: &'static str, to: &'static str) -> Scenario {
    Scenario { is_reached: false, ..of_three(name, from, to) }
}
