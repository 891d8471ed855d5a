//! Made-up conditions, of what may be named where they stand.

use super::Dice;

/// Who may be the caller where a condition stands.
#[derive(Clone, Copy, PartialEq, Default)]
pub(super) enum Caller {
    /// Nobody, or anybody: nothing is known.
    #[default]
    Unknown,
    /// A caller with `access`.
    Access,
    /// A caller with any credential.
    Any,
}

/// What a condition may speak of.
#[derive(Clone, Copy, Default)]
pub(super) struct Scope {
    pub(super) caller: Caller,
    pub(super) action: bool,
    pub(super) params: bool,
    pub(super) body: bool,
    pub(super) item: bool,
    pub(super) shelf: bool,
    pub(super) predicates: bool,
    /// Whether this is a predicate: where it tightens, an attribute of the caller needs no guard.
    pub(super) in_predicate: bool,
    pub(super) sense: Sense,
}

impl Scope {
    pub(super) fn loosening(self) -> Scope {
        Scope { sense: Sense::Loosens, ..self }
    }

    pub(super) fn choosing(self) -> Scope {
        Scope { sense: Sense::Chooses, ..self }
    }

    fn negated(self) -> Scope {
        let sense = match self.sense {
            Sense::Tightens => Sense::Loosens,
            Sense::Loosens => Sense::Tightens,
            Sense::Chooses => Sense::Chooses,
        };
        Scope { sense, ..self }
    }
}

/// What it does that a condition is false.
#[derive(Clone, Copy, PartialEq, Default)]
pub(super) enum Sense {
    #[default]
    Tightens,
    Loosens,
    Chooses,
}

pub(super) fn condition(dice: &mut Dice, depth: usize, scope: Scope) -> String {
    if depth > 0 && dice.chance(2) {
        let kind = dice.below(3);
        let mut inner = |scope| condition(dice, depth - 1, scope);
        return match kind {
            0 => format!("({} and {})", inner(scope), inner(scope)),
            1 => format!("({} or {})", inner(scope), inner(scope)),
            _ => format!("(not {})", inner(scope.negated())),
        };
    }
    let tightens = scope.sense == Sense::Tightens;
    let unguarded = tightens || (!scope.in_predicate && scope.caller != Caller::Unknown);
    let caller = if scope.in_predicate && !tightens { Caller::Unknown } else { scope.caller };
    let scope = Scope { caller, ..scope };
    let mut atoms: Vec<&str> = vec![
        "true",
        "false",
        "caller is low_r",
        "caller is [mid_r, top_r]",
        "caller is anonymous",
        "caller can read:b",
        "exists caller",
        "now > 2026-01-01T00:00:05Z",
        "cap > 2",
        "who == \"host-who\"",
        "(exists caller.id and caller.id == \"u1\")",
        "(caller.id else \"u2\") == \"u2\"",
        "(exists caller.tier and caller.tier >= mid)",
        // The one credential has it, the other has not: also where only that is accepted.
        "(exists caller.tenant and caller.tenant == \"t1\")",
        "(not exists caller.age or caller.age > 3)",
    ];
    if scope.caller == Caller::Access || scope.caller == Caller::Any {
        // Who is always there has always an id.
        atoms.retain(|atom| !atom.contains("caller.id else") && !atom.contains("exists caller.id"));
        atoms.extend([
            "caller.id == \"u1\"",
            "caller.id in [\"u1\", \"u2\"]",
            "caller.id != \"u2\"",
            "(not exists caller.tier or caller.tier == high)",
        ]);
    }
    if scope.caller == Caller::Access {
        atoms.extend([
            "(caller.tenant else \"t1\") == \"t1\"",
            "not exists caller.age",
            "(exists caller.age and caller.age in 3..8)",
            "(exists caller.since and caller.since within 30s)",
            "(exists caller.since and caller.since older than 5s)",
            "(caller.vip else false)",
        ]);
    }
    if !scope.action {
        atoms.extend([
            "request.method == \"GET\"",
            "request.ip in 10.0.0.0/8",
            "request.ip in [192.0.2.0/24, 2001:db8::/32]",
            "request.ip in ::ffff:192.0.2.0/120",
            "request.ip in office",
            "request.host == \"h.example\"",
            "request.path in [\"/a\", \"/a/b\"]",
            "(exists request.origin and request.origin == \"https://a.example\")",
            "(request.origin else \"none\") != \"null\"",
        ]);
    }
    if scope.params {
        atoms.extend(["params.id == params.id"]);
    }
    if scope.body {
        atoms.extend([
            "body.kind == \"x\"",
            "body.name != \"n\"",
            "(exists body.ref)",
            "not exists body.ref",
        ]);
    }
    if scope.item {
        atoms.extend([
            "item.total > cap",
            "item.total in 1..5",
            "item.state == paid",
            "item.state < shipped",
            "item.state in [open, shipped]",
            "item.flag",
            "\"t\" in item.tags",
            "exists item.note",
            "(item.note else \"\") == \"n\"",
            "item.made within 20s",
            "item.made older than 5s",
            "item.addr in 10.0.0.0/8",
            "item.owner == \"u1\"",
            "item.total <= 3",
            "item.state != open",
            "item.holder.vip",
            "item.holder.name == \"n\"",
            "item.holder.known",
            "exists item.backup",
            "(exists item.backup and item.backup.vip)",
            "(exists item.backup and item.backup.known)",
            "(exists item.backup.boss and item.backup.boss.vip)",
        ]);
        if scope.caller != Caller::Unknown {
            atoms.extend(["item.owner == caller.id", "caller.id in item.tags"]);
        } else {
            atoms.extend([
                "(exists caller and item.owner == caller.id)",
                "(exists caller.id and caller.id in item.tags)",
            ]);
        }
        if unguarded {
            atoms.push("item.holder.me");
        }
        if scope.predicates {
            atoms.extend(["other", "(exists caller and mine)", "(not exists caller.id or mine)"]);
        }
        if scope.predicates && unguarded {
            atoms.extend(["mine", "item.mine", "both"]);
        }
    }
    if scope.shelf {
        atoms.extend(["shelf.open", "shelf.level >= 2", "shelf.level == cap"]);
        if scope.caller != Caller::Unknown {
            atoms.extend(["shelf.code == caller.id"]);
        } else {
            atoms.extend(["(exists caller and shelf.code == caller.id)"]);
        }
        if scope.predicates {
            atoms.push("(exists caller and near)");
        }
        if scope.predicates && unguarded {
            atoms.extend(["near", "shelf.near"]);
        }
    }
    dice.one(&atoms).to_owned()
}

/// `when A unless B`, where B has the opposite sense of A.
pub(super) fn when(dice: &mut Dice, scope: Scope) -> String {
    either(dice, scope, scope.negated())
}

/// The same of what is required, where B is as good as A.
pub(super) fn required(dice: &mut Dice, scope: Scope) -> String {
    either(dice, scope, scope)
}

fn either(dice: &mut Dice, scope: Scope, unless: Scope) -> String {
    let when = condition(dice, 2, scope);
    if dice.chance(3) {
        format!("when {when} unless {}", condition(dice, 1, unless))
    } else {
        format!("when {when}")
    }
}
