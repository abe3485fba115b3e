//! Which version of a program is there.

use std::process::{Command, Stdio};

use crate::machine::ADMINISTRATORS_PATH;

/// The first word with a version number that the program prints of itself; `None` where it has no word for that.
pub(super) fn version(program: &str) -> Option<String> {
    let option = match program {
        // It knows no such option, and would ask for a name.
        "ssh-keygen" => return None,
        "ip" | "ping" | "arping" | "ssh" | "sshd" | "genext2fs" => "-V",
        _ => "--version",
    };
    let mut command = Command::new(program);
    command.arg(option).env("PATH", ADMINISTRATORS_PATH).env("LC_ALL", "C").stdin(Stdio::null());
    let output = command.output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    number(&String::from_utf8_lossy(&text))
}

/// The first word that has a digit, a dot and a digit behind that, without what surrounds it.
fn number(text: &str) -> Option<String> {
    let is_version = |word: &&str| {
        word.as_bytes().windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b'.' && w[2].is_ascii_digit())
    };
    let word = text.split_whitespace().find(is_version)?;
    Some(word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        for (said, version) in [
            ("ip utility, iproute2-6.1.0, libbpf 1.1.0\n", "iproute2-6.1.0"),
            ("OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 1 Jul 2025\n", "OpenSSH_9.2p1"),
            ("setsid from util-linux 2.38.1\n", "2.38.1"),
            ("QEMU emulator version 7.2.19 (Debian 1:7.2+dfsg-7+deb12u16)\n", "7.2.19"),
            ("nftables v1.0.6 (Lester Gooch #5)\n", "v1.0.6"),
        ] {
            assert_eq!(number(said).as_deref(), Some(version));
        }
        assert_eq!(number("usage: thing [-x]\n"), None);
    }
}
