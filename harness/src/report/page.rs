//! The whole page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    Outcome, Piece,
    scenario::{badge, title},
};
use crate::visible;

const STYLE: &str = include_str!("style.css");

/// A run as the page shows it.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The run's folder.
    pub(super) name: String,
    /// Its scenarios.
    pub(super) pieces: Vec<Piece>,
}

impl RunReport {
    /// The page: one self-contained HTML document.
    pub(super) fn to_html(&self) -> String {
        self.draw().into_string()
    }

    fn draw(&self) -> Markup {
        let name = visible(&self.name);
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    // Nothing is run and nothing fetched, whatever a name or an output has in it.
                    meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.count(Outcome::Failed)) " failed: macvlan-e2e " (name) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { "macvlan-e2e" }
                        p { (name) @if let Some(piece) = self.pieces.first() { ", on " (piece.head.machines) } }
                        p.counts { @for outcome in Outcome::ALL { (self.told_count(outcome)) } }
                    }
                    nav aria-label="Scenarios" { (self.contents()) }
                    main { @for piece in self.worst_first() { (piece.draw()) } }
                    footer { (legend()) }
                }
            }
        }
    }

    fn contents(&self) -> Markup {
        html! {
            ol {
                @for piece in self.worst_first() {
                    li { a href={ "#" (piece.head.name) } { (title(&piece.head.name)) } " " (badge(piece.head.outcome)) }
                }
            }
        }
    }

    fn worst_first(&self) -> Vec<&Piece> {
        let mut pieces: Vec<&Piece> = self.pieces.iter().collect();
        let rank = |outcome: Outcome| Outcome::ALL.iter().position(|known| *known == outcome);
        pieces.sort_by_key(|piece| (rank(piece.head.outcome), &piece.head.name));
        pieces
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.pieces.iter().filter(|piece| piece.head.outcome == outcome).count()
    }

    fn told_count(&self, outcome: Outcome) -> Markup {
        let count = self.count(outcome);
        html! { @if count > 0 { span class={ "badge " (outcome.word()) } { (count) " " (outcome.word()) } " " } }
    }
}

fn legend() -> Markup {
    html! {
        p {
            "A column is an interface that was captured, in the order of the path; a rung is a frame. A dot: it was seen there. \
             A cross: it should have been, and was not. Dashed: the way that it should have gone on, or the answer that should \
             have come."
        }
    }
}
