//! List filters: what is left of a list's conditions once caller and input are known, as a tree to
//! walk and as SQL. A filter spares the data store rows that would not be shown; it decides
//! nothing: each row that comes back is asked again.

mod node;
mod residual;
mod sql;

use portcullis_compiler::plan::Route;

use crate::condition::World;
use crate::proof::{Accepted, Loaded, Nothing};
use crate::refusal::Refusal;

pub use node::{Attribute, FilterValue, Node, Term};
pub use portcullis_compiler::plan::Comparison;
pub use sql::{Dialect, FilterError, Sql, SqlOptions, SqlValue};

/// What is left of a list's conditions once the caller and the input are known.
///
/// It holds for every row that the check shows, and for no other where it is
/// [exact](Filter::is_exact).
#[derive(Debug, Clone)]
pub struct Filter {
    root: Node,
}

impl Filter {
    /// The tree to walk.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Whether the tree says all that the check asks: there is no [`Node::Unknown`] in it.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.root.is_exact()
    }

    /// The filter as the text of a condition, to be put behind `WHERE`, and the values of its
    /// placeholders. No value is ever part of the text.
    ///
    /// What SQL cannot say is taken to hold: see [`Sql::is_exact`].
    ///
    /// # Errors
    /// The filter reads an attribute for which there is no column.
    pub fn sql(&self, options: &SqlOptions<'_>) -> Result<Sql, FilterError> {
        sql::write(&self.root, options)
    }

    fn new(route: &Route, world: World<'_>) -> Result<Filter, Refusal> {
        let residual = residual::Residual::new(route, world).ok_or_else(Refusal::service_fault)?;
        Ok(Filter { root: residual.checks(&route.rows) })
    }
}

impl Accepted<'_> {
    /// What is left of the conditions on the rows of a list, for the data store.
    ///
    /// The rows that it lets through are still to be handed to [`list`](Accepted::list).
    ///
    /// # Errors
    /// The route lists nothing, or loads objects too, whose proof gives the filter then: a fault of
    /// the service.
    pub fn filter(&self) -> Result<Filter, Refusal> {
        self.filter_with(&Nothing)
    }

    pub(crate) fn filter_with(&self, loaded: &dyn Loaded) -> Result<Filter, Refusal> {
        let route = self.route()?;
        self.ask(loaded, |world| Filter::new(route, world))
    }
}
