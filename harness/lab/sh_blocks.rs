//! What a document tells its readers to run.

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
