//! The serializer that stands between a type and its format.

use serde::Serialize;
use serde::ser::{
    Error, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, Serializer,
};
use smallvec::SmallVec;

use super::key::Key;
use super::probe::is_absent;
use super::{Field, Shape, Shown};

/// Passes to `inner` what a shape lets leave.
pub(super) struct Filter<'a, S> {
    pub(super) inner: S,
    pub(super) shape: &'a Shape,
}

impl<'a, S: Serializer> Filter<'a, S> {
    /// The format, where a plain value may leave.
    fn scalar(self) -> Result<S, S::Error> {
        match self.shape {
            Shape::Scalar => Ok(self.inner),
            Shape::List(_) => Err(S::Error::custom("a plain value stands for a list")),
            Shape::Object(_) => Err(S::Error::custom("a plain value stands for an object")),
            Shape::Hidden => Err(S::Error::custom("no view shows this object")),
        }
    }

    fn list(self, length: Option<usize>) -> Result<List<'a, S::SerializeSeq>, S::Error> {
        match self.shape {
            Shape::List(shape) => Ok(List { inner: self.inner.serialize_seq(length)?, shape }),
            _ => Err(S::Error::custom("a list stands where the policy has none")),
        }
    }

    fn object(self) -> Result<Object<'a, S::SerializeMap>, S::Error> {
        match self.shape {
            // How many fields leave is known only once all have been seen.
            Shape::Object(fields) => Ok(Object {
                inner: self.inner.serialize_map(None)?,
                fields,
                seen: SmallVec::from_elem(false, fields.len()),
                key: None,
            }),
            _ => Err(S::Error::custom("an object stands where the policy has none")),
        }
    }
}

fn variant<E: Error>() -> E {
    E::custom("an enum variant with data cannot be filtered")
}

macro_rules! scalars {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.scalar()?.$method(value)
        })+
    };
}

impl<'a, S: Serializer> Serializer for Filter<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = List<'a, S::SerializeSeq>;
    type SerializeTuple = List<'a, S::SerializeSeq>;
    type SerializeTupleStruct = List<'a, S::SerializeSeq>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = Object<'a, S::SerializeMap>;
    type SerializeStruct = Object<'a, S::SerializeMap>;
    type SerializeStructVariant = Impossible<S::Ok, S::Error>;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_char: char,
        serialize_str: &str,
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            self.scalar()?.serialize_f32(value)
        } else {
            Err(S::Error::custom("a number is not finite"))
        }
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            self.scalar()?.serialize_f64(value)
        } else {
            Err(S::Error::custom("a number is not finite"))
        }
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("bytes are no value of the policy"))
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("a value is absent that the policy says is there"))
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<S::Ok, S::Error> {
        self.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.scalar()?.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<S::Ok, S::Error> {
        Err(variant())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        Err(variant())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        Err(variant())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.list(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.list(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.list(Some(length))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.object()
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        self.object()
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A list whose elements are filtered.
pub(super) struct List<'a, Q> {
    inner: Q,
    shape: &'a Shape,
}

impl<Q: SerializeSeq> SerializeSeq for List<'_, Q> {
    type Ok = Q::Ok;
    type Error = Q::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Q::Error> {
        self.inner.serialize_element(&Shown::new(value, self.shape))
    }

    fn end(self) -> Result<Q::Ok, Q::Error> {
        self.inner.end()
    }
}

impl<Q: SerializeSeq> SerializeTuple for List<'_, Q> {
    type Ok = Q::Ok;
    type Error = Q::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Q::Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Q::Ok, Q::Error> {
        SerializeSeq::end(self)
    }
}

impl<Q: SerializeSeq> SerializeTupleStruct for List<'_, Q> {
    type Ok = Q::Ok;
    type Error = Q::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Q::Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Q::Ok, Q::Error> {
        SerializeSeq::end(self)
    }
}

/// An object of which some fields leave.
pub(super) struct Object<'a, M> {
    inner: M,
    fields: &'a [Field],
    seen: SmallVec<[bool; 16]>,
    /// The key that a map has given and whose value is to come.
    key: Option<String>,
}

impl<M: SerializeMap> Object<'_, M> {
    fn entry<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), M::Error> {
        let Some(place) = self.fields.iter().position(|field| field.name == name) else {
            return Ok(()); // not in the view
        };
        let (Some(field), Some(seen)) = (self.fields.get(place), self.seen.get_mut(place)) else {
            return Ok(());
        };
        // A flattened map can say a field again: whose word would it be?
        if std::mem::replace(seen, true) {
            return Err(M::Error::custom(format_args!("the field `{}` stands twice", field.name)));
        }
        if field.optional && is_absent(value) {
            return Ok(());
        }
        self.inner.serialize_entry(&field.wire, &Shown::new(value, &field.shape))
    }
}

impl<M: SerializeMap> SerializeMap for Object<'_, M> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), M::Error> {
        let key = key.serialize(Key).map_err(|_| M::Error::custom("a key is no text"))?;
        self.key = Some(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        let key = self.key.take().ok_or_else(|| M::Error::custom("a value has no key"))?;
        self.entry(&key, value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.inner.end()
    }
}

impl<M: SerializeMap> SerializeStruct for Object<'_, M> {
    type Ok = M::Ok;
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.entry(name, value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.inner.end()
    }
}
