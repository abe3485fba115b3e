//! The runs in `fixtures/runs`, and what is concluded of them.

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    diagnosis::{Case, Explanation},
    run_folder::RunFolder,
};

pub fn runs() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("fixtures").join("runs")
}

pub fn case(run: &str) -> Case {
    let folder = RunFolder::open(&runs().join(run), None).expect("the run can be read");
    folder.case(None).expect("the run has a probe")
}

pub fn judge(case: &Case) -> Explanation {
    case.judge().explain(case)
}
