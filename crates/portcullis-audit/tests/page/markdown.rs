//! The Markdown as a renderer reads it.

use portcullis_audit::markdown;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::policies::{HOSTILE, page, pages};

/// The text of a page, without its form.
pub(super) fn read(page: &str) -> String {
    let mut text = String::new();
    for event in parser(page) {
        match event {
            Event::Text(found) | Event::Code(found) => text.push_str(&found),
            Event::InlineHtml(found) if &*found == "<br>" => text.push('\n'),
            Event::SoftBreak | Event::HardBreak | Event::End(_) => text.push('\n'),
            _ => {}
        }
    }
    text
}

fn parser(page: &str) -> Parser<'_> {
    Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

#[test]
fn every_table_is_one_and_nothing_else_is_more_than_a_text() {
    for (name, document) in pages() {
        let page = markdown(&document);
        let (mut columns, mut cells, mut tables) = (0, 0, 0);
        for event in parser(&page) {
            match event {
                Event::Start(Tag::Table(found)) => {
                    columns = found.len();
                    tables += 1;
                }
                Event::Start(Tag::TableRow) => cells = 0,
                Event::Start(Tag::TableCell) => cells += 1,
                Event::End(TagEnd::TableRow) => assert_eq!(cells, columns, "{name}"),
                Event::InlineHtml(found) => assert_eq!(&*found, "<br>", "{name}"),
                Event::Start(
                    Tag::Link { .. }
                    | Tag::Image { .. }
                    | Tag::CodeBlock(_)
                    | Tag::BlockQuote(_)
                    | Tag::Emphasis
                    | Tag::Strikethrough
                    | Tag::HtmlBlock,
                )
                | Event::Html(_)
                | Event::Rule => panic!("{name}: {event:?}"),
                _ => {}
            }
        }
        let parts = document.sections.iter().flat_map(|found| &found.parts);
        let blocks = document.sections.iter().flat_map(|found| &found.blocks);
        let blocks = blocks.chain(parts.flat_map(|part| &part.blocks)).chain(&document.lead);
        let expected = blocks.filter(|block| matches!(block, portcullis_audit::Block::Table(_)));
        assert_eq!(tables, expected.count(), "{name}");
    }
}

#[test]
fn what_a_policy_says_stays_a_text() {
    let text = read(&markdown(&page(HOSTILE)));
    for said in [
        "</p><script>alert(1)</script> & \"q\" | `x` **b** [a](http://e.example) \\u{1b}[2J \\u{202e}z",
        "\"><img src=x onerror=alert(1)>",
        "a|b`c``d",
        "<b>|user`",
        "# 1. <script> | `",
        "</table></main><script>",
        "<script> | ` holds",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn what_a_policy_says_is_no_link_and_calls_nobody() {
    let said = "see https://evil.example/a|b`c, (www.evil.example) FTP://evil.example mailto:a@evil.example \
                a.b@evil.example @everyone xmpp:a@evil.example";
    let policy = format!(
        "transport {{ hosts any \"www.evil.example\" }}
        route GET /raw {{ public  returns opaque \"{said}\"  waive missing_budget \"{said}\" }}
        invariant \"https://evil.example holds\" {{ allowed implies exists caller }}"
    );
    let page = markdown(&page(&policy));
    assert!(read(&page).contains(said), "{page}");
    // Renderers make links of words, and never of code.
    for event in parser(&page) {
        if let Event::Text(text) = event {
            let text = text.to_lowercase();
            for sign in ["://", "www.", "@", "mailto:", "xmpp:"] {
                assert!(!text.contains(sign), "{text}");
            }
        }
    }
}
