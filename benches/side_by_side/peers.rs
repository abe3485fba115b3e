//! What is compared with, in a folder of its own.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

const HYPERFINE: &str = "hyperfine@1.20.0";
const PYTHON_PACKAGES: [&str; 3] = ["munet==0.17.3", "paramiko==5.1.0", "scapy==2.8.0"];

/// What could be had.
pub struct Peers {
    folder: Utf8PathBuf,
    python: bool,
    /// Whether what munet starts is there.
    pgrep: bool,
    tshark: Option<Tshark>,
    vagrant: bool,
    missing: Vec<&'static str>,
}

/// Where tshark is.
enum Tshark {
    Installed,
    /// Unpacked from the distribution's packages.
    Unpacked(Utf8PathBuf),
}

impl Peers {
    /// Installs what is not there yet. hyperfine measures, and is needed; the others may be missing.
    pub fn install() -> miette::Result<Self> {
        let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("compared");
        let hyperfine = ["install", "--quiet", "--locked", "--root", folder.as_str(), HYPERFINE];
        if !succeeds(env!("CARGO"), &hyperfine) {
            miette::bail!("failed to install {HYPERFINE}: run cargo {}", hyperfine.join(" "));
        }
        let python = has_python(&folder);
        let tshark = tshark(&folder);
        let pgrep = succeeds("pgrep", &["--version"]);
        let vagrant = succeeds("sh", &["-c", "vagrant plugin list | grep -q vagrant-libvirt"]);
        let missing = [
            (!python).then_some("munet, paramiko and scapy (python3 with venv)"),
            tshark.is_none().then_some("tshark (its package can't be had)"),
            (!pgrep).then_some("munet (it needs pgrep, of procps)"),
            (!vagrant).then_some("vagrant (`make setup LAB=vagrant` installs it)"),
        ];
        Ok(Self { python, pgrep, tshark, vagrant, missing: missing.into_iter().flatten().collect(), folder })
    }

    /// The command hyperfine.
    pub fn hyperfine(&self) -> Utf8PathBuf {
        self.folder.join("bin/hyperfine")
    }

    /// The command munet.
    pub fn munet(&self) -> Option<Utf8PathBuf> {
        self.python("munet").filter(|_| self.pgrep)
    }

    /// A command of the Python packages', or Python itself.
    pub fn python(&self, command: &str) -> Option<Utf8PathBuf> {
        self.python.then(|| self.folder.join("python/bin").join(command))
    }

    /// The words that tshark is called by.
    pub fn tshark(&self) -> Option<Vec<String>> {
        match self.tshark.as_ref()? {
            Tshark::Installed => Some(vec!["tshark".to_owned()]),
            Tshark::Unpacked(root) => {
                let libraries = format!("LD_LIBRARY_PATH={root}/usr/lib/{0}:{root}/lib/{0}", triplet());
                Some(vec!["env".to_owned(), libraries, format!("{root}/usr/bin/tshark")])
            }
        }
    }

    /// Whether Vagrant can make machines with libvirt.
    pub fn has_vagrant(&self) -> bool {
        self.vagrant
    }

    /// What the table lacks, and why.
    pub fn missing(&self) -> String {
        self.missing.iter().map(|what| format!("\nNot compared with: {what}.\n")).collect()
    }
}

fn has_python(folder: &Utf8Path) -> bool {
    let environment = folder.join("python");
    let pip = environment.join("bin/pip");
    (pip.exists() || succeeds("python3", &["-m", "venv", environment.as_str()]))
        && succeeds(pip.as_str(), &[&["install", "--quiet"], &PYTHON_PACKAGES[..]].concat())
}

/// tshark where it is installed; else from packages that are unpacked, since installing it asks for root.
fn tshark(folder: &Utf8Path) -> Option<Tshark> {
    if succeeds("tshark", &["--version"]) {
        return Some(Tshark::Installed);
    }
    let root = folder.join("tshark");
    let unpack = format!(
        "[ -x {root}/usr/bin/tshark ] || {{
            mkdir -p {root}/archives/partial && cd {root} &&
            apt-get -qq -o Dir::Cache::archives={root}/archives -o Debug::NoLocking=1 install --download-only -y \
                --no-install-recommends tshark &&
            for archive in archives/*.deb; do dpkg -x $archive . || exit; done
        }}"
    );
    succeeds("sh", &["-c", &unpack]).then_some(Tshark::Unpacked(root))
}

fn triplet() -> String {
    format!("{}-linux-gnu", std::env::consts::ARCH)
}

fn succeeds(command: &str, words: &[&str]) -> bool {
    Command::new(command).args(words).output().is_ok_and(|output| output.status.success())
}
