//! An echo of either version of IP.

use std::net::IpAddr;

use crate::frame::{Echo, Echo6, EchoDirection};

/// What both versions' echoes say.
pub(super) struct AnyEcho<'a> {
    pub(super) direction: EchoDirection,
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) id: u16,
    pub(super) sequence: u16,
    /// IPv4's time to live, IPv6's hop limit.
    pub(super) hops_left: u8,
    pub(super) payload: &'a [u8],
    pub(super) checksum_holds: bool,
}

impl<'a> From<&'a Echo> for AnyEcho<'a> {
    fn from(echo: &'a Echo) -> Self {
        Self {
            direction: echo.direction,
            source: echo.source.into(),
            destination: echo.destination.into(),
            id: echo.id,
            sequence: echo.sequence,
            hops_left: echo.ttl,
            payload: &echo.payload,
            checksum_holds: echo.checksum_holds,
        }
    }
}

impl<'a> From<&'a Echo6> for AnyEcho<'a> {
    fn from(echo: &'a Echo6) -> Self {
        Self {
            direction: echo.direction,
            source: echo.source.into(),
            destination: echo.destination.into(),
            id: echo.id,
            sequence: echo.sequence,
            hops_left: echo.hop_limit,
            payload: &echo.payload,
            checksum_holds: echo.checksum_holds,
        }
    }
}
