//! Nothing is allocated on the way to "admit" of a request without a body.

use portcullis::Value;

use crate::{ID, Order, PATH, engine, request};

#[test]
fn nothing_is_allocated_on_the_way_to_admit() {
    let engine = engine();
    let caller = engine
        .caller("access", [("id", Value::Text("u1")), ("role", Value::Text("user"))])
        .unwrap();
    let order = Order::of("u1");
    assert_eq!(order.id, ID);
    let counted = format!("{PATH}/counted");
    for target in [PATH, counted.as_str()] {
        let decide = || {
            let accepted = engine
                .admit_as(request("GET", target), Some(&caller))
                .unwrap()
                .input(None)
                .unwrap();
            accepted.object(Some(&order)).unwrap();
        };
        // The first charge of a key makes its entry.
        decide();
        let measured = allocation_counter::measure(decide);
        assert_eq!(measured.count_total, 0, "{target}: {measured:?}");
    }
}
