//! The page of a run, made from recorded runs.

use std::{fs, process::Command};

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::Utf8TempDir;
use harness::report::{Difference, Outcome, RunReport, ScenarioResult};

/// A run of three scenarios: one as it should be, one that failed, and one that was killed.
fn run() -> Utf8TempDir {
    let run = camino_tempfile::tempdir().expect("there is room for a run");
    let begun = || ScenarioResult::begun("network namespaces");
    record(&run, "healthy", &ScenarioResult { outcome: Outcome::Passed, ..begun() });
    let difference = Difference {
        title: "the machines' picture".to_owned(),
        expected: "x x x x\nx x x x\n".to_owned(),
        seen: "x x x x\nx - - - <script>\n".to_owned(),
    };
    let failed = ScenarioResult { outcome: Outcome::Failed, differences: vec![difference], ..begun() };
    record(&run, "forged-transmits-rejected", &failed);
    let killed = run.path().join("killed");
    fs::create_dir(&killed).expect("the folder can be made");
    begun().write(&killed).expect("the result can be written");
    run
}

/// Copies a recorded run's folder into the run, as the scenario of its name.
fn record(run: &Utf8TempDir, name: &str, result: &ScenarioResult) {
    let from = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/runs").join(name);
    let to = run.path().join(name);
    fs::create_dir(&to).expect("the folder can be made");
    for entry in from.read_dir_utf8().expect("the recorded run is there").filter_map(Result::ok) {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("the file can be copied");
    }
    result.write(&to).expect("the result can be written");
}

fn page(run: &Utf8TempDir) -> Utf8PathBuf {
    RunReport::write_anew(run.path()).expect("the page can be written")
}

fn section<'a>(html: &'a str, name: &str) -> &'a str {
    let start = html.find(&format!("<section id=\"{name}\"")).expect("the scenario has a section");
    let length = html[start..].find("</section>").expect("the section ends");
    &html[start..start + length]
}

#[test]
fn a_page_needs_nothing_but_itself() {
    let run = run();
    let html = fs::read_to_string(page(&run)).unwrap();
    for outside in ["http:", "https:", "<script", "<link", "<img", "@import", "url("] {
        assert!(!html.contains(outside), "the page has {outside:?}");
    }
}

#[test]
fn a_failure_comes_first_and_shows_its_place_and_cause() {
    let run = run();
    let html = fs::read_to_string(page(&run)).unwrap();
    let place = |name: &str| html.find(&format!("<section id=\"{name}\"")).unwrap();
    assert!(place("forged-transmits-rejected") < place("killed") && place("killed") < place("healthy"));

    let failed = section(&html, "forged-transmits-rejected");
    assert!(failed.contains("<details open>"), "it is open");
    assert!(failed.contains("lost between host/port-node-1 and host/port-node-2"), "{failed}");
    assert!(failed.contains("<code>forged-transmits-rejected</code>"), "{failed}");
    assert_eq!(failed.matches("class=\"cross\"").count(), 3, "each copy is marked where it was lost");
    assert!(failed.contains("<span class=\"seen\">+ x - - - &lt;script&gt;</span>"), "{failed}");
    assert!(failed.contains("href=\"./forged-transmits-rejected/host.port-node-1.pcap\""), "{failed}");
}

#[test]
fn what_passed_is_drawn_and_what_was_killed_is_told() {
    let run = run();
    let html = fs::read_to_string(page(&run)).unwrap();
    let healthy = section(&html, "healthy");
    assert!(!healthy.contains("<details open>") && !healthy.contains("class=\"cross\""), "{healthy}");
    assert!(healthy.contains("ICMP echo reply, id A, seq 1"), "{healthy}");
    assert!(section(&html, "killed").contains("unfinished"));
    assert!(html.contains("<title>1 failed: macvlan-e2e"));
}

