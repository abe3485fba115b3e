//! The overlay: how it is made, and what is within its frames.

use etherparse::{SlicedPacket, TransportSlice};
use harness::{
    MacAddress,
    frame::{Frame, PcapReader, Record},
    lab::Lab,
    picture::{Order, Picture},
    scenario::LeasedLab,
    transcript::{Owners, transcribe},
    vantage_point::{Side, VantagePoint},
};
use miette::IntoDiagnostic as _;

/// VXLAN's port and the length of its header (RFC 7348, section 5).
const PORT: u16 = 4789;
const HEADER_LENGTH: usize = 8;
const NETWORK: u32 = 42;

/// A tunnel between two containers, whose ends are their interfaces `vx0`.
pub struct Tunnel {
    owners: Owners,
}

impl Tunnel {
    /// Makes both ends. They die with their containers: nothing is to be undone.
    pub async fn between(lab: &Lab, one: &str, other: &str) -> miette::Result<Self> {
        let mut owners = Owners::new();
        for (number, local, remote) in [(1, one, other), (2, other, one)] {
            end(lab, number, NETWORK, local, remote).await?;
            owners.owns_mac(local, mac(number));
            owners.owns_address(local, [172, 30, 0, number]);
        }
        Ok(Self { owners })
    }

    /// Puts one end, the second, into another network.
    pub async fn renumber(&self, lab: &Lab, name: &str, network: u32) -> miette::Result<()> {
        lab.endpoint(name)?.run("ip link del vx0").await?;
        end(lab, 2, network, name, "blue").await
    }

    /// Asserts both sides' pictures of the frames within the overlay's.
    #[track_caller]
    pub fn assert_pictures(&self, lab: &LeasedLab, name: &str) -> miette::Result<()> {
        let points = VantagePoint::along_the_path(lab.topology()).into_iter();
        let inner: Vec<(VantagePoint, Vec<Frame>)> = points
            .map(|point| {
                let data = std::fs::read(lab.folder().join(point.file_name())).into_diagnostic()?;
                let records = PcapReader::read_all(&data).0;
                Ok((point, records.iter().filter_map(within).collect()))
            })
            .collect::<miette::Result<_>>()?;
        let transcripts = transcribe(&inner, &self.owners, &[]);
        for (side, word) in [(Side::Machines, "machines"), (Side::Switch, "switch")] {
            let picture = Picture::draw(&transcripts, side, Order::Whole, lab.topology())?;
            lab.assert_snapshot(&format!("{name}.{word}"), "within the overlay", &picture.to_string());
        }
        Ok(())
    }
}

async fn end(lab: &Lab, number: u8, network: u32, local: &str, remote: &str) -> miette::Result<()> {
    let address = |name: &str| lab.topology().address(name).expect("the topology has it").addr();
    let endpoint = lab.endpoint(local)?;
    for command in [
        format!(
            "ip link add vx0 address {} type vxlan id {network} local {} remote {} dstport {PORT} dev macvlan1",
            mac(number),
            address(local),
            address(remote)
        ),
        format!("ip address add 172.30.0.{number}/24 dev vx0"),
        "ip link set vx0 up".to_owned(),
    ] {
        endpoint.run(&command).await?;
    }
    Ok(())
}

fn mac(number: u8) -> MacAddress {
    MacAddress([2, 0, 0, 42, 0, number])
}

/// The frame within a frame of the overlay.
fn within(record: &Record) -> Option<Frame> {
    let packet = SlicedPacket::from_ethernet(&record.bytes).ok()?;
    let Some(TransportSlice::Udp(udp)) = packet.transport else { return None };
    let bytes = udp.payload().get(HEADER_LENGTH..).filter(|_| udp.destination_port() == PORT)?.to_vec();
    Some(Frame::decode(&Record { bytes: bytes.into(), ..record.clone() }))
}
