//! crAPI, a deliberately vulnerable API of OWASP's: its known flaws are findings, or a TODO each.
//!
//! Its description is not part of this repository: `PORTCULLIS_VECTORS` names the folder of the vectors.

use std::path::PathBuf;

use portcullis_lint::lint;
use portcullis_openapi::{Description, Imported, Todo, drift, import};

use crate::{compiled, declared, holds, plan};

fn crapi() -> Option<(Description, Imported)> {
    let folder = std::env::var_os("PORTCULLIS_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!("skipped: no folder {}; PORTCULLIS_VECTORS names another", folder.display());
        return None;
    }
    let bytes = std::fs::read(folder.join("openapi/crapi.json")).unwrap();
    let description = Description::read("crapi.json", &bytes).unwrap();
    let found = import(&description, None).unwrap();
    holds(&found);
    Some((description, found))
}

#[test]
fn every_operation_is_a_route() {
    let Some((description, found)) = crapi() else { return };
    let counts = (found.report.routes, found.report.public, found.report.closed);
    assert_eq!(counts, (44, 10, 0), "44 operations, 10 of them public");
    let compilation = compiled(&found);
    assert_eq!(drift(&description, plan(&compilation), None).unwrap(), []);
}

#[test]
fn its_known_flaws_are_shown() {
    let Some((_, found)) = crapi() else { return };
    let compilation = compiled(&found);
    let findings = lint(&compilation);
    let flagged = |code: &str, route: &str| {
        let text = declared(&found, route);
        findings.iter().any(|finding| {
            let place = finding.span().map(|span| {
                compilation.sources.file(span.file).unwrap().text[span.start as usize..].to_owned()
            });
            // It stands in the route's own text.
            finding.code.as_str() == code
                && place.is_some_and(|place| {
                    let line = place.lines().next().unwrap();
                    text.contains(line)
                })
        })
    };
    let todo = |beginning: &str, what: &str| {
        let text = declared(&found, beginning);
        assert!(text.contains("// TODO: ") && text.contains(what), "{what}:\n{text}");
    };
    // Broken object level authorization: another's vehicle, reports, orders, videos.
    for route in [
        "route GET /identity/api/v2/vehicle/{vehicle_id}/location",
        "route GET /workshop/api/mechanic/mechanic_report",
        "route GET /workshop/api/shop/orders/{order_id}",
        "route PUT /workshop/api/shop/orders/{order_id}",
        "route POST /workshop/api/shop/orders/return_order",
        "route PUT /identity/api/v2/user/videos/{video_id}",
    ] {
        assert!(flagged("unchecked_object", route), "{route}");
        todo(route, "Nobody gets one until this says whose");
    }
    // Broken function level authorization: an admin's route that any token opens.
    todo("route DELETE /identity/api/v2/admin/videos/{video_id}", "which permission is needed?");
    todo("route GET /workshop/api/management/users/all", "which permission is needed?");
    // No limit on passwords, codes and resets.
    for route in ["auth/login", "auth/v2/check-otp", "auth/v3/check-otp", "auth/forget-password"] {
        todo(&format!("route POST /identity/api/{route}"), "add budgets by account");
    }
    // Excessive data exposure.
    todo("resource author", "may everybody who gets this see `email`, `vehicleid`?");
    todo("resource vehicle_location", "`latitude`, `longitude`");
    todo("resource user", "`email`");
    // Mass assignment: an order's status is in no input, and so dropped; these a client may send.
    assert!(!declared(&found, "input product_quantity").contains("status"));
    todo("input video_form", "may a client say what `id` is?");
    todo("input new_product", "may a client say what `price` is?");
    todo("input apply_coupon_request", "may a client say what `amount` is?");
    // Server-side request forgery.
    todo("input contact_mechanic", "does the service fetch `mechanic_api`?");
    assert!(found.report.todos[&Todo::Fetch] >= 3);
}
