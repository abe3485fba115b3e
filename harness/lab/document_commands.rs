//! What a document tells its readers to run.

/// What a document has in its own lines of code that begins with `cargo lab ` or `lab `, and leaves nothing to be filled in.
pub fn inline_commands(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(document).expect("the document is there");
    let prose: String = text.split("```").step_by(2).collect();
    let spans = prose.split('`').skip(1).step_by(2);
    let is_placeholder =
        |word: &str| word.contains('…') || (word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase()));
    let commands = spans.filter(|span| span.starts_with("cargo lab ") || span.starts_with("lab "));
    commands.filter(|command| !command.split_whitespace().any(is_placeholder)).map(str::to_owned).collect()
}

/// The commands of a document's `sh` blocks, each with the remark beside it. A line that ends with a backslash goes on.
pub fn commands(document: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(document).expect("the document is there").replace("\\\n", " ");
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let parts = |line: &str| {
        let (line, remark) = line.split_once(" #").unwrap_or((line, ""));
        (line.trim().to_owned(), remark.trim().to_owned())
    };
    let commands = blocks.flat_map(str::lines).map(parts);
    commands.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')).collect()
}
