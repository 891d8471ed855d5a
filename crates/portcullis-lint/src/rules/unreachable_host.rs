//! `unreachable_host`: an `outbound` names a host that is always refused: an address that is not public, or a name that leads inside.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{Item, OutboundClause};
use portcullis_syntax::{Diagnostic, Severity};

use crate::texts::texts;

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unreachable_host",
    level: Severity::Warning,
    owasp: &[Owasp::ServerSideRequestForgery],
    finds: "An `outbound` names a host that is always refused: an address that is not public, or a \
            name that leads inside.",
    why: "It reads as if the service could fetch from there, and it cannot: whatever the policy \
          names, a URL of a request must not lead inside.",
    example: r#"
transport { hosts ["library.example"] }

outbound covers { hosts ["covers.example.com", "covers.internal"] }
"#,
    mend: "Take it away. A service of one's own is reached by a URL of the configuration, which \
           goes through no `outbound`.",
    mended: r#"
transport { hosts ["library.example"] }

outbound covers { hosts ["covers.example.com"] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let clauses = items.flat_map(|item| match item {
        Item::Outbound(outbound) => outbound.clauses.as_slice(),
        _ => &[],
    });
    let texts = clauses.flat_map(|clause| match clause {
        OutboundClause::Hosts(value, _) => texts(compilation, value),
        _ => Vec::new(),
    });
    let found = texts.filter_map(|(host, place)| {
        let what = portcullis::never_fetched(host)?;
        let message = format!("`{host}` is {what}, and nothing is fetched from there");
        Some(
            RULE.finding(place, message)
                .help("take it away: no `outbound` reaches it, whatever it names"),
        )
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_host_can_be_fetched_from() {
        let found = |hosts: &str| {
            codes(&format!("transport {{ hosts [\"a.example\"] }} outbound o {{ hosts {hosts} }}"))
        };
        let closed = [
            "[\"localhost\"]",
            "[\"redis\"]",
            "[\"a.internal\"]",
            "[\"*.a.internal\"]",
            "[\"10.0.0.1\"]",
            "[\"169.254.169.254\"]",
            "[\"[::1]\"]",
            "[\"[::ffff:127.0.0.1]\"]",
        ];
        for hosts in closed {
            assert_eq!(found(hosts), ["unreachable_host"], "{hosts}");
        }
        assert_eq!(found("[\"redis\", \"a.example\", \"10.0.0.1\"]").len(), 2);
        let open = "[\"a.example\", \"*.b.example\", \"8.8.8.8\", \"[2606:4700::1111]\"]";
        assert_eq!(found(open), [""; 0]);
    }

    #[test]
    fn settings_are_looked_into_and_waivers_heard() {
        let found = |setting: &str, clauses: &str| {
            codes(&format!(
                "transport {{ hosts [\"a.example\"] }} {setting} outbound o {{ {clauses} }}"
            ))
        };
        let two = "setting s: [string] { dev [\"localhost\"] prod [\"a.example\"] }";
        assert_eq!(found(two, "hosts s"), ["unreachable_host"]);
        let one = "setting s: string { always \"localhost\" }";
        assert_eq!(found(one, "hosts [s]"), ["unreachable_host"]);
        assert_eq!(found(one, "hosts [s] waive unreachable_host \"to come\""), [""; 0]);
        assert_eq!(found("setting s: string from host", "hosts [s]"), [""; 0]);
        assert_eq!(found("", "schemes [https] ports [443] redirects 0"), [""; 0]);
    }
}
