//! Budgets, as one step and one round trip.

use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{Algorithm, Budget, Charge, Charged, Limit, Receipt, Store};

use crate::server::Server;
use crate::wait::told;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(4_000_000_000);

pub(crate) fn limit(units: u64, seconds: u64) -> Limit {
    Limit { units, period: Duration::from_secs(seconds), burst: units }
}

pub(crate) fn one<'a>(budget: &'a Budget, key: &'a [u8]) -> Charge<'a> {
    Charge { budget, key, fits: 0, units: 1, told: true }
}

pub(crate) fn admits(store: &dyn Store, charges: &[Charge<'_>]) -> bool {
    matches!(told(store.charge(charges, NOW)), Charged::All { .. })
}

#[test]
fn a_budget_admits_exactly_its_limit_by_the_clock_of_the_server() {
    let server = Server::start();
    let store = server.store();
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow] {
        for units in [5, 40] {
            let name = format!("{algorithm:?} {units}");
            let budget = Budget::new(&name, &[limit(units, 3600)], algorithm);
            for at in 0..units {
                assert!(admits(&store, &[one(&budget, b"ada")]), "{name}: {at}");
            }
            assert!(!admits(&store, &[one(&budget, b"ada")]), "{name}");
            assert!(admits(&store, &[one(&budget, b"bob")]), "{name}");
        }
    }
}

#[test]
fn none_is_charged_where_one_has_not_enough() {
    let server = Server::start();
    let store = server.store();
    let wide = Budget::new("wide", &[limit(10, 60)], Algorithm::TokenBucket);
    let narrow = Budget::new("narrow", &[limit(1, 60)], Algorithm::SlidingWindow);
    assert!(admits(&store, &[one(&wide, b""), one(&narrow, b"ada")]));
    match told(store.charge(&[one(&wide, b""), one(&narrow, b"ada")], NOW)) {
        Charged::Drained { first, retry_after, quotas } => {
            assert_eq!(first, 1);
            assert!(
                retry_after > Duration::from_secs(50) && retry_after <= Duration::from_secs(60)
            );
            let left: Vec<_> = quotas.iter().map(|quota| quota.remaining).collect();
            assert_eq!(left, [9, 0]);
        }
        charged => panic!("{charged:?}"),
    }
}

#[test]
fn what_is_given_back_can_be_charged_again() {
    let server = Server::start();
    let store = server.store();
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow] {
        let budget = Budget::new(&format!("{algorithm:?}"), &[limit(2, 3600)], algorithm);
        let charge = [one(&budget, b"ada")];
        let Charged::All { receipt, .. } = told(store.charge(&charge, NOW)) else {
            panic!("it is drained")
        };
        assert!(admits(&store, &charge) && !admits(&store, &charge));
        told(store.refund(&charge, &receipt));
        assert!(admits(&store, &charge) && !admits(&store, &charge));
        // What nobody has charged is not given back.
        told(store.refund(&[one(&budget, b"bob")], &Receipt::at(NOW)));
        assert!(admits(&store, &[one(&budget, b"bob")]));
    }
}
