//! macvlan modes that are not what they should be.

use rstest::{Context, rstest};

use super::{
    injection::{NOTHING, Step},
    mutation::{Kind, Mutation, Place, QUESTION},
    scenario::{DOCKER1_DOCKER2, DOCKER3_DOCKER2, SIBLINGS, Scenario},
    trial::try_out,
};

const fn mode(container: &'static str, command: &'static str) -> Step {
    Step::Change(container, command, NOTHING)
}

const INTO_DOCKER3: Place = Place::lost(QUESTION, ("node-1/ens33", "docker3/macvlan1"));
const INTO_DOCKER2: Place = Place::lost(QUESTION, ("node-2/ens33", "docker2/macvlan1"));

#[rstest]
#[case::private(mode("docker3", "ip link set macvlan1 type macvlan mode private"), &[SIBLINGS], INTO_DOCKER3)]
#[case::vepa(mode("docker1", "ip link set macvlan1 type macvlan mode vepa"), &[SIBLINGS], INTO_DOCKER3)]
#[case::source(
    mode("docker2", "ip link set macvlan1 type macvlan mode source"), &[DOCKER1_DOCKER2, DOCKER3_DOCKER2], INTO_DOCKER2
)]
#[tokio::test]
async fn another_mode(
    #[context] context: Context,
    #[case] step: Step,
    #[case] crossed: &[Scenario],
    #[case] place: Place,
) -> miette::Result<()> {
    let mutation =
        Mutation { kind: Kind::Fault, steps: &[step], crossed, places: &[place], causes: &["mode"] };
    try_out(&context, mutation).await
}
