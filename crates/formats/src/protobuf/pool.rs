//! Compiling Protobuf texts, with the imports that every registry knows built in.

use prost_reflect::{ExtensionDescriptor, FileDescriptor};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use crate::error::FormatError;
use crate::schema::{RegisteredSchema, SchemaKind, SchemaReference};

/// Name under which a schema's own text is compiled.
const MAIN: &str = "nutkin-schema.proto";

/// A compiled schema.
#[derive(Debug, Clone)]
pub(crate) struct ProtoSchema {
    pub file: FileDescriptor,
    /// `confluent.field_meta`, when the schema uses it.
    pub field_meta: Option<ExtensionDescriptor>,
}

const META: &str = "confluent/meta.proto";

/// Files that a schema may import without registering them.
const BUILT_IN: [(&str, &str); 4] = [
    (
        META,
        r#"syntax = "proto3"; package confluent; import "google/protobuf/descriptor.proto";
        message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
        extend google.protobuf.FileOptions { Meta file_meta = 1088; }
        extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
        extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
        extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
        extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }"#,
    ),
    (
        "confluent/type/decimal.proto",
        r#"syntax = "proto3"; package confluent.type;
        message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }"#,
    ),
    (
        "google/type/date.proto",
        r#"syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }"#,
    ),
    (
        "google/type/timeofday.proto",
        r#"syntax = "proto3"; package google.type;
        message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }"#,
    ),
];

/// Files held in memory.
struct Texts(Vec<(String, String)>);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match self.0.iter().find(|(known, _)| known == name) {
            Some((name, text)) => File::from_source(name, text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}

/// Compiles `schema` with its references.
pub(crate) fn compile(schema: &RegisteredSchema) -> Result<ProtoSchema, FormatError> {
    let mut texts = vec![(MAIN.to_owned(), readable(&schema.text))];
    texts.extend(schema.references.iter().map(|SchemaReference { name, text }| (name.clone(), readable(text))));
    let built_in = BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let mut resolver = ChainFileResolver::new();
    resolver.add(Texts(texts));
    resolver.add(Texts(built_in.collect()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(false);
    compiler.open_file(MAIN).map_err(|error| failure(&error))?;
    let pool = compiler.descriptor_pool();
    let file = pool.get_file_by_name(MAIN).ok_or_else(|| invalid("", "the compiled schema is gone"))?;
    let field_meta = pool.get_extension_by_name("confluent.field_meta");
    Ok(ProtoSchema { file, field_meta })
}

fn failure(error: &protox::Error) -> FormatError {
    let text = error.to_string();
    if error.is_file_not_found() {
        // The error's own file is the importing one; the text quotes the missing one.
        let name = text.split('\'').nth(1).unwrap_or(&text).to_owned();
        return FormatError::MissingReference { kind: SchemaKind::Protobuf, name };
    }
    invalid("", text)
}

pub(crate) fn invalid(path: &str, cause: impl Into<String>) -> FormatError {
    let place = if path.is_empty() { "its top level".to_owned() } else { format!("'{path}'") };
    FormatError::InvalidSchema { kind: SchemaKind::Protobuf, place, cause: cause.into() }
}

/// Names of the annotations.
const ANNOTATIONS: [&str; 5] = [
    "(confluent.field_meta)",
    "(confluent.message_meta)",
    "(confluent.file_meta)",
    "(confluent.enum_meta)",
    "(confluent.enum_value_meta)",
];

/// Registries take annotations without their import, and under a name that inside package `io.confluent` means another
/// one; they hand such schemas out, too.
fn readable(text: &str) -> String {
    if !ANNOTATIONS.iter().any(|name| text.contains(name)) {
        return text.to_owned();
    }
    let text = ANNOTATIONS.iter().fold(text.to_owned(), |text, name| text.replace(name, &name.replacen('(', "(.", 1)));
    if text.contains(META) {
        return text;
    }
    let import = format!("import \"{META}\";");
    // After the syntax statement, which must come first.
    match text.find("syntax").and_then(|start| text[start..].find(';').map(|end| start + end + 1)) {
        Some(end) => format!("{}{import}{}", &text[..end], &text[end..]),
        None => format!("{import}{text}"),
    }
}
