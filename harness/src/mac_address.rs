//! The 48-bit hardware address of an Ethernet interface.

use std::{fmt, net::Ipv6Addr, str::FromStr};

use serde::{Deserialize, Serialize};

/// A MAC address, printed as `ip` and tcpdump print it: `02:42:c0:a8:f5:b4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// The address that every station listens to.
    pub const BROADCAST: Self = Self([0xff; 6]);

    /// Whether the group bit is set: broadcast and multicast (IEEE 802, clause 8.2.1).
    pub fn is_group(self) -> bool {
        self.0[0] & 0x01 != 0
    }

    /// Whether the address was given by an administrator or a kernel and not by a vendor (the U/L bit).
    pub fn is_locally_administered(self) -> bool {
        self.0[0] & 0x02 != 0
    }

    /// The interface identifier that SLAAC makes of this address (RFC 4291, appendix A).
    pub fn interface_identifier(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([a ^ 0x02, b, c, 0xff, 0xfe, d, e, f])
    }

    /// The link-local IPv6 address that SLAAC makes of this address (RFC 4862, section 5.3).
    pub fn link_local(self) -> Ipv6Addr {
        Ipv6Addr::from_bits((0xfe80 << 112) | u128::from(self.interface_identifier()))
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// The text was not six pairs of hexadecimal digits with colons between.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a MAC address such as 02:42:c0:a8:f5:b4")]
pub struct ParseMacAddressError(String);

impl FromStr for MacAddress {
    type Err = ParseMacAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let octets: Vec<u8> = text
            .split(':')
            .filter(|pair| pair.len() == 2)
            .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
            .collect();
        match <[u8; 6]>::try_from(octets) {
            Ok(octets) if text.len() == 17 => Ok(Self(octets)),
            _ => Err(ParseMacAddressError(text.to_owned())),
        }
    }
}

impl From<MacAddress> for String {
    fn from(address: MacAddress) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for MacAddress {
    type Error = ParseMacAddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_text() {
        let address: MacAddress = "02:42:C0:a8:f5:b4".parse().unwrap();
        assert_eq!(address.to_string(), "02:42:c0:a8:f5:b4");
        assert!(address.is_locally_administered() && !address.is_group());
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "02:42:c0:a8:f5", "02:42:c0:a8:f5:b4:00", "2:42:c0:a8:f5:b4", "+2:42:c0:a8:f5:b4:"] {
            assert!(text.parse::<MacAddress>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn the_link_local_address_follows_from_the_mac() {
        let address: MacAddress = "52:54:00:12:34:56".parse().unwrap();
        assert_eq!(address.interface_identifier(), 0x5054_00ff_fe12_3456);
        assert_eq!(address.link_local().to_string(), "fe80::5054:ff:fe12:3456");
    }
}
