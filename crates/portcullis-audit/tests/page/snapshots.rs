//! The forms as they are.

use portcullis_audit::{Document, html, markdown, text};

use super::policies::{self, SMALL, compiled};

/// Without what others decide: the linter's findings, and the hash.
fn page() -> Document {
    let mut document = policies::page(SMALL);
    document.sections.retain(|section| section.id != "findings");
    document
}

fn masked(page: &str) -> String {
    let hash = compiled(SMALL).plans.first().unwrap().hash();
    assert!(page.contains(&hash));
    page.replace(&hash, "HASH")
}

/// What a reviewer has to read stands there with its reason, whatever else the linter says.
#[test]
fn waivers_and_reasons_are_listed() {
    let page = markdown(&policies::page(SMALL));
    for row in [
        "| `unchecked_object` | the desk sees every loan | (policy.gate:57:9) |",
        "| `hosts any` | behind several names | every route | (policy.gate:2:5) |",
        "| `returns opaque` | as the desk prints it | `PUT /loans/{id}` | (policy.gate:56:9) |",
    ] {
        assert!(page.contains(row), "{page}");
    }
    let finding = SMALL.replace("key caller.id else request.ip }", "key request.ip }")
        + "budget idle { limit 5 per 1m }";
    let page = markdown(&policies::page(&finding));
    assert!(page.contains("| warning | `unused_budget` | (policy.gate:71:8) |"), "{page}");
}

#[test]
fn a_small_policy_as_text() {
    insta::assert_snapshot!(masked(&text(&page())));
}

#[test]
fn a_small_policy_as_markdown() {
    insta::assert_snapshot!(masked(&markdown(&page())));
}

#[test]
fn a_small_policy_as_html() {
    // Without the style, and one element a line, so that a change is seen.
    let page = masked(&html(&page()));
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    let lines = format!("{before}<style></style>{after}");
    let lines =
        lines.replace("<tr>", "\n<tr>").replace("<td>", "\n  <td>").replace("<th ", "\n  <th ");
    let lines =
        lines.replace("<section", "\n<section").replace("<p>", "\n<p>").replace("<li>", "\n<li>");
    let lines = lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(lines.replace("<meta", "\n<meta").replace("<div", "\n<div"));
}
