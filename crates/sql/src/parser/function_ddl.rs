//! CREATE FUNCTION (D-11).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{CreateFunction, FunctionLanguage, FunctionResource, ResourceKind, Statement};

const LANGUAGES: [(&str, FunctionLanguage); 4] = [
    ("JAVA", FunctionLanguage::Java),
    ("SCALA", FunctionLanguage::Scala),
    ("SQL", FunctionLanguage::Sql),
    ("PYTHON", FunctionLanguage::Python),
];

const RESOURCES: [(&str, ResourceKind); 4] = [
    ("JAR", ResourceKind::Jar),
    ("FILE", ResourceKind::File),
    ("ARCHIVE", ResourceKind::Archive),
    ("ARTIFACT", ResourceKind::Artifact),
];

impl Parser<'_> {
    pub(super) fn create_function(&mut self, words: CreateWords) -> Parsed<Statement> {
        if words.or_replace || words.or_alter {
            let what = if words.or_replace { "CREATE OR REPLACE FUNCTION" } else { "CREATE OR ALTER FUNCTION" };
            return self.unsupported(
                words.start,
                what,
                "Functions do not change: drop the function and create it again.",
            );
        }
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        self.expect_kw("AS")?;
        let class = self.string()?;
        let mut function = CreateFunction {
            temporary: words.temporary,
            system: words.system,
            if_not_exists,
            name,
            class,
            language: None,
            resources: Vec::new(),
            connections: Vec::new(),
            span: words.start,
        };
        if self.eat_kw("LANGUAGE") {
            function.language = Some(self.function_language()?);
        }
        while self.eat_kw("USING") {
            if self.eat_kw("CONNECTIONS") {
                function.connections = self.paren_list(Self::string)?;
            } else {
                let resources = self.list(Self::function_resource)?;
                function.resources.extend(resources);
            }
        }
        function.span = self.since(words.start);
        Ok(Statement::CreateFunction(Box::new(function)))
    }

    fn function_language(&mut self) -> Parsed<FunctionLanguage> {
        for (word, language) in LANGUAGES {
            if self.eat_kw(word) {
                return Ok(language);
            }
        }
        self.unexpected()
    }

    fn function_resource(&mut self) -> Parsed<FunctionResource> {
        for (word, kind) in RESOURCES {
            if self.eat_kw(word) {
                let uri = self.string()?;
                return Ok(FunctionResource { kind, uri });
            }
        }
        self.unexpected()
    }
}
