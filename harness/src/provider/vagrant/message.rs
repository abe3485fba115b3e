//! Vagrant's machine-readable output: `timestamp,target,type,data,…`
//! (<https://developer.hashicorp.com/vagrant/docs/cli/machine-readable>).

/// A line of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The machine that it is about, or nothing.
    pub target: String,
    /// What it tells.
    pub kind: String,
    /// The rest, unescaped.
    pub data: Vec<String>,
}

impl Message {
    /// Reads a line; one that is no message (a plug-in's warning, say) is none.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        fields.next()?.parse::<u64>().ok()?;
        let (target, kind) = (fields.next()?.to_owned(), fields.next()?.to_owned());
        Some(Self { target, kind, data: fields.map(unescape).collect() })
    }

    /// What a person would read of it.
    pub(super) fn text(&self) -> Option<&str> {
        match (self.kind.as_str(), &self.data[..]) {
            ("ui", [_, text]) => Some(text),
            _ => None,
        }
    }

    /// The error that Vagrant ended with.
    pub(super) fn error(&self) -> Option<&str> {
        match (self.kind.as_str(), &self.data[..]) {
            ("error-exit", [_, text]) => Some(text),
            _ => None,
        }
    }
}

fn unescape(field: &str) -> String {
    field.replace("%!(VAGRANT_COMMA)", ",").replace("\\n", "\n").replace("\\r", "\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_vagrant_up_is_read() {
        let message = Message::parse(
            "1795528811,node-2,ui,info,==> node-2: Waiting for domain to get an IP address...",
        );
        let message = message.unwrap();
        assert_eq!(message.target, "node-2");
        assert_eq!(message.text(), Some("==> node-2: Waiting for domain to get an IP address..."));
        assert_eq!(message.error(), None);
    }

    #[test]
    fn an_error_has_its_commas_and_lines_back() {
        let line = "1795528948,,error-exit,Vagrant::Errors::BatchMultiError,The box 'a/b' could not be found or\\ncould \
                    not be accessed%!(VAGRANT_COMMA) please verify";
        let message = Message::parse(line).unwrap();
        assert_eq!(
            message.error(),
            Some("The box 'a/b' could not be found or\ncould not be accessed, please verify")
        );
    }

    #[test]
    fn other_text_is_no_message() {
        assert_eq!(Message::parse("WARNING: a gem is, perhaps, too old"), None);
        assert_eq!(Message::parse(""), None);
    }
}
