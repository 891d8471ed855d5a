//! Who may call: security requirements as `accept`, `public` and `needs`.

use indexmap::{IndexMap, IndexSet};

use super::text::one_line;
use super::{Importer, Todo};
use crate::Error;
use crate::name::{Names, snake};
use crate::node::Node;
use crate::operation::Operation;
use crate::read::Description;
use crate::reference::resolve;

/// The longest permission that is made; the language takes names of 64 characters.
const LONGEST: usize = 56;

/// A security scheme.
#[derive(Debug)]
pub(super) struct Scheme<'n> {
    pub(super) credential: String,
    pub(super) node: &'n Node,
    /// Whether some route accepts it.
    pub(super) used: bool,
}

impl Scheme<'_> {
    fn kind(&self) -> &str {
        self.node.text_of("type").unwrap_or("")
    }

    /// Whether it comes as a token that says of itself whose it is.
    pub(super) fn is_jwt(&self) -> bool {
        let bearer = self.node.text_of("scheme").is_some_and(|s| s.eq_ignore_ascii_case("bearer"));
        matches!(self.kind(), "oauth2" | "openIdConnect") || self.kind() == "http" && bearer
    }
}

/// The security schemes of a description, by what it calls them.
pub(super) fn schemes(description: &Description) -> Result<IndexMap<&str, Scheme<'_>>, Error> {
    let found = description.root.get("components").and_then(|all| all.get("securitySchemes"));
    let mut names = Names::default();
    let mut schemes = IndexMap::new();
    for (wire, node) in found.into_iter().flat_map(Node::members) {
        let node = resolve(&description.root, node)?.node;
        let credential = names.unique(&snake(wire));
        schemes.insert(wire, Scheme { credential, node, used: false });
    }
    Ok(schemes)
}

/// Who may call a route.
pub(super) struct Entry {
    pub(super) lines: Vec<String>,
    /// Everybody may.
    pub(super) public: bool,
    /// Nobody may, until a person has decided.
    pub(super) closed: bool,
    /// No permission is asked for.
    pub(super) open: bool,
}

/// The texts of a list, each once; nothing where it is no list, or holds anything else.
fn texts(node: &Node) -> Option<Vec<&str>> {
    match node {
        Node::List(listed) => {
            let texts = listed.iter().map(Node::text).collect::<Option<IndexSet<&str>>>();
            texts.map(|texts| texts.into_iter().collect())
        }
        _ => None,
    }
}

/// One way to be let in: schemes that must all be there, with their scopes.
type Way<'n> = Vec<(usize, Vec<&'n str>)>;

