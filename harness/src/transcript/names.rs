//! How things are called.

use std::net::IpAddr;

use super::any_echo::AnyEcho;
use crate::MacAddress;

/// Which ping an echo is of: its two ends, the lower address first, and its identifier. The identifier
/// alone is a process id, and two clones of one image easily have the same.
pub(super) type PingKey = ([IpAddr; 2], u16);

/// How things are called. What lives for `'a` are the frames.
pub(super) trait Names<'a> {
    type Name;
    type Ping;

    fn mac(&mut self, mac: MacAddress) -> Self::Name;
    fn address(&mut self, address: IpAddr) -> Self::Name;
    /// The ping that an echo is of, and whether its payload is another than when the echo was first heard.
    fn hear(&mut self, echo: &AnyEcho<'a>) -> (Self::Ping, bool);
    /// Whether the owner of the IP address has the MAC address, perhaps with others.
    fn is_of(&mut self, address: IpAddr, mac: MacAddress) -> bool;
}

pub(super) fn ping_key(echo: &AnyEcho<'_>) -> PingKey {
    ([echo.source.min(echo.destination), echo.source.max(echo.destination)], echo.id)
}
