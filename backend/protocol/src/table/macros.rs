//! The macros that turn rows into types.

/// The codec of a row.
macro_rules! codec {
    () => {
        $crate::table::Plain
    };
    ($codec:ty) => {
        $codec
    };
}
pub(crate) use codec;

/// The permission for an action: the prefix and its word, unless the row says another.
macro_rules! permission {
    ($prefix:literal, $word:literal) => {
        concat!($prefix, $word)
    };
    ($prefix:literal, $word:literal, $permission:literal) => {
        $permission
    };
}
pub(crate) use permission;

/// Whether an action of this kind changes something.
macro_rules! changes {
    (reads) => {
        false
    };
    (changes) => {
        true
    };
}
pub(crate) use changes;

/// The requests of a namespace. A row: variant, word on the wire (and other spellings that are read; `as` the permission where it is
/// not that of the word), whether it reads or changes, the original's code for a failure, the fields, and what answers it.
macro_rules! actions {
    (
        $(#[$meta:meta])*
        pub enum $enum:ident, permissions $prefix:literal, answered by $reply:ident {
            $(
                $(#[doc = $doc:literal])*
                $variant:ident = $word:literal $(| $alias:literal)* $(as $permission:literal)?, $kind:ident, $code:literal
                $( { $( $(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $name:tt $(via $codec:ty)? ),* $(,)? } )?
                => $answer:ident $( ($payload:ty) )?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        pub enum $enum {
            $( $(#[doc = $doc])* $variant $( { $( $(#[doc = $fdoc])* $field: $ty ),* } )? ),*
        }

        #[allow(clippy::match_same_arms, clippy::trivially_copy_pass_by_ref)]
        impl $enum {
            /// The table that this is made from.
            pub const ROWS: &'static [$crate::table::ActionRow] = &[$(
                $crate::table::ActionRow {
                    word: $word,
                    aliases: &[$($alias),*],
                    permission: $crate::table::permission!($prefix, $word $(, $permission)?),
                    is_change: $crate::table::changes!($kind),
                    failure_code: $code,
                    summary: concat!($($doc),*),
                    fields: &[$( $(
                        $crate::table::FieldRow {
                            name: $name,
                            kind: stringify!($ty),
                            summary: concat!($($fdoc),*),
                        }
                    ),* )?],
                    answer: stringify!($($payload)?),
                }
            ),*];

            /// The value of the attribute `action`.
            pub const fn word(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $word ),* }
            }

            /// The permission that is asked for.
            pub const fn permission(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $crate::table::permission!($prefix, $word $(, $permission)?) ),* }
            }

            /// The original's code for a failure.
            pub const fn failure_code(&self) -> i32 {
                match self { $( Self::$variant { .. } => $code ),* }
            }

            /// Whether it changes something.
            pub const fn is_change(&self) -> bool {
                match self { $( Self::$variant { .. } => $crate::table::changes!($kind) ),* }
            }

            /// The action of this word with its arguments; `None` for a word that is not known.
            pub(crate) fn parse(
                word: &str,
                archipel: &minidom::Element,
            ) -> Result<Option<Self>, $crate::xml::ParseError> {
                let _ = archipel;
                Ok(Some(match word {
                    $( $word $(| $alias)* => Self::$variant $( { $(
                        $field: <$crate::table::codec!($($codec)?) as $crate::table::Codec<$ty>>::read(
                            archipel, rxml::xml_ncname!($name))?
                    ),* } )?, )*
                    _ => return Ok(None),
                }))
            }

            /// Writes the arguments onto `<archipel/>`.
            pub(crate) fn write(&self, archipel: $crate::xml::Build) -> $crate::xml::Build {
                match self { $(
                    Self::$variant $( { $($field),* } )? => {
                        $( $(
                            let archipel = <$crate::table::codec!($($codec)?) as $crate::table::Codec<$ty>>::write(
                                $field, rxml::xml_ncname!($name), archipel);
                        )* )?
                        archipel
                    }
                ),* }
            }

            /// Reads the answer to this action.
            pub(crate) fn parse_reply(
                &self,
                body: &minidom::Element,
            ) -> Result<$reply, $crate::xml::ParseError> {
                let _ = body;
                Ok(match self { $(
                    Self::$variant { .. } => $reply::$answer
                        $( (<$payload as $crate::table::Payload>::read(body)?) )?
                ),* })
            }
        }
    };
}
pub(crate) use actions;

/// The answers of a namespace.
macro_rules! replies {
    (
        $(#[$meta:meta])*
        pub enum $enum:ident {
            $( $(#[$doc:meta])* $variant:ident $( ($value:ident: $payload:ty) )? ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $enum {
            $( $(#[$doc])* $variant $( ($payload) )? ),*
        }

        impl $enum {
            /// The children of the answer's `<query/>`.
            pub(crate) fn to_elements(&self, namespace: &str) -> Vec<minidom::Element> {
                let _ = namespace;
                match self { $(
                    Self::$variant $( ($value) )? => {
                        #[allow(unused_mut, unused_assignments)]
                        let mut written = Vec::new();
                        $( written = <$payload as $crate::table::Payload>::write($value, namespace); )?
                        written
                    }
                ),* }
            }
        }
    };
}
pub(crate) use replies;

/// An element with fields.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $struct:ident = $element:literal in $namespace:path {
            $( $(#[$fdoc:meta])* $field:ident: $ty:ty = $name:tt $(via $codec:ty)? ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $struct {
            $( $(#[$fdoc])* pub $field: $ty ),*
        }

        impl $crate::table::Record for $struct {
            const NAME: &'static str = $element;

            fn read(element: &minidom::Element) -> Result<Self, $crate::xml::ParseError> {
                Ok(Self { $(
                    $field: <$crate::table::codec!($($codec)?) as $crate::table::Codec<$ty>>::read(
                        element, rxml::xml_ncname!($name))?
                ),* })
            }

            fn write(&self, build: $crate::xml::Build) -> $crate::xml::Build {
                $(
                    let build = <$crate::table::codec!($($codec)?) as $crate::table::Codec<$ty>>::write(
                        &self.$field, rxml::xml_ncname!($name), build);
                )*
                build
            }
        }

        impl $struct {
            #[doc = concat!("As `<", $element, "/>`.")]
            pub fn to_element(&self) -> minidom::Element {
                $crate::table::Record::element(self, $namespace)
            }

            #[doc = concat!("Reads `<", $element, "/>` in any namespace.")]
            pub fn parse(element: &minidom::Element) -> Result<Self, $crate::xml::ParseError> {
                $crate::xml::expect(element, $element)?;
                <Self as $crate::table::Record>::read(element)
            }
        }
    };
}
pub(crate) use record;

/// A closed list of words; read in any capitals.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $enum:ident, $wanted:literal {
            $( $(#[$doc:meta])* $variant:ident = $word:literal $(| $alias:literal)* ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum {
            $( $(#[$doc])* $variant ),*
        }

        impl $enum {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word on the wire.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word ),* }
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl $crate::table::Value for $enum {
            fn from_text(text: &str) -> Result<Self, String> {
                let word = text.trim().to_ascii_lowercase();
                match word.as_str() {
                    $( $word $(| $alias)* => Ok(Self::$variant), )*
                    _ => Err(concat!("not ", $wanted).to_owned()),
                }
            }

            fn to_text(&self) -> String {
                self.word().to_owned()
            }
        }

        impl std::str::FromStr for $enum {
            type Err = $crate::xml::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                <Self as $crate::table::Value>::from_text(text)
                    .map_err(|why| $crate::xml::ParseError::invalid($wanted, why))
            }
        }
    };
}
pub(crate) use words;
