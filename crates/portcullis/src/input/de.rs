//! From what was kept to the application's own type, with no tree in between.

use portcullis_compiler::plan::{Constant, Field, FieldType, Plan, Rule};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::Kept;
use super::text::{plain, written};

/// A value to be handed over.
#[derive(Clone, Copy)]
pub(super) enum Node<'a> {
    Absent,
    Null,
    Int(i64),
    Uuid(u128),
    Text(&'a str),
    Constant(&'a Constant),
    List(&'a [Kept]),
    Object(&'a [Kept]),
}

/// An object of these fields, by their names in the policy; what is absent is left out.
pub(super) fn object<'a, T: DeserializeOwned>(
    fields: impl Iterator<Item = (&'a Field, Node<'a>)>,
    plan: &'a Plan,
) -> Option<T> {
    let members = fields.filter(|(_, node)| !matches!(node, Node::Absent));
    let members =
        members.map(|(field, node)| (field.name.as_str(), Typed { node, rule: &field.rule, plan }));
    T::deserialize(MapDeserializer::<_, Mismatch>::new(members)).ok()
}

/// The application's type is another. What was sent stays out of any message.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the type does not fit what the policy declares")]
struct Mismatch;

impl serde::de::Error for Mismatch {
    fn custom<T: std::fmt::Display>(_: T) -> Mismatch {
        Mismatch
    }
}

#[derive(Clone, Copy)]
struct Typed<'a> {
    node: Node<'a>,
    rule: &'a Rule,
    plan: &'a Plan,
}

impl<'de> IntoDeserializer<'de, Mismatch> for Typed<'de> {
    type Deserializer = Typed<'de>;

    fn into_deserializer(self) -> Typed<'de> {
        self
    }
}

impl<'de> Typed<'de> {
    fn constant<V: Visitor<'de>>(
        self,
        value: &'de Constant,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match (value, &self.rule.kind) {
            (Constant::Text(text), _) => visitor.visit_borrowed_str(text),
            (Constant::Int(value), _) => visitor.visit_i64(*value),
            (Constant::Number(value), _) => visitor.visit_f64(*value),
            (Constant::Bool(value), _) => visitor.visit_bool(*value),
            (Constant::Duration(nanos), _) => visitor.visit_i64(nanos / 1_000_000_000),
            (Constant::List(values), FieldType::List(element)) => {
                let elements = values.iter().map(|value| Typed {
                    node: Node::Constant(value),
                    rule: element,
                    plan: self.plan,
                });
                visitor.visit_seq(SeqDeserializer::new(elements))
            }
            (other, _) => visitor.visit_string(written(other, plain(self.rule), self.plan)),
        }
    }
}

impl<'de> Deserializer<'de> for Typed<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let Typed { node, rule, plan } = self;
        match (node, &rule.kind) {
            (Node::Absent | Node::Null, _) => visitor.visit_unit(),
            (Node::Int(value), _) => visitor.visit_i64(value),
            (Node::Uuid(value), _) => {
                visitor.visit_string(uuid::Uuid::from_u128(value).to_string())
            }
            (Node::Text(text), _) => visitor.visit_borrowed_str(text),
            (Node::Constant(value), _) => self.constant(value, visitor),
            (Node::List(elements), FieldType::List(rule)) => {
                let elements = elements.iter().map(|kept| Typed { node: kept.node(), rule, plan });
                visitor.visit_seq(SeqDeserializer::new(elements))
            }
            (Node::Object(kept), FieldType::Input(shape)) => {
                let fields = shape.fields.iter().zip(kept.iter().map(Kept::node));
                let fields = fields.filter(|(_, node)| !matches!(node, Node::Absent));
                let fields = fields.map(|(field, node)| {
                    (field.name.as_str(), Typed { node, rule: &field.rule, plan })
                });
                visitor.visit_map(MapDeserializer::new(fields))
            }
            (Node::List(_) | Node::Object(_), _) => Err(Mismatch),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.node {
            Node::Absent | Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant without fields, by its name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Typed<'de> {
    type Error = Mismatch;
    type Variant = Unit;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Unit), Mismatch> {
        seed.deserialize(self).map(|variant| (variant, Unit))
    }
}

/// What stands behind the name of a variant: nothing.
struct Unit;

impl<'de> VariantAccess<'de> for Unit {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, Mismatch> {
        Err(Mismatch)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Mismatch> {
        Err(Mismatch)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Mismatch> {
        Err(Mismatch)
    }
}
