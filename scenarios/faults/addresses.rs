//! Addresses and routes that are missing or wrong.

use rstest::rstest;

use super::trial::{Change, NOTHING, assert_fault, try_out};

const FLUSH: &str = "ip address flush dev macvlan1";
const TAKE_ANOTHER: &str =
    "sh -c 'ip address flush dev macvlan1; ip address add 192.168.245.199/24 dev macvlan1'";
const GO_ELSEWHERE: &str = "sh -c 'ip address flush dev macvlan1; ip address add 10.0.0.181/24 dev macvlan1'";
const KNOW_NO_LAN: &str =
    "sh -c 'ip address flush dev macvlan1; ip address add 192.168.245.181/32 dev macvlan1'";
const BE_ALONE: &str =
    "sh -c 'ip address flush dev macvlan1; ip address add 192.168.245.180/32 dev macvlan1'";
const TAKE_THE_OTHERS: &str = "ip address add 192.168.245.181/32 dev lo";
const BE_FROM_ELSEWHERE: &str = "sh -c 'ip address flush dev macvlan1; ip address add 10.0.0.180/24 dev macvlan1; \
     ip route add 192.168.245.0/24 dev macvlan1'";

#[rstest]
#[case::no_address("no-address", ("docker2", FLUSH, NOTHING), "no-address", "nobody-answers")]
#[case::another_address("no-such-address", ("docker2", TAKE_ANOTHER, NOTHING), "no-such-address", "nobody-answers")]
#[case::another_subnet("wrong-subnet", ("docker2", GO_ELSEWHERE, NOTHING), "wrong-subnet", "nobody-answers")]
#[case::no_route_back("no-route-back", ("docker2", KNOW_NO_LAN, NOTHING), "no-route-back", "no-route-back")]
#[case::an_asker_from_elsewhere(
    "asker-from-elsewhere",
    ("docker1", BE_FROM_ELSEWHERE, NOTHING),
    "no-route-back",
    "asker-from-elsewhere"
)]
#[tokio::test]
async fn what_arrives_is_not_answered(
    #[case] name: &str,
    #[case] change: Change,
    #[case] cause: &str,
    #[case] pictures: &str,
) -> miette::Result<()> {
    let found = try_out(name, "docker1:docker2", &[change]).await?;
    assert_fault(&found, Some("docker2/macvlan1"), None, cause);
    found.assert_pictures_of(pictures);
    Ok(())
}

/// Whose prefix is too long has nobody on its LAN, and asks for nobody either.
#[rstest]
#[case::no_address("asker-without-address", ("docker1", FLUSH, NOTHING), "no-address")]
#[case::another_subnet("asker-in-another-subnet", ("docker1", GO_ELSEWHERE, NOTHING), "wrong-subnet")]
#[case::a_wrong_prefix("asker-with-a-wrong-prefix", ("docker1", BE_ALONE, NOTHING), "wrong-subnet")]
// This one's ping is green.
#[case::own_address("own-address", ("docker1", TAKE_THE_OTHERS, NOTHING), "own-address")]
#[tokio::test]
async fn nothing_is_asked(
    #[case] name: &str,
    #[case] change: Change,
    #[case] cause: &str,
) -> miette::Result<()> {
    let found = try_out(name, "docker1:docker2", &[change]).await?;
    assert_fault(&found, None, Some("docker1/macvlan1"), cause);
    found.assert_pictures_of("nothing-is-asked");
    Ok(())
}