impl<'n> Importer<'n> {
    /// Who may call an operation. Whom the description does not name is not let in.
    pub(super) fn entry(&mut self, operation: &Operation<'n>, title: &str) -> Result<Entry, Error> {
        let Some(security) = operation.security else {
            return Ok(self.closed("the description does not say who may call this"));
        };
        let Node::List(listed) = security else {
            let why = "expected a list behind `security`".to_owned();
            return Err(Error::Malformed { place: title.to_owned(), why });
        };
        let mut lines = Vec::new();
        let mut ways: Vec<Way<'n>> = Vec::new();
        let mut optional = listed.is_empty();
        for way in listed {
            let mut schemes: Way<'n> = Vec::new();
            let mut known = way.object().is_some();
            for (wire, scopes) in way.members() {
                match self.schemes.get_index_of(wire) {
                    Some(found) => match texts(scopes) {
                        Some(scopes) => schemes.push((found, scopes)),
                        // A scope that is passed over would be a permission that nobody needs.
                        None => {
                            known = false;
                            let what = format!(
                                "the scopes of `{}`, which are no list of texts",
                                one_line(wire)
                            );
                            lines.push(self.report.lost(title, &what));
                        }
                    },
                    None => {
                        known = false;
                        let what = format!(
                            "the security scheme `{}`, which nothing declares",
                            one_line(wire)
                        );
                        lines.push(self.report.lost(title, &what));
                    }
                }
            }
            match schemes.len() {
                _ if !known => {}
                0 => optional = true,
                1 => ways.push(schemes),
                _ => lines.push(self.report.lost(title, "two credentials at once")),
            }
        }
        if ways.is_empty() && !optional {
            let mut entry =
                self.closed("no credential of the language is what the description asks for");
            lines.append(&mut entry.lines);
            return Ok(Entry { lines, ..entry });
        }
        let accepted = self.accepted(ways.iter().flatten().map(|(scheme, _)| *scheme));
        if optional {
            lines.push(if ways.is_empty() { "public" } else { "public optional" }.to_owned());
            if !ways.is_empty() {
                lines.push(accepted);
            }
            return Ok(Entry { lines, public: true, closed: false, open: true });
        }
        lines.push(accepted);
        let ways: Vec<(usize, Vec<&'n str>)> = ways.into_iter().flatten().collect();
        self.needed(&ways, title, &mut lines);
        let open = ways.iter().all(|(_, scopes)| scopes.is_empty());
        Ok(Entry { lines, public: false, closed: false, open })
    }

    fn accepted(&mut self, found: impl Iterator<Item = usize>) -> String {
        let found: IndexSet<usize> = found.collect();
        let mut names = Vec::new();
        for scheme in found {
            if let Some((_, scheme)) = self.schemes.get_index_mut(scheme) {
                scheme.used = true;
                names.push(scheme.credential.clone());
            }
        }
        format!("accept [{}]", names.join(" "))
    }

    /// A route that nobody may call. It still says which credential it will take.
    fn closed(&mut self, why: &str) -> Entry {
        let text = format!("{why}: nobody may, until this says who");
        let all = 0..self.schemes.len();
        let accepted = match self.schemes.is_empty() {
            true => "accept [access]".to_owned(),
            false => self.accepted(all),
        };
        let lines =
            vec![accepted, self.report.todo(Todo::Access, &text), "allow when false".to_owned()];
        Entry { lines, public: false, closed: true, open: false }
    }

    /// What a caller needs: the scopes of one way of several, each with its scheme.
    fn needed(&mut self, ways: &[(usize, Vec<&'n str>)], title: &str, lines: &mut Vec<String>) {
        if ways.iter().all(|(_, scopes)| scopes.is_empty()) {
            let text = "any good credential will do: which permission is needed?";
            lines.push(self.report.todo(Todo::Scope, text));
            lines.push("signed_in".to_owned());
            return;
        }
        let all: IndexSet<&str> =
            ways.iter().flat_map(|(_, scopes)| scopes.iter().copied()).collect();
        let permissions: Vec<String> = all.iter().map(|scope| self.permission(scope)).collect();
        // A permission does not say by which credential somebody has it: of two schemes the one would do
        // for what the description asks of the other.
        let one_scheme = ways.windows(2).all(|two| matches!(two, [one, other] if one.0 == other.0));
        let one_each = one_scheme && ways.iter().all(|(_, scopes)| scopes.len() == 1);
        let alike = ways.iter().all(|(_, scopes)| scopes.len() == all.len());
        let clause = match permissions.as_slice() {
            [only] if alike => format!("needs {only}"),
            _ if alike => format!("needs [{}]", permissions.join(" ")),
            _ if one_each => format!("needs any [{}]", permissions.join(" ")),
            _ => {
                // Tighter than the description, which nobody is let in by.
                lines.push(
                    self.report.lost(title, "one set of scopes of several: all are asked for"),
                );
                format!("needs [{}]", permissions.join(" "))
            }
        };
        lines.push(clause);
    }

    /// The permission that a scope names.
    fn permission(&mut self, scope: &'n str) -> String {
        if let Some(known) = self.permissions.get(scope) {
            return known.clone();
        }
        // Of a URL its path says what it is.
        let bare = scope
            .split_once("://")
            .map(|(_, rest)| rest.split_once('/').map_or(rest, |(_, path)| path));
        let bare = bare.filter(|bare| !bare.is_empty()).unwrap_or(scope);
        let mut parts: Vec<String> =
            bare.split([':', '.', '/']).filter(|part| !part.is_empty()).map(snake).collect();
        if parts.len() < 2 {
            parts.insert(0, "scope".to_owned());
            parts.resize_with(2, || "unnamed".to_owned());
        }
        let last = parts.split_off(3.min(parts.len() - 1)).join("_");
        parts.push(last);
        let mut wanted = parts.join(":");
        if wanted.len() > LONGEST {
            wanted = format!("scope:{}", snake(scope));
        }
        let permission = self.permission_names.unique(&wanted);
        self.permissions.insert(scope, permission.clone());
        permission
    }
}
