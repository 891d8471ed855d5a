//! Another policy in the place of the one before.

use portcullis::{Policy, Reason, Value};

use crate::{Order, PATH, POLICY, engine, request};

#[test]
fn a_reload_takes_effect_and_a_wrong_policy_leaves_the_last_one() {
    let engine = engine();
    let ask = || {
        let caller = engine
            .caller("access", [("id", Value::Text("u2")), ("role", Value::Text("user"))])
            .unwrap();
        let accepted =
            engine.admit_as(request("GET", PATH), Some(&caller)).unwrap().input(None).unwrap();
        accepted.object(Some(Order::of("u1"))).map(|_| ()).map_err(|refusal| refusal.reason())
    };
    assert_eq!(ask(), Err(Reason::Forbidden));
    let open = POLICY.replace("allow when caller is admin", "allow when caller is user");
    engine.reload(&Policy::parse([("a.gate", open.as_str())]).unwrap()).unwrap();
    assert_eq!(ask(), Ok(()));
    // Reads an attribute that the service's type has not.
    let wider = POLICY.replace("allow when owner", "allow when order.total == 5");
    let wider = Policy::parse([("a.gate", wider.as_str())]).unwrap();
    assert!(engine.reload(&wider).unwrap_err().to_string().contains("lacks `total`"));
    assert_eq!(ask(), Ok(()));
    engine.reload(&Policy::parse([("a.gate", POLICY)]).unwrap()).unwrap();
    assert_eq!(ask(), Err(Reason::Forbidden));
}

#[test]
fn a_reload_does_not_fill_a_drained_budget() {
    let engine = engine();
    let tight = POLICY.replace("1_000_000", "2");
    let tight = Policy::parse([("a.gate", tight.as_str())]).unwrap();
    engine.reload(&tight).unwrap();
    let target = format!("{PATH}/counted");
    let ask = || {
        let caller = engine
            .caller("access", [("id", Value::Text("u1")), ("role", Value::Text("user"))])
            .unwrap();
        engine.admit_as(request("GET", &target), Some(&caller)).map(|_| ()).map_err(|r| r.reason())
    };
    assert_eq!((ask(), ask(), ask()), (Ok(()), Ok(()), Err(Reason::OverBudget)));
    engine.reload(&tight).unwrap();
    assert_eq!(ask(), Err(Reason::OverBudget));
}
