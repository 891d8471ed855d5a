//! A Redis Cluster, of which one server has all keys of a namespace, and another may have them later.

use std::thread;
use std::time::{Duration, Instant};

use portcullis::store::{
    Algorithm, Budget, Charged, Family, Presentation, Question, Store, Unavailable,
};
use portcullis_redis::{Condition, RedisStore};

use crate::counting::{NOW, admits, limit, one};
use crate::failures::{id, later, presented, successor};
use crate::server::{LASTING, Server, free_port};
use crate::wait::{answer, told, until};

struct Cluster {
    servers: Vec<Server>,
}

impl Cluster {
    /// Three servers, each with a third of the slots.
    fn start() -> Cluster {
        // The port of a server and ten thousand is its other one, unless it is told: there may be no such.
        let buses: Vec<_> = (0..3).map(|_| free_port().to_string()).collect();
        let start = |bus: &String| {
            let settings = ["--cluster-enabled", "yes", "--cluster-port", bus];
            Server::bare(&[&settings[..], &LASTING].concat())
        };
        let servers: Vec<_> = buses.iter().map(start).collect();
        let slots = [["0", "5460"], ["5461", "10922"], ["10923", "16383"]];
        for (server, [from, to]) in servers.iter().zip(slots) {
            assert_eq!(server.ask(&["CLUSTER", "ADDSLOTSRANGE", from, to]), "OK");
            let first = servers[0].port().to_string();
            server.ask(&["CLUSTER", "MEET", "127.0.0.1", &first, &buses[0]]);
        }
        let cluster = Cluster { servers };
        until("the cluster is one", || {
            cluster.servers.iter().all(|server| {
                let info = server.ask(&["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            })
        });
        cluster
    }

    /// Which server has the keys of a namespace.
    fn owner(&self, slot: &str) -> usize {
        let slot: u16 = slot.parse().unwrap();
        usize::from(slot > 5460) + usize::from(slot > 10922)
    }
}

fn slot(server: &Server, namespace: &str) -> String {
    server.ask(&["CLUSTER", "KEYSLOT", &format!("{{{namespace}}}:epoch")])
}

fn revoked(store: &RedisStore, n: u8) -> Result<bool, Unavailable> {
    let asked = Question { revoked: &[id(n)], ..Question::default() };
    answer(store.known(&asked, NOW)).map(|known| known.revoked)
}

#[test]
fn whichever_server_of_a_cluster_is_named_all_go_by_one() {
    let cluster = Cluster::start();
    for namespace in ["portcullis", "shop", "notes"] {
        let options = |at: usize| cluster.servers[at].options().namespace(namespace);
        options(0).initialise().unwrap();
        let stores = [0, 1, 2].map(|at| options(at).connect().unwrap());
        until("they know of each other", || stores.iter().all(|store| store.health().nodes == 3));
        until("they hear", || stores.iter().all(|store| store.health().push));

        let budget = Budget::new("hourly", &[limit(7, 3600)], Algorithm::SlidingWindow);
        let other = Budget::new("other", &[limit(90, 3600)], Algorithm::TokenBucket);
        let charges = [one(&budget, b"ada"), one(&other, b"")];
        let admitted = (0..12).filter(|at| admits(&stores[at % 3], &charges)).count();
        assert_eq!(admitted, 7, "{namespace}");
        let Charged::All { quotas, .. } = told(stores[1].charge(&[one(&other, b"")], NOW)) else {
            panic!("drained")
        };
        assert_eq!(quotas.iter().next().unwrap().remaining, 82, "none is charged for nothing");

        let family = Family::new(id(1), "{}".into(), id(10), later(3600), None);
        told(stores[0].begin(&id(2), &family, later(0)));
        let taken = told(stores[1].take(&presented(2, 10), &successor(11), NOW));
        assert!(matches!(taken, Presentation::Taken(_)));
        told(stores[2].end(&id(2), later(900), NOW));
        let ended = Instant::now();
        while stores.iter().any(|store| revoked(store, 2) != Ok(true)) {
            assert!(ended.elapsed() < Duration::from_secs(1), "it is pushed to all of them");
        }
    }
}

#[test]
fn keys_that_move_to_another_server_are_followed_and_nothing_is_lost() {
    let cluster = Cluster::start();
    let slot = slot(&cluster.servers[0], "portcullis");
    let from = cluster.owner(&slot);
    let to = (from + 1) % 3;
    // By the one that has never had them.
    let options = cluster.servers[(from + 2) % 3].options();
    options.initialise().unwrap();
    let store = options.connect().unwrap();
    let budget = Budget::new("hourly", &[limit(4, 3600)], Algorithm::TokenBucket);
    let charge = [one(&budget, b"ada")];
    assert!(admits(&store, &charge) && admits(&store, &charge));
    told(store.revoke(&id(3), later(900), NOW));

    let [old, new] = [from, to].map(|at| &cluster.servers[at]);
    let [old_name, new_name] = [old, new].map(|server| server.ask(&["CLUSTER", "MYID"]));
    let port = new.port().to_string();
    assert_eq!(new.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &old_name]), "OK");
    assert_eq!(old.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &new_name]), "OK");
    until("all is moved", || {
        let keys = old.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"]);
        for key in keys.lines().filter(|key| !key.is_empty()) {
            old.ask(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
        }
        keys.is_empty()
    });
    for server in [new, old, &cluster.servers[3 - from - to]] {
        assert_eq!(server.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &new_name]), "OK");
    }
    assert_ne!(new.ask(&["GET", "{portcullis}:epoch"]), "");

    until("it is found", || store.health().condition == Condition::Up && store.health().push);
    until("it answers", || revoked(&store, 3) == Ok(true));
    // One whose answer was a redirection was not charged.
    let admitted = (0..6).filter(|_| admits(&store, &charge)).count();
    assert_eq!(admitted, 2);
}

#[test]
fn a_cluster_that_lost_the_server_of_the_keys_is_away_until_it_is_back() {
    let mut cluster = Cluster::start();
    let slot = slot(&cluster.servers[0], "portcullis");
    let owner = cluster.owner(&slot);
    let options = cluster.servers[(owner + 1) % 3].options();
    options.initialise().unwrap();
    let store = options.connect().unwrap();
    let budget = Budget::new("hourly", &[limit(2, 3600)], Algorithm::TokenBucket);
    let charge = [one(&budget, b"ada")];
    assert!(admits(&store, &charge));
    cluster.servers[owner].kill();
    until("it is noticed", || store.health().condition != Condition::Up);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(answer(store.charge(&charge, NOW)), Err(Unavailable));
    cluster.servers[owner].run();
    until("it is back", || answer(store.charge(&charge, NOW)).is_ok());
    assert!(!admits(&store, &charge), "one of two was charged before");
}
