//! Protobuf schemas: compilation, text, serialized descriptors, compatibility.
//!
//! The text is compiled by `protox` against the registry's references and the well-known types, so
//! that a schema is valid only if a compiler takes it. Stored is the text as it was sent (comments
//! are worth keeping) or, for a serialized descriptor, the text printed from it; equality is that of
//! the printed form. Message types are named with a leading dot there, which every compiler reads.

mod builtin;
mod diff;
mod options;
mod print;

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use prost_reflect::FileDescriptor;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use super::{Invalid, Resolved};

pub(crate) use diff::reads;

/// What the schema's own file is called while it is compiled.
const FILE: &str = "default.proto";
/// Deepest nesting of braces and brackets in a text.
const MAX_NESTING: usize = 100;

/// A compiled Protobuf schema.
#[derive(Debug, Clone)]
pub struct ProtobufSchema {
    text: String,
    file: FileDescriptor,
}

impl ProtobufSchema {
    /// Compiles `.proto` text, or a base64 `FileDescriptorProto` (what `confluent-kafka` registers).
    pub fn parse(text: &str, references: &[Resolved]) -> Result<Self, Invalid> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Invalid::new("the schema is empty"));
        }
        let (main, printed) = match descriptor_bytes(trimmed) {
            Some(bytes) => (Main::Descriptor(bytes), true),
            None => (Main::Text(trimmed.to_owned()), false),
        };
        let mut resolver = ChainFileResolver::new();
        resolver.add(Sources { main, references: references.to_vec() });
        resolver.add(builtin::Builtin);
        resolver.add(GoogleFileResolver::new());
        for reference in references {
            check_nesting(&reference.schema)?;
        }
        if !printed {
            check_nesting(trimmed)?;
        }
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.include_imports(true).open_file(FILE).map_err(|e| explain(&e))?;
        let pool = compiler.descriptor_pool();
        let file = pool.get_file_by_name(FILE).ok_or_else(|| Invalid::new("the compiler gave no descriptor"))?;
        if file.messages().len() == 0 && file.enums().len() == 0 {
            return Err(Invalid::new("the file defines no message and no enum"));
        }
        let text = if printed { print::file(&file, false) } else { trimmed.to_owned() };
        Ok(Self { text, file })
    }

    /// The text to store.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text free of layout and comments; sorted where order means nothing when `normalized`.
    pub fn canonical(&self, normalized: bool) -> String {
        print::file(&self.file, normalized)
    }

    /// The base64 `FileDescriptorProto`.
    pub fn serialized(&self) -> String {
        BASE64_STANDARD.encode(self.file.encode_to_vec())
    }
}

fn explain(error: &protox::Error) -> Invalid {
    // The first line names the problem; what follows quotes the source.
    let message = error.to_string();
    let place = error.file().map(|file| format!(" (in {file})")).unwrap_or_default();
    Invalid(format!("{}{place}", message.lines().next().unwrap_or("not a Protobuf schema")))
}

/// The bytes of a serialized descriptor; `None` when the text is a `.proto` file.
fn descriptor_bytes(text: &str) -> Option<Vec<u8>> {
    let base64 = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let mut bytes = base64.then(|| BASE64_STANDARD.decode(text).ok()).flatten()?;
    File::decode_file_descriptor_proto(bytes.as_slice()).ok()?;
    // The last value of a field counts: the file gets the name under which it is looked for.
    bytes.extend([0x0a, FILE.len() as u8]);
    bytes.extend(FILE.as_bytes());
    Some(bytes)
}

/// Refuses texts whose nesting could exhaust the stack of a recursive parser.
fn check_nesting(text: &str) -> Result<(), Invalid> {
    let mut depth = 0usize;
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' | b'(' | b'<' => depth += 1,
            b'}' | b']' | b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(Invalid(format!("nested deeper than {MAX_NESTING} levels")));
        }
    }
    Ok(())
}

enum Main {
    Text(String),
    Descriptor(Vec<u8>),
}

/// The schema and its references as files.
struct Sources {
    main: Main,
    references: Vec<Resolved>,
}

impl FileResolver for Sources {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        path.to_str().map(str::to_owned)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == FILE {
            return match &self.main {
                Main::Text(text) => File::from_source(FILE, text),
                Main::Descriptor(bytes) => {
                    File::decode_file_descriptor_proto(bytes.as_slice()).map_err(protox::Error::new)
                }
            };
        }
        match self.references.iter().find(|reference| reference.name == name) {
            Some(reference) => File::from_source(name, &reference.schema),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}
