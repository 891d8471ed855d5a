//! From a path and a method to a route.
//!
//! A tree of segments, and not `matchit`: the language lets `{id}` and `{rest...}` stand at one place,
//! which `matchit` refuses to insert.

use std::collections::HashMap;

use ahash::RandomState;
use portcullis_compiler::plan::{Plan, Route, Segment};

use crate::request::Places;

/// The routes of a plan by path: literal segments win over parameters from left to right, parameters
/// over the rest of a path.
#[derive(Default)]
pub(crate) struct Router {
    nodes: Vec<Node>,
}

/// A place in a path.
#[derive(Default)]
struct Node {
    /// The first few, which are compared faster than they are hashed.
    few: Vec<(String, usize)>,
    literals: HashMap<String, usize, RandomState>,
    parameter: Option<usize>,
    /// Routes whose path takes the rest from here.
    rest: Methods,
    /// Routes whose path ends here.
    end: Methods,
    /// Routes whose path ends here with a `/`.
    end_slash: Methods,
}

/// Routes of one path by their methods; none where the path is none.
type Methods = Vec<(String, usize)>;

/// What a path and a method lead to.
pub(crate) enum Found {
    /// A route, and where in the path its parameters stand.
    Route(usize, Places),
    /// Routes have this path; these are their methods.
    OtherMethods(Vec<String>),
    /// No route has this path.
    Nothing,
}

/// Up to so many literals of a node are compared one by one.
const FEW: usize = 4;

impl Node {
    fn child(&self, segment: &str) -> Option<usize> {
        let few = self.few.iter().find(|(known, _)| known == segment).map(|(_, child)| *child);
        match few {
            None if self.few.len() == FEW => self.literals.get(segment).copied(),
            found => found,
        }
    }
}

impl Router {
    /// A router for a plan.
    pub(crate) fn new(plan: &Plan) -> Router {
        let mut router = Router { nodes: vec![Node::default()] };
        for (index, route) in plan.routes.iter().enumerate() {
            let mut at = 0;
            let mut rest = false;
            for segment in &route.segments {
                match segment {
                    Segment::Literal(text) => at = router.literal(at, text),
                    Segment::Parameter(_) => at = router.parameter(at),
                    Segment::Rest(_) => rest = true,
                }
            }
            let slash = route.trailing_slash || route.segments.is_empty();
            let Some(node) = router.nodes.get_mut(at) else { continue };
            let methods = match (rest, slash) {
                (true, _) => &mut node.rest,
                (false, true) => &mut node.end_slash,
                (false, false) => &mut node.end,
            };
            methods.push((route.method.clone(), index));
        }
        router
    }

    fn add(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    fn literal(&mut self, at: usize, text: &str) -> usize {
        let known = self.nodes.get(at).and_then(|node| node.child(text));
        known.unwrap_or_else(|| {
            let child = self.add();
            if let Some(node) = self.nodes.get_mut(at) {
                match node.few.len() {
                    0..FEW => node.few.push((text.to_owned(), child)),
                    _ => {
                        node.literals.insert(text.to_owned(), child);
                    }
                }
            }
            child
        })
    }

    fn parameter(&mut self, at: usize) -> usize {
        let known = self.nodes.get(at).and_then(|node| node.parameter);
        known.unwrap_or_else(|| {
            let child = self.add();
            if let Some(node) = self.nodes.get_mut(at) {
                node.parameter = Some(child);
            }
            child
        })
    }

    /// The route of a path, already decoded, and a method.
    pub(crate) fn find(&self, path: &str, method: &str) -> Found {
        let mut params = Places::new();
        let Some(methods) = self.descend(0, path, 0, &mut params) else { return Found::Nothing };
        let decided = if method == "HEAD" { "GET" } else { method };
        if let Some((_, route)) = methods.iter().find(|(known, _)| known == decided) {
            return Found::Route(*route, params);
        }
        Found::OtherMethods(named(methods))
    }

    /// The methods of the routes of a path, already decoded, in the order of their names; HEAD with GET.
    pub(crate) fn methods(&self, path: &str) -> Vec<String> {
        self.descend(0, path, 0, &mut Places::new()).map_or_else(Vec::new, named)
    }

    /// The routes of what is left of a path, from the `/` at `offset` on. It goes no deeper than the
    /// longest path of the policy, and comes to no node twice.
    fn descend(
        &self,
        at: usize,
        path: &str,
        offset: usize,
        params: &mut Places,
    ) -> Option<&Methods> {
        let node = self.nodes.get(at)?;
        let some = |methods: &'_ Methods| !methods.is_empty();
        if offset >= path.len() {
            return Some(&node.end).filter(|methods| some(methods));
        }
        let start = offset + 1;
        let left = path.get(start..)?;
        let end = memchr::memchr(b'/', left.as_bytes()).map_or(path.len(), |length| start + length);
        let segment = path.get(start..end)?;
        if segment.is_empty() {
            return Some(&node.end_slash).filter(|methods| some(methods));
        }
        if let Some(child) = node.child(segment)
            && let Some(found) = self.descend(child, path, end, params)
        {
            return Some(found);
        }
        // The bound on a target's length keeps these far below 16 bits.
        let clip = |offset: usize| u16::try_from(offset).unwrap_or(u16::MAX);
        if let Some(child) = node.parameter {
            params.push((clip(start), clip(end)));
            if let Some(found) = self.descend(child, path, end, params) {
                return Some(found);
            }
            params.pop();
        }
        if some(&node.rest) {
            params.push((clip(start), clip(path.len())));
            return Some(&node.rest);
        }
        None
    }
}

fn named(methods: &Methods) -> Vec<String> {
    let mut methods = methods.iter().map(|(method, _)| method.clone()).collect::<Vec<_>>();
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".to_owned());
    }
    methods.sort();
    methods
}

/// The route that a request with this method and target would take, for tools that explain a plan.
/// The target has to be normal, like a request's.
#[must_use]
pub fn find_route<'p>(plan: &'p Plan, method: &str, target: &str) -> Option<FoundRoute<'p>> {
    let target = crate::path::parse(target).ok()?;
    let Found::Route(index, places) = Router::new(plan).find(&target.path, method) else {
        return None;
    };
    let text = |(start, end): &(u16, u16)| {
        Some(target.path.get(usize::from(*start)..usize::from(*end))?.to_owned())
    };
    let params = places.iter().map(text).collect::<Option<_>>()?;
    Some(FoundRoute { route: plan.routes.get(index)?, params })
}

/// A route that a tool asked for.
#[derive(Debug)]
pub struct FoundRoute<'p> {
    /// The route.
    pub route: &'p Route,
    /// What stands in the place of each of its parameters, decoded.
    pub params: Vec<String>,
}
