//! `service_port`: the service may be led to ports of other services.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Outbound;
use portcullis_syntax::ast::OutboundClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_outbound;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "service_port",
    level: Severity::Warning,
    owasp: &[Owasp::ServerSideRequestForgery],
    finds: "The `ports` of an `outbound` hold one below 1024 other than 80 and 443, or that of a \
            well-known database, queue or console.",
    why: "A URL with such a port makes the service speak to a mail server or a store, which reads \
          commands out of what it sends (OWASP SSRF Prevention Cheat Sheet). What is fetched for \
          clients is on 443.",
    example: r#"
transport { hosts ["library.example"] }

outbound covers { ports [443, 6379]  hosts ["covers.example.com"] }
"#,
    mend: "Keep `[443]`, which is what holds where nothing is said.",
    mended: r#"
transport { hosts ["library.example"] }

outbound covers { ports [443]  hosts ["covers.example.com"] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let outbounds = compilation.plans.iter().flat_map(|plan| &plan.outbounds);
    outbounds.filter_map(|outbound| of_outbound(compilation, outbound)).collect()
}

/// Stores, queues and consoles above 1023.
const SERVICES: &[u16] = &[
    1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4222, 5432, 5672, 5900, 5984, 6379,
    6443, 7001, 8086, 8500, 9042, 9092, 9200, 9300, 10250, 11211, 15672, 27017,
];

fn of_outbound(compilation: &Compilation, outbound: &Outbound) -> Option<Diagnostic> {
    let port = outbound
        .ports
        .iter()
        .find(|port| (**port < 1024 && ![80, 443].contains(*port)) || SERVICES.contains(port))?;
    let place = in_outbound(compilation, &outbound.name, |clause| match clause {
        OutboundClause::Ports(_, span) => Some(*span),
        _ => None,
    })?;
    let message = format!("by port {port} a URL leads to another kind of service");
    Some(RULE.finding(place, message).help("take it away: what is fetched for clients is on 443"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn what_is_fetched_is_on_a_port_of_the_web() {
        let found = |ports: &str| codes(&RULE.example().replace("[443, 6379]", ports));
        assert_eq!(found("[443, 8443, 8080]"), [""; 0]);
        assert_eq!(found("[22]"), ["service_port"]);
        assert_eq!(found("[25] waive service_port \"a probe\""), [""; 0]);
    }
}
