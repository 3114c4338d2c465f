//! Names of the classes of STRUCTURED types.

/// Words of Java that name nothing else.
const RESERVED: [&str; 54] = [
    "_",
    "abstract",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "void",
    "volatile",
    "while",
];

/// Errors, in Flink's words, when `name` cannot be the name of a Java class: identifiers between dots, none of them a word of Java.
pub fn check(name: &str) -> Result<(), String> {
    if name.split('.').all(is_identifier) {
        return Ok(());
    }
    Err(format!("Invalid class name '{name}'. The class name must comply with JVM identifier rules."))
}

fn is_identifier(part: &str) -> bool {
    let starts = |c: char| c.is_alphabetic() || matches!(c, '_' | '$' | '€' | '£' | '¥' | '¢');
    let mut letters = part.chars();
    letters.next().is_some_and(starts) && letters.all(|c| starts(c) || c.is_numeric()) && !RESERVED.contains(&part)
}
