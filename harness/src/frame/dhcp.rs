//! DHCP (RFC 2131).

use std::net::Ipv4Addr;

/// What follows the fixed fields (RFC 2131, section 3).
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Where the client's new address is, `yiaddr` (RFC 2131, section 2).
const YOUR_ADDRESS: usize = 16;
const OPTIONS: usize = 236;
/// Options (RFC 2132): padding, the address that is asked for, the message's type, the end.
const PAD: u8 = 0;
const REQUESTED_ADDRESS: u8 = 50;
const MESSAGE_TYPE: u8 = 53;
const END: u8 = 255;

/// A DHCP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dhcp {
    /// Its type (RFC 2132, section 9.6): 1 is a discover.
    pub message_type: u8,
    /// The address that a server gives.
    pub yours: Ipv4Addr,
    /// The address that a client asks for.
    pub requested: Option<Ipv4Addr>,
}

impl Dhcp {
    /// `None` where it is not DHCP, or ends before its type.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let options = message.get(OPTIONS..)?.strip_prefix(&COOKIE)?;
        let [message_type] = *option(options, MESSAGE_TYPE)? else { return None };
        let requested = option(options, REQUESTED_ADDRESS).and_then(|address| address.first_chunk::<4>());
        let yours = message.get(YOUR_ADDRESS..)?.first_chunk::<4>()?;
        Some(Self { message_type, yours: (*yours).into(), requested: requested.map(|bytes| (*bytes).into()) })
    }

    /// The type's name, as tcpdump prints it.
    pub fn name(&self) -> &'static str {
        match self.message_type {
            1 => "Discover",
            2 => "Offer",
            3 => "Request",
            4 => "Decline",
            5 => "ACK",
            6 => "NACK",
            7 => "Release",
            8 => "Inform",
            _ => "of an unknown type",
        }
    }

    /// Whether a server says it.
    pub fn is_of_server(&self) -> bool {
        matches!(self.message_type, 2 | 5 | 6)
    }
}

/// The value of an option.
fn option(mut options: &[u8], wanted: u8) -> Option<&[u8]> {
    loop {
        match options {
            [PAD, rest @ ..] => options = rest,
            [END, ..] | [] => return None,
            [kind, length, rest @ ..] => {
                let value = rest.get(..usize::from(*length))?;
                if *kind == wanted {
                    return Some(value);
                }
                options = &rest[value.len()..];
            }
            [_] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn message(options: &[u8]) -> Vec<u8> {
        let mut message = vec![0; OPTIONS];
        message[YOUR_ADDRESS..YOUR_ADDRESS + 4].copy_from_slice(&[192, 168, 245, 180]);
        [&message, COOKIE.as_slice(), options].concat()
    }

    #[test]
    fn an_offer_is_read_behind_padding_and_other_options() {
        let read = Dhcp::read(&message(&[PAD, 12, 2, b'h', b'i', MESSAGE_TYPE, 1, 2, END])).unwrap();
        assert_eq!((read.name(), read.yours), ("Offer", Ipv4Addr::new(192, 168, 245, 180)));
    }

    #[rstest]
    #[case(1, "Discover", false)]
    #[case(2, "Offer", true)]
    #[case(3, "Request", false)]
    #[case(4, "Decline", false)]
    #[case(5, "ACK", true)]
    #[case(6, "NACK", true)]
    #[case(7, "Release", false)]
    #[case(8, "Inform", false)]
    #[case(9, "of an unknown type", false)]
    fn each_type_has_its_name_and_its_sender(
        #[case] kind: u8,
        #[case] name: &str,
        #[case] is_of_server: bool,
    ) {
        let read = Dhcp::read(&message(&[MESSAGE_TYPE, 1, kind, END])).unwrap();
        assert_eq!((read.name(), read.is_of_server()), (name, is_of_server));
    }

    #[test]
    fn the_address_that_is_asked_for_is_read() {
        let read =
            Dhcp::read(&message(&[MESSAGE_TYPE, 1, 3, REQUESTED_ADDRESS, 4, 10, 0, 0, 7, END])).unwrap();
        assert_eq!(read.requested, Some(Ipv4Addr::new(10, 0, 0, 7)));
    }

    #[test]
    fn options_that_are_cut_off_are_no_message() {
        for options in [&[MESSAGE_TYPE, 9, 1][..], &[MESSAGE_TYPE], &[END, MESSAGE_TYPE, 1, 1], &[]] {
            assert_eq!(Dhcp::read(&message(options)), None);
        }
        assert_eq!(Dhcp::read(&[0; 100]), None);
    }
}
