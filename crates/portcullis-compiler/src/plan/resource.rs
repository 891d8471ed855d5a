//! Objects: their attributes and views.

/// A resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its name in the policy.
    pub name: String,
    /// Its attributes, by slot.
    pub attributes: Vec<Attribute>,
    /// The slots of its key, in the order of the text.
    pub key: Vec<usize>,
    /// Its views.
    pub views: Vec<View>,
}

/// An attribute of a resource.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its name, in the policy and in the application's type.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether it is in no view, no condition and no sort.
    pub secret: bool,
    /// Whether a condition or a key of some route reads it: then the application's type must
    /// have it.
    pub read: bool,
}

/// The types of attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// 64 bits.
    Int,
    /// Finite.
    Number,
    /// `true` or `false`.
    Bool,
    /// An instant.
    Time,
    /// A length of time.
    Duration,
    /// An address.
    Ip,
    /// An address block.
    Network,
    /// A UUID.
    Uuid,
    /// A URL, as text.
    Url,
    /// A value of the enum with this index.
    Enumeration(usize),
    /// An object of the resource with this index.
    Resource(usize),
    /// A list of them.
    List(Box<Type>),
}

/// An enum.
#[derive(Debug, Clone)]
pub struct Enumeration {
    /// Its name.
    pub name: String,
    /// Its values: name in the policy and name outside, in their order.
    pub members: Vec<(String, String)>,
}

/// The fields that may leave.
#[derive(Debug, Clone)]
pub struct View {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub fields: Vec<ShownField>,
}

/// One field of a view.
#[derive(Debug, Clone)]
pub struct ShownField {
    /// The attribute's slot.
    pub attribute: usize,
    /// What the outside calls it.
    pub wire: String,
    /// The view of the nested object or objects, by its place among the views of their resource;
    /// nothing for a plain value.
    pub view: Option<usize>,
}
