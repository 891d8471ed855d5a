//! A store in Redis holds what every store holds, and what stores of several processes do.

use std::cell::RefCell;
use std::sync::Arc;

use portcullis::store::Store;
use portcullis_redis::RedisOptions;
use portcullis_testing::conformance::{Bench, processes};

use crate::server::Server;

thread_local! {
    /// There until the thread of the test ends.
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

/// The address of a server of the test's own.
fn served() -> String {
    let server = Server::start();
    let address = server.url();
    SERVER.set(Some(server));
    address
}

fn connected(address: &str) -> Arc<dyn Store> {
    let options = RedisOptions::new(address).unwrap().timeout(std::time::Duration::from_secs(5));
    Arc::new(options.by_request_time().connect().unwrap())
}

fn fresh(law: &str) -> Bench {
    Bench::of(connected(&served()), law)
}

portcullis_testing::conformance!(fresh);

#[test]
fn two_processes_are_admitted_the_limit() {
    if let Some(child) = processes::Child::here() {
        return child.run(connected(child.address()));
    }
    let address = served();
    let test = "conformance::two_processes_are_admitted_the_limit";
    processes::are_admitted_the_limit(test, &address, connected(&address));
}
