//! API10:2023, unsafe consumption of APIs.

use portcullis_compiler::plan::Scheme;
use portcullis_lint::Owasp;

use super::{Gaps, Item, counted};
use crate::document::{Mark, Text};
use crate::sections::service;
use crate::subject::Subject;

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let encrypted = plan.outbounds.iter();
    let encrypted = encrypted.filter(|found| !found.schemes.contains(&Scheme::Http));
    let does = [
        counted(plan.outbounds.len(), "outbound", "schemes, ports, hosts and redirects are named"),
        counted(encrypted.count(), "outbound", "HTTPS alone is fetched"),
    ];
    let named = |is: &dyn Fn(&portcullis_compiler::plan::Outbound) -> bool| {
        let found = plan.outbounds.iter().filter(|found| is(found));
        found.map(|found| subject.named(&found.name, found.span)).collect::<Vec<Text>>()
    };
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Review,
        "what is fetched over plain HTTP can be changed on the way",
        named(&|found| found.schemes.contains(&Scheme::Http)),
    );
    Item {
        risk: Owasp::UnsafeConsumption,
        what: "What another service answers is trusted more than what a client sends, and should not be.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table: service::outbounds(subject),
        without: "No `outbound`: what the service fetches on its own the policy does not know.",
        beyond: Some(
            "Mostly not a policy's to answer: the engine judges where the service connects to, and never looks \
             into what comes back. To check that, and to bound its size and its time, is the service's.",
        ),
    }
}