/// All that comes from a machine or a folder's name: what would run in a browser, and what a terminal would obey or a reader not see.
#[test]
fn nothing_that_a_machine_says_is_more_than_text() {
    const HOSTILE: &str =
        "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{1b}[31m\u{202e}&\u{9b}2J\r\0";
    let run = camino_tempfile::tempdir().expect("there is room for a run");
    let name = "javascript:alert(1)\u{202e}<b>\u{1b}[2J";
    let folder = run.path().join(name);
    fs::create_dir(&folder).expect("the folder can be made");
    fs::write(folder.join("\"><script>.pcap"), "").expect("the file can be written");
    let difference = Difference {
        title: HOSTILE.to_owned(),
        expected: HOSTILE.to_owned(),
        seen: format!("{HOSTILE}\n{HOSTILE}"),
    };
    let result = ScenarioResult {
        outcome: Outcome::Failed,
        remarks: vec![format!("failed to run `ip` on node-1: {HOSTILE}")],
        differences: vec![difference],
        ..ScenarioResult::begun(HOSTILE)
    };
    result.write(&folder).expect("the result can be written");
    for path in [page(&run), RunReport::add(&folder).expect("the page can be written")] {
        let html = fs::read_to_string(path).unwrap();
        for alive in
            ["<script", "<img", "<b>", "href=\"javascript", "\u{1b}", "\u{202e}", "\u{9b}", "\r", "\0"]
        {
            assert!(!html.contains(alive), "the page has {alive:?}:\n{html}");
        }
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
        assert!(html.contains("␛[31m[U+202E]&amp;[U+009B]2J␍␀"), "{html}");
    }
}

/// The same of a recording that somebody else made.
#[test]
fn nothing_that_a_recording_says_is_more_than_text() {
    let run = run();
    let recording = run.path().join("healthy/recording.json");
    let text = fs::read_to_string(&recording).unwrap();
    let hostile = text.replace("\"damage\": null", "\"damage\": \"<script>\\u001b[31m\\u202e\"");
    assert_ne!(text, hostile);
    fs::write(&recording, hostile).unwrap();
    let html = fs::read_to_string(page(&run)).unwrap();
    assert!(section(&html, "healthy").contains("was not whole: &lt;script&gt;␛[31m[U+202E]"), "{html}");
    assert!(!html.contains("<script"), "{html}");
}

/// Scenarios end one by one, or several at once.
#[test]
fn a_page_that_grows_is_the_same_as_one_made_anew() {
    let run = run();
    let scenarios = ["healthy", "forged-transmits-rejected"];
    std::thread::scope(|scope| {
        for name in scenarios {
            let folder = run.path().join(name);
            scope.spawn(move || RunReport::add(&folder).expect("the page can be written"));
        }
    });
    let grown = fs::read_to_string(run.path().join("report.html")).unwrap();
    // What was drawn once is not judged again.
    fs::remove_file(run.path().join("healthy/recording.json")).unwrap();
    RunReport::add(&run.path().join("forged-transmits-rejected")).unwrap();
    assert_eq!(fs::read_to_string(run.path().join("report.html")).unwrap(), grown);
    assert_ne!(fs::read_to_string(page(&run)).unwrap(), grown, "`lab report` judges all anew");
}

/// A browser's own view of the page: `make browser`.
#[test]
#[ignore = "takes Chromium"]
fn a_browser_finds_the_failure_by_its_heading() {
    let run = run();
    let page = page(&run);
    let screenshot = run.path().join("page.png");
    let dom = chromium(&run, &["--dump-dom", page.as_str()]);
    let failed = section(&dom, "forged-transmits-rejected");
    assert!(failed.contains("<h2>forged-transmits-rejected</h2>"), "{failed}");
    assert!(failed.contains("class=\"failed\"") && failed.contains("<details open=\"\">"), "{failed}");
    chromium(&run, &["--window-size=1100,1400", &format!("--screenshot={screenshot}"), page.as_str()]);
    let picture = fs::read(&screenshot).expect("there is a screenshot");
    // Width and height, in the header of a PNG file (RFC 2083, section 11.2.1).
    assert_eq!(&picture[16..24], [1100_u32.to_be_bytes(), 1400_u32.to_be_bytes()].concat());
}

fn chromium(run: &Utf8TempDir, arguments: &[&str]) -> String {
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--disable-component-update", "--disable-sync", "--disable-quic"])
        .arg(format!("--user-data-dir={}", run.path().join("browser")))
        .args(arguments)
        .output()
        .expect("there is a program `chromium`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
