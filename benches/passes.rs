//! The passes over a capture, each alone: `cargo bench --bench passes`.
//!
//! `walk` is what pcap-parser takes to go through the file, looking at nothing; the others are to be seen beside it.

#[path = "side_by_side/generated_capture.rs"]
mod generated_capture;

use std::{fs, hint::black_box};

use criterion::{Criterion, Throughput};
use harness::{
    frame::{CaptureReader, Frame},
    journey::{Captured, follow},
    topology::Topology,
    transcript::{Owners, transcribe},
    vantage_point::VantagePoint,
};
use pcap_parser::{PcapError, traits::PcapReaderIterator as _};

fn passes(criterion: &mut Criterion) {
    let path = generated_capture::write().expect("the capture can be written");
    let data = fs::read(path).expect("the capture can be read");
    let topology = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/topologies/lab.toml");
    let topology = Topology::load(&topology).expect("the topology can be read");
    let point = VantagePoint::along_the_path(&topology).swap_remove(0);
    let owners = Owners::new();
    let captures = Captured::from(vec![(point, frames(&data))]);

    let mut group = criterion.benchmark_group("passes");
    group.sample_size(10).throughput(Throughput::Elements(generated_capture::FRAMES.into()));
    group.bench_function("walk", |bencher| bencher.iter(|| walk(black_box(&data))));
    group.bench_function("frames", |bencher| bencher.iter_with_large_drop(|| frames(black_box(&data))));
    group.bench_function("transcript", |bencher| {
        bencher.iter_with_large_drop(|| transcribe(black_box(&captures), &owners, &[]));
    });
    group.bench_function("journeys", |bencher| {
        bencher.iter_with_large_drop(|| follow(black_box(&captures), &owners, &[], &topology));
    });
    group.finish();
}

/// The bytes of all frames, by pcap-parser alone.
fn walk(data: &[u8]) -> usize {
    let mut reader = pcap_parser::LegacyPcapReader::new(1 << 16, data).expect("the capture has a header");
    let mut bytes = 0;
    loop {
        match reader.next() {
            Ok((offset, block)) => {
                if let pcap_parser::PcapBlockOwned::Legacy(block) = block {
                    bytes += block.data.len();
                }
                reader.consume(offset);
            }
            Err(PcapError::Eof) => return bytes,
            Err(PcapError::Incomplete(_)) => reader.refill().expect("the capture is whole"),
            Err(error) => panic!("pcap-parser: {error}"),
        }
    }
}

fn frames(data: &[u8]) -> Vec<Frame> {
    let mut reader = CaptureReader::new();
    reader.push(data);
    let mut frames = Vec::new();
    while let Some(record) = reader.next_record().expect("the capture is whole") {
        frames.push(Frame::decode(&record));
    }
    frames
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    passes(&mut criterion);
    criterion.final_summary();
}
