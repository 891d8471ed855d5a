//! Two processes of the shop behind one Redis, and a client that goes from one to the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

mod process;
#[allow(dead_code, reason = "the store's own tests need more of it")]
#[path = "../../../../crates/portcullis-redis/tests/redis/server.rs"]
mod server;
#[allow(dead_code, reason = "the store's own tests need more of it")]
#[path = "../../../../crates/portcullis-redis/tests/redis/wait.rs"]
mod wait;

use std::thread;
use std::time::{Duration, Instant};

use process::{Answer, Shop, initialise};
use serde_json::json;
use server::Server;
use shop::store::PASSWORD;
use shop::token;
use wait::until;

fn two(server: &Server) -> [Shop; 2] {
    [Shop::open(&server.url()), Shop::open(&server.url())]
}

fn sign_in(shop: &Shop) -> Answer {
    let body = json!({ "email": "alice@shop.example", "password": PASSWORD });
    let answer = shop.post("/api/auth/login", &[], &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

fn refresh(shop: &Shop, cookie: &str) -> Answer {
    let headers = [("Cookie", cookie), ("Origin", "http://localhost:3000")];
    shop.post("/api/auth/refresh", &headers, &json!({}))
}

fn profile(shop: &Shop, bearer: &str) -> u16 {
    shop.get("/api/profile", &[("Authorization", bearer)]).status
}

fn forgot(shop: &Shop, name: &str) -> u16 {
    let body = json!({ "email": format!("{name}@shop.example") });
    shop.post("/api/auth/forgot-password", &[], &body).status
}

#[test]
fn a_session_goes_from_one_to_the_other_and_ends_on_both() {
    let server = Server::start();
    let shops = two(&server);
    let mut answer = sign_in(&shops[0]);
    let first = answer.bearer();
    for turn in 1..7 {
        let before = answer.cookie();
        answer = refresh(&shops[turn % 2], &before);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_ne!(answer.cookie(), before);
        let bearer = answer.bearer();
        assert_eq!(shops.each_ref().map(|shop| profile(shop, &bearer)), [200, 200]);
    }

    let (cookie, bearer) = (answer.cookie(), answer.bearer());
    let headers =
        [("Cookie", &*cookie), ("Authorization", &*bearer), ("Origin", "http://localhost:3000")];
    let out = shops[0].post("/api/auth/logout", &headers, &json!({}));
    assert_eq!(out.status, 204, "{out:?}");
    let ended = Instant::now();
    while profile(&shops[1], &bearer) != 401 {
        assert!(ended.elapsed() < Duration::from_secs(1), "it is good for a second");
    }
    for shop in &shops {
        assert_eq!([profile(shop, &first), profile(shop, &bearer)], [401, 401]);
        assert_eq!(refresh(shop, &cookie).status, 401);
    }
}

#[test]
fn a_budget_is_one_for_both() {
    let server = Server::start();
    let shops = two(&server);
    let statuses: Vec<_> = (0..10).map(|turn| forgot(&shops[turn % 2], "bob")).collect();
    assert_eq!(statuses, [204, 204, 204, 204, 204, 429, 429, 429, 429, 429]);

    // The same from both at once.
    let admitted: usize = thread::scope(|scope| {
        let asking = shops
            .each_ref()
            .map(|shop| scope.spawn(|| (0..8).filter(|_| forgot(shop, "carol") == 204).count()));
        asking.map(|asking| asking.join().unwrap()).iter().sum()
    });
    assert_eq!(admitted, 5);
}

#[test]
fn without_redis_both_refuse_and_nothing_is_lost_by_its_end() {
    let mut server = Server::start();
    let shops = two(&server);
    let products = || shops.each_ref().map(|shop| shop.get("/api/products", &[]).status);
    let answer = sign_in(&shops[0]);
    let revoked = sign_in(&shops[1]);
    let bearer = revoked.bearer();
    let cookie = revoked.cookie();
    let headers = [("Cookie", &*cookie), ("Authorization", &*bearer)];
    assert_eq!(shops[1].post("/api/auth/logout", &headers, &json!({})).status, 204);
    for turn in 0..5 {
        assert_eq!(forgot(&shops[turn % 2], "bob"), 204);
    }

    server.kill();
    until("both refuse", || products() == [503, 503]);
    for shop in &shops {
        assert_eq!(profile(shop, &answer.bearer()), 503);
        assert_eq!(refresh(shop, &answer.cookie()).status, 503);
        assert_eq!(forgot(shop, "dan"), 503);
        // What needs no store is refused for what it is.
        assert_eq!(shop.get("/api/nowhere", &[]).status, 404);
        assert_eq!(profile(shop, "Bearer of.bad.news"), 401);
    }

    server.run();
    until("both are back", || products() == [200, 200]);
    for shop in &shops {
        assert_eq!(profile(shop, &answer.bearer()), 200);
        assert_eq!(profile(shop, &bearer), 401);
        assert_eq!(forgot(shop, "bob"), 429);
    }
    assert_eq!(refresh(&shops[1], &answer.cookie()).status, 200);
    assert_eq!(refresh(&shops[0], &cookie).status, 401);
}

#[test]
fn a_redis_that_came_back_empty_is_not_gone_by_until_somebody_says_so() {
    let mut server = Server::start();
    let shops = two(&server);
    let products = || shops.each_ref().map(|shop| shop.get("/api/products", &[]).status);
    let bearer = sign_in(&shops[0]).bearer();
    server.kill();
    until("both refuse", || products() == [503, 503]);
    server.forget();
    server.run();
    // For far longer than a node takes to come back.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        assert_eq!(products(), [503, 503]);
        assert_eq!(profile(&shops[0], &bearer), 503);
        thread::sleep(Duration::from_millis(100));
    }
    let new = process::refuses_to_open(&server.url());
    assert!(new.contains("shop init-store"), "{new}");

    initialise(&server.url());
    until("both go by it", || products() == [200, 200]);
    assert_eq!(shops.each_ref().map(|shop| profile(shop, &bearer)), [200, 200]);
}

#[test]
fn a_token_of_the_command_line_is_good_on_both() {
    let server = Server::start();
    let bearer = format!("Bearer {}", token::mint("alice", "user").unwrap());
    assert_eq!(two(&server).each_ref().map(|shop| profile(shop, &bearer)), [200, 200]);
}
