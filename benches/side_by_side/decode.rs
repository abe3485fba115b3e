//! `lab decode` beside other readers of captures.

use super::{
    generated_capture, hyperfine,
    peers::Peers,
    table::{Goal, Table},
};

const SCAPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compared/decode_with_scapy.py");
/// What `lab decode` may take, whatever the file.
const MEMORY: u64 = 16 << 20;

/// One capture through all of them, what they print thrown away.
pub fn measure(peers: &Peers, table: &mut Table) -> miette::Result<()> {
    let capture = generated_capture::write()?;
    let lab = env!("CARGO_BIN_EXE_lab");
    let what = format!("`lab decode --format tcpdump`, {} frames", generated_capture::FRAMES);
    let decode = hyperfine::measure(peers, 10, &[lab, "decode", "--format", "tcpdump", capture.as_str()])?;
    let transcript = hyperfine::measure(peers, 10, &[lab, "decode", capture.as_str()])?;
    let cat = hyperfine::measure(peers, 10, &["cat", capture.as_str()])?;
    let tcpdump = hyperfine::measure(peers, 5, &["tcpdump", "-n", "-r", capture.as_str()])?;
    table.compare(&what, decode.seconds, "`cat`", cat.seconds, None);
    table.compare(&what, decode.seconds, "`tcpdump -n -r`", tcpdump.seconds, Some(Goal::Faster(10.0)));
    if let Some(mut tshark) = peers.tshark() {
        tshark.extend(["-n", "-r", capture.as_str()].map(str::to_owned));
        let tshark = hyperfine::measure(peers, 2, &tshark)?;
        table.compare(&what, decode.seconds, "tshark", tshark.seconds, Some(Goal::Faster(25.0)));
    }
    if let Some(python) = peers.python("python3") {
        let scapy = hyperfine::measure(peers, 1, &[python.as_str(), SCAPY, capture.as_str()])?;
        table.compare(&what, decode.seconds, "scapy", scapy.seconds, Some(Goal::Faster(300.0)));
    }
    table.compare(
        "`lab decode`, as a transcript",
        transcript.seconds,
        "`tcpdump -n -r`",
        tcpdump.seconds,
        None,
    );
    let memory = decode.memory.max(transcript.memory);
    table.note("its memory", format!("{} KiB", memory >> 10), "under 16 MiB", memory < MEMORY);
    Ok(())
}
