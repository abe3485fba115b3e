//! The seeds of the fuzz targets and what those have found, each asked what the targets ask.

#[path = "../../fuzz/hostile_input.rs"]
mod targets;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use harness::frame::{PcapError, PcapReader};
use rstest::rstest;

fn seeds(target: &str) -> Vec<Utf8PathBuf> {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("fuzz").join("seeds").join(target);
    let entries = folder.read_dir_utf8().expect("the target has seeds");
    entries.map(|entry| entry.expect("it can be listed").into_path()).collect()
}

#[rstest]
#[case("capture_file", targets::capture_file)]
#[case("decoder", targets::decoder)]
#[case("tcpdump_line", targets::tcpdump_line)]
#[case("topology", targets::topology)]
#[case("ip_json", targets::ip_json)]
#[case("tcpdump_counts", targets::tcpdump_counts)]
#[case("fitness", targets::fitness)]
#[case("run_folder", targets::run_folder)]
fn each_seed_whole_and_cut_is_read_as_it_should_be(#[case] name: &str, #[case] target: fn(&[u8])) {
    for path in seeds(name) {
        let seed = fs::read(&path).expect("the seed can be read");
        println!("{path}");
        target(&seed);
        // What is cut anywhere is as hostile; of the long ones some places will do.
        let step = (seed.len() / 100).max(1);
        (0..seed.len()).step_by(step).for_each(|length| target(&seed[..length]));
    }
}

#[test]
fn a_forged_length_takes_no_memory_and_leaves_the_records_before_it() {
    let seed = include_bytes!("../../fuzz/seeds/capture_file/forged-length.pcap");
    let (records, damage) = PcapReader::read_all(&seed[1..]);
    assert_eq!(records.len(), 1);
    assert!(matches!(damage, Some(PcapError::RecordLength { length: u32::MAX, .. })), "{damage:?}");
}
