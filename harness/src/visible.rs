//! Characters that no reader sees, made visible.

/// A text with nothing in it that a terminal would obey or that turns the writing round: a control character has its picture
/// (Unicode's block Control Pictures) or, as what changes the writing's direction or has no width, its number.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => visible.push(character),
            '\0'..='\u{1f}' => visible.extend(char::from_u32(0x2400 + u32::from(character))),
            '\u{7f}' => visible.push('\u{2421}'),
            hidden if is_hidden(hidden) => visible += &format!("[U+{:04X}]", u32::from(hidden)),
            plain => visible.push(plain),
        }
    }
    visible
}

/// Control characters of ISO 8859, and those of Unicode for direction (UAX #9), for width, for the ends of lines, and for tags.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_shown() {
        assert_eq!(visible("\u{1b}[31mred\r\0\u{7f}"), "␛[31mred␍␀␡");
        assert_eq!(visible("\u{202e}gnp.exe\u{2066}\u{9b}"), "[U+202E]gnp.exe[U+2066][U+009B]");
    }

    #[test]
    fn what_is_written_stays() {
        let text = "a\tb\nÄ → ping 日本語 שלום";
        assert_eq!(visible(text), text);
    }
}
