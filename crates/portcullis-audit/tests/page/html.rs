//! What a browser, a keyboard and a screen reader need of the page, read by a browser's own rules.

use std::collections::HashSet;

use html5ever::driver::ParseOpts;
use html5ever::parse_document;
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use portcullis_audit::html;

use super::policies::{HOSTILE, page, pages};

/// An element: its name, its attributes, the text in it, and what it stands in.
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) text: String,
    within: Vec<String>,
}

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The elements in the order of the document, and what the parser found wrong.
pub(super) fn elements(page: &str) -> (Vec<Element>, Vec<String>) {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let mut found = Vec::new();
    walk(&dom.document, &mut Vec::new(), &mut found);
    let errors = dom.errors.borrow().iter().map(ToString::to_string).collect();
    (found, errors)
}

fn walk(node: &Handle, within: &mut Vec<String>, found: &mut Vec<Element>) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow();
        let attributes = attributes.iter();
        let attributes = attributes.map(|one| (one.name.local.to_string(), one.value.to_string()));
        found.push(Element {
            name: name.local.to_string(),
            attributes: attributes.collect(),
            text: content(node),
            within: within.clone(),
        });
        within.push(name.local.to_string());
    }
    for child in node.children.borrow().iter() {
        walk(child, within, found);
    }
    if matches!(node.data, NodeData::Element { .. }) {
        within.pop();
    }
}

fn content(node: &Handle) -> String {
    if let NodeData::Text { contents } = &node.data {
        return contents.borrow().to_string();
    }
    node.children.borrow().iter().map(content).collect()
}

#[test]
fn every_page_is_well_formed_and_runs_and_loads_nothing() {
    for (name, document) in pages() {
        let (found, errors) = elements(&html(&document));
        assert_eq!(errors, [""; 0], "{name}");
        let wanted = [
            "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3",
            "nav", "ol", "ul", "li", "main", "section", "p", "div", "table", "caption", "thead",
            "tbody", "tr", "th", "td", "code", "span", "strong", "br", "footer",
        ];
        let attributes = [
            "lang",
            "charset",
            "name",
            "content",
            "http-equiv",
            "class",
            "href",
            "id",
            "tabindex",
            "role",
            "scope",
            "aria-label",
            "aria-labelledby",
        ];
        for element in &found {
            assert!(wanted.contains(&element.name.as_str()), "{name}: <{}>", element.name);
            for (attribute, value) in &element.attributes {
                assert!(attributes.contains(&attribute.as_str()), "{name}: {attribute}");
                assert!(attribute != "href" || value.starts_with('#'), "{name}: {value}");
            }
        }
        let style = found.iter().filter(|element| element.name == "style").collect::<Vec<_>>();
        assert_eq!(style.len(), 1, "{name}");
        let loads = |text: &str| text.contains("url(") || text.contains("@import");
        assert!(style.iter().all(|style| !loads(&style.text)), "{name}");
        let policy =
            found.iter().find(|one| one.get("http-equiv") == Some("Content-Security-Policy"));
        assert!(
            policy.unwrap().get("content").unwrap().starts_with("default-src 'none'"),
            "{name}"
        );
    }
}

#[test]
fn every_page_can_be_read_by_keyboard_and_ear() {
    for (name, document) in pages() {
        let (found, _) = elements(&html(&document));
        let all = |wanted: &str| {
            let wanted = wanted.to_owned();
            found.iter().filter(move |element| element.name == wanted).collect::<Vec<_>>()
        };
        assert_eq!(all("html").first().unwrap().get("lang"), Some("en"), "{name}");
        assert!(!all("title").first().unwrap().text.is_empty(), "{name}");
        for landmark in ["header", "nav", "main", "footer", "h1"] {
            assert_eq!(all(landmark).len(), 1, "{name}: {landmark}");
        }
        let ids = found.iter().filter_map(|element| element.get("id")).collect::<Vec<_>>();
        let known = ids.iter().copied().collect::<HashSet<_>>();
        assert_eq!(known.len(), ids.len(), "{name}: two ids are alike");
        for element in &found {
            let refers = [element.get("href"), element.get("aria-labelledby")];
            for id in refers.into_iter().flatten() {
                assert!(known.contains(id.trim_start_matches('#')), "{name}: no `{id}`");
            }
        }
        // The first thing that the keyboard comes to leads over the contents.
        let first = found.iter().find(|element| element.name == "a").unwrap();
        assert_eq!((first.get("class"), first.get("href")), (Some("skip"), Some("#content")));
        let mut level = 0;
        for heading in found.iter().filter(|one| matches!(one.name.as_str(), "h1" | "h2" | "h3")) {
            let own: u32 = heading.name.trim_start_matches('h').parse().unwrap();
            assert!(own <= level + 1, "{name}: {} after h{level}", heading.text);
            assert!(!heading.text.trim().is_empty(), "{name}: an empty heading");
            level = own;
        }
        let tables = all("table");
        assert_eq!(tables.len(), all("caption").len(), "{name}");
        assert!(all("caption").iter().all(|caption| !caption.text.is_empty()), "{name}");
        for region in found.iter().filter(|element| element.get("role") == Some("region")) {
            let named = region.get("aria-labelledby").is_some();
            assert!(named && region.get("tabindex") == Some("0"), "{name}");
        }
        for table in &tables {
            assert!(table.within.last().is_some_and(|parent| parent == "div"), "{name}");
        }
        for head in all("th") {
            let expected = if head.within.iter().any(|one| one == "thead") { "col" } else { "row" };
            assert_eq!(head.get("scope"), Some(expected), "{name}: {}", head.text);
            assert!(!head.text.trim().is_empty(), "{name}: a heading without a text");
        }
        assert_eq!(
            all("td").iter().filter(|cell| cell.within.contains(&"thead".into())).count(),
            0
        );
    }
}

#[test]
fn what_a_policy_says_stays_a_text() {
    let (found, _) = elements(&html(&page(HOSTILE)));
    assert!(!found.iter().any(|element| matches!(element.name.as_str(), "script" | "img" | "b")));
    let text = &found.first().unwrap().text;
    for said in [
        "</p><script>alert(1)</script> & \"q\" | `x` **b** [a](http://e.example) \\u{1b}[2J \\u{202e}z",
        "\"><img src=x onerror=alert(1)>",
        "a|b`c``d",
        "<b>|user`",
        "# 1. <script> | `",
        "</table></main><script>",
        "<script> | ` holds",
    ] {
        assert!(text.contains(said), "{said}");
    }
}
