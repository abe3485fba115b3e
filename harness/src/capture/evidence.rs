//! How good a capture is.

use serde::{Deserialize, Serialize};

use crate::vantage_point::VantagePoint;

/// What there is to say about one capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The vantage point.
    pub point: String,
    /// The frames that were read from it, markers included.
    pub frames: usize,
    /// What tcpdump says it captured.
    pub captured: Option<u64>,
    /// What tcpdump says the kernel handed to its filter; more than captured where frames came
    /// after the end.
    pub received: Option<u64>,
    /// What tcpdump says the kernel dropped for want of room.
    pub dropped_by_kernel: Option<u64>,
    /// What tcpdump says the interface dropped.
    pub dropped_by_interface: u64,
    /// What was wrong with its data or its end.
    pub damage: Option<String>,
    /// How frames that no cable carries came into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_frames: Option<String>,
    /// Each frame's length, in bytes.
    #[serde(skip)]
    pub(super) lengths: Vec<u32>,
}

/// An Ethernet header and one VLAN tag, in bytes.
const HEADERS_LENGTH: u32 = 14 + 4;

impl Evidence {
    /// The evidence of a capture that never captured.
    pub(super) fn not_ready(point: &VantagePoint, reason: String) -> Self {
        let damage = Some(format!("it was not ready: {reason}"));
        Self { point: point.to_string(), damage, ..Self::default() }
    }

    /// Takes the counts from what tcpdump printed at its end. A count that is not there is not known.
    pub fn read_counts(&mut self, stderr: &str) {
        let count = |of: &str| {
            let line = stderr.lines().find(|line| line.trim_end().ends_with(of))?;
            line.split_whitespace().next()?.parse().ok()
        };
        self.captured = count("captured");
        self.received = count("received by filter");
        self.dropped_by_kernel = count("dropped by kernel");
        self.dropped_by_interface = count("dropped by interface").unwrap_or(0);
    }

    /// Explains frames that are longer than the interface's MTU (in bytes): with segmentation offload the kernel hands the
    /// card more than a frame's worth at once, and with receive offload it joins what came; a capture is in between. That
    /// is no weakness.
    pub(super) fn explain_long_frames(&mut self, mtu: u32) {
        let long = self.lengths.iter().filter(|length| **length > mtu + HEADERS_LENGTH);
        let Some(longest) = long.clone().max() else { return };
        self.long_frames = Some(format!(
            "{} frames are longer than the MTU of {mtu} bytes, the longest has {longest}: they were captured before the network \
             card cuts them (TSO, GSO) or after the kernel joined them (GRO); on the cable they are shorter",
            long.count()
        ));
    }

    /// The end of the exchange should have come by and is not in it. Where tcpdump had left something unread when it was stopped, the end
    /// may be that, and is not known to be lost.
    pub(super) fn lacks_the_end(&mut self) {
        let unread = self.received.unwrap_or_default().saturating_sub(self.captured.unwrap_or_default());
        if unread > 0 && self.damage.is_none() {
            self.damage = Some(format!(
                "tcpdump had {unread} frames unread when it was stopped, the end may be among them"
            ));
        }
    }

    /// Why nothing can be judged by this capture, if so.
    pub fn weakness(&self) -> Option<String> {
        let point = &self.point;
        if let Some(damage) = &self.damage {
            return Some(format!("the capture at {point} was not whole: {damage}"));
        }
        match (self.captured, self.dropped_by_kernel) {
            (Some(captured), Some(0)) if captured as usize != self.frames => {
                Some(format!("tcpdump captured {captured} frames at {point}, and {} arrived", self.frames))
            }
            (Some(_), Some(0)) if self.dropped_by_interface > 0 => {
                Some(format!("the interface dropped {} frames at {point}", self.dropped_by_interface))
            }
            (Some(_), Some(0)) => None,
            (Some(_), Some(dropped)) => Some(format!("the kernel dropped {dropped} frames at {point}")),
            _ => Some(format!("the capture at {point} was not drained: tcpdump gave no counts")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: &str = "8 packets captured\n9 packets received by filter\n0 packets dropped by kernel\n";

    fn evidence(stderr: &str) -> Evidence {
        let mut evidence = Evidence { point: "node-2/ens33".to_owned(), frames: 8, ..Evidence::default() };
        evidence.read_counts(stderr);
        evidence
    }

    #[test]
    fn a_whole_capture_has_no_weakness() {
        assert_eq!(evidence(COUNTS).weakness(), None);
    }

    /// What comes behind the end, and is unread too, is nobody's loss.
    #[test]
    fn an_end_that_may_be_unread_is_not_lost() {
        assert_eq!(evidence(COUNTS).weakness(), None);
        let mut unread = evidence(COUNTS);
        unread.lacks_the_end();
        assert!(unread.weakness().unwrap().contains("1 frames unread"));
        let mut lost = evidence(&COUNTS.replace("9 packets", "8 packets"));
        lost.lacks_the_end();
        assert_eq!(lost.weakness(), None, "all was read");
    }

    #[test]
    fn frames_over_the_mtu_are_explained_and_no_weakness() {
        let mut evidence = Evidence { lengths: vec![60, 1514, 1518, 2962, 65_226], ..evidence(COUNTS) };
        evidence.explain_long_frames(1500);
        let told = evidence.long_frames.clone().unwrap();
        assert!(
            told.starts_with("2 frames are longer than the MTU of 1500 bytes, the longest has 65226"),
            "{told}"
        );
        assert_eq!(evidence.weakness(), None);
    }

    #[test]
    fn frames_that_fit_need_no_explanation() {
        let mut evidence = Evidence { lengths: vec![60, 1518], ..evidence(COUNTS) };
        evidence.explain_long_frames(1500);
        assert_eq!(evidence.long_frames, None);
    }

    #[test]
    fn each_weakness_is_told() {
        let weakness = |evidence: Evidence| evidence.weakness().unwrap_or_default();
        assert!(weakness(evidence("")).contains("not drained"));
        assert!(weakness(evidence(&COUNTS.replace("0 packets", "3 packets"))).contains("dropped 3 frames"));
        assert!(weakness(evidence(&COUNTS.replace("8 packets", "7 packets"))).contains("captured 7 frames"));
        assert!(
            weakness(evidence(&format!("{COUNTS}2 packets dropped by interface\n")))
                .contains("interface dropped 2")
        );
        let damage = Some("cut".to_owned());
        assert!(weakness(Evidence { damage, ..evidence(COUNTS) }).contains("not whole: cut"));
    }
}
